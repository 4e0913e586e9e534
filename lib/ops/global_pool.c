/* All rows to one. */
#include "ops/list.h"
#include "ops/reducer.h"

typedef struct prepared {
    hari_reducer reducer;
    uint32_t rows_in;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_reducer_check(graph, node, node->pool, 1, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->reducer = hari_reducer_of(graph, step->node, step->node->pool);
    p->rows_in = hari_input(graph, step->node, 0)->rows;
    step->isa = hari_reducer_isa(&p->reducer, step->kernels);
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    hari_reduce(&p->reducer, step->kernels, inputs[0], 0, p->rows_in, p->rows_in, output, 0);
}

const hari_op hari_global_pool_op = {
    .name = "global_pool", .check = check, .prepare = prepare, .run = run};
