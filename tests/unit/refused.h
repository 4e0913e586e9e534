/* What the tests of refused graphs share: how a refusal looks, and what they change. */
#ifndef TESTS_UNIT_REFUSED_H
#define TESTS_UNIT_REFUSED_H

#include "graph_maker.h"

enum { ROWS = 8, COLUMNS = 4 };

static inline void assert_refused(maker *m, const char *field)
{
    har_error error;
    har_error_init(&error, sizeof error);
    const hari_node *node = &m->nodes[0];
    assert_int_equal(hari_op_of(node->kind)->check(&m->graph, node, &error), HAR_ERR_FILE_MEANING);
    assert_string_equal(error.field, field);
    assert_true(strlen(error.text) > strlen(field));
}

/* Input 1 is a constant. */
static inline hari_tensor *constant_second(maker *m, hari_dtype dtype)
{
    m->nodes[0].inputs[1] = make_codes(m, dtype, ROWS, COLUMNS, 0.1f, 0);
    hari_tensor *second = &m->tensors[m->nodes[0].inputs[1]];
    second->data = make_values(m, m->nodes[0].inputs[1]);
    return second;
}

static inline void tiny_scale(maker *m) { m->tensors[m->nodes[0].output].scales[0] = 3e38f; }

#endif /* TESTS_UNIT_REFUSED_H */
