/* All rows to one, or all columns. */
#include "ops/list.h"
#include "ops/reducer.h"

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_reducer_check(graph, node, node->pool, node->axis, 1, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    hari_reducer *r = hari_prepare(step, sizeof *r, pool, error);
    if (!r) return HAR_ERR_MEMORY;
    if (step->node->axis != 0) hari_goes_by_rows(step);
    *r = hari_reducer_prepare(step, graph, step->node->pool, step->node->axis);
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_reducer *r = step->prepared;
    const uint32_t count = r->axis == 0 ? r->rows_in : r->columns;
    const uint32_t divisor = r->kind == HARI_POOL_SUM ? 1 : count;
    if (r->axis == 0)
        hari_reduce(r, step->kernels, inputs[0], 0, r->rows_in, divisor, output, 0);
    else
        hari_reduce_columns(r, step->kernels, inputs[0], divisor, output);
}

const hari_op hari_global_pool_op = {.check = check, .prepare = prepare, .run = run};
