/* The gradient through sliding, adaptive and global pools: inputs are the gradient and, of a
 * maximum, the pool's input, whose first largest value takes all. An adaptive or global pool has
 * no kernel. */
#include <string.h>

#include "ops/list.h"
#include "ops/reducer.h"
#include "ops/sliding.h"

typedef struct prepared {
    const hari_tensor *x;
    const hari_tensor *y;
    hari_slide slide;
} prepared;

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->x = hari_output(graph, step->node);
    p->y = hari_input(graph, step->node, 0);
    if (step->node->sliding.kernel == 0) return HAR_OK;
    return hari_slide_over(graph, step->node, &step->node->sliding, p->x->rows, &p->slide, error);
}

/* `count` values `step` apart: the gradient `g` of what became of them. */
static void spread(const float *x, size_t count, size_t step, bool is_max, float g, float *dx)
{
    size_t first = 0;
    for (size_t i = 1; is_max && i < count; i++)
        if (x[i * step] > x[first * step]) first = i;
    if (is_max)
        dx[first * step] += g;
    else
        for (size_t i = 0; i < count; i++) dx[i * step] += g;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const hari_node *node = step->node;
    const uint32_t columns = p->x->columns;
    const bool is_max = node->pool == HARI_POOL_MAX;
    const float *g = inputs[0];
    const float *x = is_max ? inputs[1] : NULL;
    float *dx = output;
    memset(dx, 0, p->x->elements * sizeof *dx);
    for (uint32_t t = 0; t < p->y->rows; t++) {
        uint32_t first = t;
        uint32_t count = 1;
        if (node->sliding.kernel > 0)
            hari_slide_covers(&node->sliding, &p->slide, p->x->rows, t, &first, &count);
        else if (node->axis == 0)
            hari_share_of(p->x->rows, p->y->rows, t, &first, &count);
        const size_t at = (size_t)first * columns;
        const bool is_row = node->axis == 0;
        const uint32_t whole = node->count_padding ? node->sliding.kernel
                               : is_row            ? count
                                                   : columns;
        const float factor = node->pool == HARI_POOL_AVERAGE ? 1.0f / (float)whole : 1.0f;
        for (uint32_t c = 0; c < p->y->columns; c++)
            spread(is_max ? x + at + c : NULL, is_row ? count : columns, is_row ? columns : 1,
                   is_max, *g++ * factor, dx + at + c);
    }
}

const hari_op hari_back_pool_op = {
    .name = "back_pool", .check = hari_check_nothing, .prepare = prepare, .run = run};
