/* All rows as one. Rows lie without gaps, so nothing moves: the plan gives the output the input's
 * place. */
#include "ops/list.h"

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_computed(graph, node, 0, x->dtype, x->dtype, error);
    if (status == HAR_OK) status = hari_expect_same_codes(graph, node, 0, error);
    if (status == HAR_OK) status = hari_expect_output(graph, node, x->dtype, 1, x->elements, error);
    return status;
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    (void)graph;
    (void)pool;
    (void)error;
    step->isa = "none";
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)step;
    (void)inputs;
    (void)output;
    (void)scratch;
}

/* The same to any shape of as many elements. */
const hari_op hari_reshape_op = {.prepare = prepare, .run = run, .moves_nothing = true};
const hari_op hari_flatten_op = {
    .check = check, .prepare = prepare, .run = run, .moves_nothing = true};
