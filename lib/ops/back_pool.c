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

/* Input rows first .. first + count - 1 of output row `t`. */
static void rows_of(const hari_step *step, uint32_t t, uint32_t *first, uint32_t *count)
{
    const prepared *p = step->prepared;
    const hari_node *node = step->node;
    if (node->sliding.kernel > 0)
        hari_slide_covers(&node->sliding, &p->slide, p->x->rows, t, first, count);
    else if (node->axis == 0)
        hari_share_of(p->x->rows, p->y->rows, t, first, count);
    else
        *first = t, *count = 1;
}

/* Output row `t` of a maximum. */
static void back_max(const hari_step *step, const void *const *inputs, uint32_t t, float *output)
{
    const prepared *p = step->prepared;
    const uint32_t columns = p->x->columns;
    uint32_t first;
    uint32_t count;
    rows_of(step, t, &first, &count);
    const bool is_rows = step->node->axis == 0;
    const size_t stride = is_rows ? columns : 1;
    const size_t last = stride * ((is_rows ? count : columns) - 1);
    for (uint32_t c = 0; c < p->y->columns; c++) {
        const size_t of = (size_t)t * p->y->columns + c;
        const float largest = ((const float *)inputs[2])[of];
        const float *x = (const float *)inputs[1] + (size_t)first * columns + c;
        size_t at = 0;
        while (at < last && x[at] != largest) at += stride;
        output[(size_t)first * columns + c + at] += ((const float *)inputs[0])[of];
    }
}

/* Output row `t` of a mean or a sum: a share for each of its rows, or for each column. */
static void back_mean(const hari_step *step, const float *g, uint32_t t, float *output, float *row)
{
    const prepared *p = step->prepared;
    const hari_node *node = step->node;
    const uint32_t columns = p->x->columns;
    const bool is_rows = node->axis == 0;
    uint32_t first;
    uint32_t count;
    rows_of(step, t, &first, &count);
    const uint32_t all = node->count_padding ? node->sliding.kernel : is_rows ? count : columns;
    const float factor = node->pool == HARI_POOL_AVERAGE ? 1.0f / (float)all : 1.0f;
    const hark_pair scaled = {1, p->y->columns, 0, 0, true};
    const hark_pair added = {count, columns, columns, 0, !is_rows};
    float *dx = output + (size_t)first * columns;
    step->kernels->multiply_f32(&scaled, g + (size_t)t * p->y->columns, &factor, -INFINITY,
                                INFINITY, row);
    step->kernels->add_f32(&added, dx, row, -INFINITY, INFINITY, dx);
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    memset(output, 0, p->x->elements * sizeof(float));
    for (uint32_t t = 0; t < p->y->rows; t++)
        if (step->node->pool == HARI_POOL_MAX)
            back_max(step, inputs, t, output);
        else
            back_mean(step, inputs[0], t, output, scratch);
}

const hari_op hari_back_pool_op = {.name = "back_pool", .prepare = prepare, .run = run};
