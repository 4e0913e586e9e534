/* All rows to one. */
#include "ops/list.h"
#include "ops/reducer.h"

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_reducer_check(graph, node, node->pool, 1, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    hari_reducer *r = hari_prepare(step, sizeof *r, pool, error);
    if (!r) return HAR_ERR_MEMORY;
    *r = hari_reducer_prepare(step, graph, step->node->pool);
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_reducer *r = step->prepared;
    hari_reduce(r, step->kernels, inputs[0], 0, r->rows_in, r->rows_in, output, 0);
}

const hari_op hari_global_pool_op = {
    .name = "global_pool", .check = check, .prepare = prepare, .run = run};
