/* Some of the rows (axis 0) or of the columns (axis 1): a copy, because a step after it may write
 * around its input. */
#include <string.h>

#include "base/error.h"
#include "ops/list.h"

/* Runs of bytes: how many, how long, where the first begins and how far apart they are. */
typedef struct prepared {
    uint32_t chunks;
    size_t bytes;
    size_t begin;
    size_t step;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_computed(graph, node, 0, x->dtype, x->dtype, error);
    if (status == HAR_OK) status = hari_expect_same_codes(graph, node, 0, error);
    if (status != HAR_OK) return status;
    const uint32_t size = node->axis == 0 ? x->rows : x->columns;
    const uint64_t end = (uint64_t)node->begin + node->count;
    const hari_op_path path = hari_path_of(graph, node);
    if (node->count < 1)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, node->count, "at least", 1, "%s.count",
                               path.text);
    if (end > size)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)end, "at most", size,
                               "%s.begin + count", path.text);
    return hari_expect_output(graph, node, x->dtype, node->axis == 0 ? node->count : x->rows,
                              node->axis == 0 ? x->columns : node->count, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_node *node = step->node;
    const hari_tensor *x = hari_input(graph, node, 0);
    const size_t element = hari_dtype_size(x->dtype);
    const size_t row = x->columns * element;
    if (node->axis == 0)
        *p = (prepared){1, node->count * row, node->begin * row, 0};
    else
        *p = (prepared){x->rows, node->count * element, node->begin * element, row};
    if (node->axis != 0) hari_goes_by_rows(step);
    step->isa = "ref";
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const unsigned char *from = (const unsigned char *)inputs[0] + p->begin;
    unsigned char *to = output;
    for (uint32_t i = 0; i < p->chunks; i++, from += p->step, to += p->bytes)
        memcpy(to, from, p->bytes);
}

const hari_op hari_slice_op = {.check = check, .prepare = prepare, .run = run};
