/* The gradient through sliding, adaptive and global pools: inputs are the gradient and, of a
 * maximum, the pool's input and output: the first value that is the largest takes all. An adaptive
 * or global pool has no kernel. */
#include <math.h>
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
    step->scratch_bytes = p->y->columns * sizeof(float);
    if (step->node->sliding.kernel == 0) return HAR_OK;
    return hari_slide_over(graph, step->node, &step->node->sliding, p->x->rows, &p->slide, error);
}

/* Rows of the input: `count` from `first` on. */
typedef struct reach {
    uint32_t first, count;
} reach;

static reach reach_of(const hari_step *step, uint32_t t)
{
    const prepared *p = step->prepared;
    reach r = {t, 1};
    if (step->node->sliding.kernel > 0)
        hari_slide_covers(&step->node->sliding, &p->slide, p->x->rows, t, &r.first, &r.count);
    else if (step->node->axis == 0)
        hari_share_of(p->x->rows, p->y->rows, t, &r.first, &r.count);
    return r;
}

/* A row of a maximum: from its gradient, output and input to that by the input. */
static void back_max(const hari_step *step, reach r, const float *g, const float *y, const float *x,
                     float *dx)
{
    const prepared *p = step->prepared;
    const uint32_t columns = p->x->columns;
    const bool is_rows = step->node->axis == 0;
    const size_t stride = is_rows ? columns : 1;
    const size_t last = stride * ((is_rows ? r.count : columns) - 1);
    for (uint32_t c = 0; c < p->y->columns; c++) {
        size_t at = c;
        while (at < c + last && x[at] != y[c]) at += stride;
        dx[at] += g[c];
    }
}

/* A row of a mean or a sum: a share for each of its rows, or for each column. */
static void back_mean(const hari_step *step, reach r, const float *g, float *shares, float *dx)
{
    const prepared *p = step->prepared;
    const hari_node *node = step->node;
    const uint32_t columns = p->x->columns;
    const bool is_rows = node->axis == 0;
    const uint32_t all = node->count_padding ? node->sliding.kernel : is_rows ? r.count : columns;
    const float factor = node->pool == HARI_POOL_AVERAGE ? 1.0f / (float)all : 1.0f;
    const hark_pair scaled = {1, p->y->columns, 0, 0, true};
    const hark_pair added = {r.count, columns, columns, 0, !is_rows};
    step->kernels->multiply_f32(&scaled, g, &factor, -INFINITY, INFINITY, shares);
    step->kernels->add_f32(&added, dx, shares, -INFINITY, INFINITY, dx);
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    memset(output, 0, p->x->elements * sizeof(float));
    for (uint32_t t = 0; t < p->y->rows; t++) {
        const reach r = reach_of(step, t);
        const size_t from = (size_t)t * p->y->columns;
        const size_t to = (size_t)r.first * p->x->columns;
        const float *g = (const float *)inputs[0] + from;
        float *dx = (float *)output + to;
        if (step->node->pool == HARI_POOL_MAX)
            back_max(step, r, g, (const float *)inputs[2] + from, (const float *)inputs[1] + to,
                     dx);
        else
            back_mean(step, r, g, scratch, dx);
    }
}

const hari_op hari_back_pool_op = {.prepare = prepare, .run = run};
