/* Adaptive average pool: any input length to a stated number of rows. */
#include "ops/list.h"
#include "ops/reducer.h"

typedef struct prepared {
    hari_reducer reducer;
    uint32_t rows_in;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_reducer_check(graph, node, HARI_POOL_AVERAGE, node->rows, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->reducer = hari_reducer_of(graph, step->node, HARI_POOL_AVERAGE);
    p->rows_in = hari_input(graph, step->node, 0)->rows;
    step->isa = hari_reducer_isa(&p->reducer, step->kernels);
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const uint64_t rows = step->node->rows;
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t begin = (uint32_t)(i * (uint64_t)p->rows_in / rows);
        uint32_t end = (uint32_t)(((i + 1) * (uint64_t)p->rows_in + rows - 1) / rows);
        hari_reduce(&p->reducer, step->kernels, inputs[0], begin, end - begin, end - begin, output,
                    i);
    }
}

const hari_op hari_adaptive_pool_op = {
    .name = "adaptive_pool", .check = check, .prepare = prepare, .run = run};
