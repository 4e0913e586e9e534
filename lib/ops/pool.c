/* Max and average pools that slide over the rows. */
#include "ops/list.h"
#include "ops/reducer.h"
#include "ops/sliding.h"

typedef struct prepared {
    hari_reducer reducer;
    hari_slide slide;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    hari_slide slide;
    int32_t status = hari_slide_over(graph, node, &node->sliding, x->rows, &slide, error);
    if (status != HAR_OK) return status;
    return hari_reducer_check(graph, node, node->pool, 0, slide.rows, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_sliding *s = &step->node->sliding;
    p->reducer = hari_reducer_prepare(step, graph, step->node->pool, 0);
    int32_t status = hari_slide_over(graph, step->node, s, p->reducer.rows_in, &p->slide, error);
    step->reach = (hari_reach){
        .stride = s->stride, .pad = p->slide.pad_left, .extent = s->kernel, .unit = 1, .pool = 1};
    return status;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const hari_sliding *sliding = &step->node->sliding;
    for (uint32_t t = 0; t < p->slide.rows; t++) {
        uint32_t first;
        uint32_t count;
        hari_slide_covers(sliding, &p->slide, p->reducer.rows_in, t, &first, &count);
        uint32_t divisor = step->node->count_padding ? sliding->kernel : count;
        hari_reduce(&p->reducer, step->kernels, inputs[0], first, count, divisor, output, t);
    }
}

const hari_op hari_pool_op = {.check = check, .prepare = prepare, .run = run};
