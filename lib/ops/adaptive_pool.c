/* Adaptive average pool: any input length to a stated number of rows. */
#include "ops/list.h"
#include "ops/reducer.h"

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_reducer_check(graph, node, HARI_POOL_AVERAGE, 0, node->rows, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    hari_reducer *r = hari_prepare(step, sizeof *r, pool, error);
    if (!r) return HAR_ERR_MEMORY;
    *r = hari_reducer_prepare(step, graph, HARI_POOL_AVERAGE, 0);
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_reducer *r = step->prepared;
    const uint32_t rows = step->node->rows;
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t first;
        uint32_t count;
        hari_share_of(r->rows_in, rows, i, &first, &count);
        hari_reduce(r, step->kernels, inputs[0], first, count, count, output, i);
    }
}

const hari_op hari_adaptive_pool_op = {.check = check, .prepare = prepare, .run = run};
