/* Products of two computed matrices, head by head: of queries and keys, and of weights and values,
 * as the gradient of attention takes them (docs/design/explain.md).
 *
 *     begin 0   y[rows][keys] = x[rows][d] . w[keys][d]
 *     begin 1   y[rows][e] = x[rows][keys] w[keys][e]
 *     begin 2   y[keys][e] = x[rows][keys], turned, times w[rows][e]
 *
 * Columns are of all heads, one after the other; y is times the node's scale. */
#include <math.h>

#include "base/error.h"
#include "ops/list.h"
#include "ops/matmul.h"

typedef struct prepared {
    hark_conv_f32 conv;
    hari_matrix matrix;
    size_t panels; /* floats of the scratch, before the turned input */
} prepared;

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_node *node = step->node;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *w = hari_input(graph, node, 1);
    const hari_tensor *y = hari_output(graph, node);
    const bool is_turned = node->begin == HARI_MATMUL_TURNED;
    const uint32_t columns_in = is_turned ? node->heads * x->rows : x->columns;
    hark_conv *shape = &p->conv.shape;
    *shape = hari_heads_product(node->heads, columns_in, y->columns);
    shape->rows = y->rows;
    const size_t width = w->columns / node->heads;
    p->matrix = node->begin == HARI_MATMUL_DOTS
                    ? (hari_matrix){NULL, width, w->columns, 1, node->scale}
                    : (hari_matrix){NULL, width, 1, w->columns, node->scale};
    const uint64_t panels = (uint64_t)hark_packed_columns(shape) * (columns_in / node->heads);
    const uint64_t floats = panels + (is_turned ? x->elements : 0);
    if (floats > HARI_MAX_HALO_BYTES / sizeof(float))
        return hari_fail(error, HAR_ERR_MEMORY, "product of computed matrices");
    p->panels = (size_t)panels;
    step->scratch_bytes = (size_t)floats * sizeof(float);
    float *bias = hari_pool_alloc(pool, hark_packed_columns(shape), sizeof *bias);
    if (!bias) return hari_fail(error, HAR_ERR_MEMORY, "product of computed matrices");
    p->conv.bias = bias;
    p->conv.low = -INFINITY;
    p->conv.high = INFINITY;
    step->macs = (uint64_t)y->elements * (columns_in / node->heads);
    step->isa = step->kernels->conv_f32_isa;
    return HAR_OK;
}

void hari_pack_matrix(const hark_conv *s, const hari_matrix *m, float *panels)
{
    const uint32_t outputs = s->columns_out / s->groups;
    const uint32_t inputs = s->columns_in / s->groups;
    for (uint32_t g = 0; g < s->groups; g++)
        for (uint32_t first = 0; first < outputs; first += HARK_PANEL) {
            const float *from = m->values + g * m->group_step + first * m->output_step;
            const uint32_t count = outputs - first < HARK_PANEL ? outputs - first : HARK_PANEL;
            for (uint32_t i = 0; i < inputs; i++, from += m->input_step, panels += HARK_PANEL)
                for (uint32_t o = 0; o < HARK_PANEL; o++)
                    panels[o] = o < count ? from[o * m->output_step] * m->factor : 0.0f;
        }
}

/* x[rows][heads][keys] to [keys][heads][rows] */
static void turn(const float *x, uint32_t rows, uint32_t heads, uint32_t keys, float *turned)
{
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t h = 0; h < heads; h++)
            for (uint32_t k = 0; k < keys; k++) turned[((size_t)k * heads + h) * rows + r] = *x++;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    const hark_conv *shape = &p->conv.shape;
    hari_matrix matrix = p->matrix;
    matrix.values = inputs[1];
    hari_pack_matrix(shape, &matrix, scratch);
    const float *x = inputs[0];
    if (step->node->begin == HARI_MATMUL_TURNED) {
        float *turned = (float *)scratch + p->panels;
        turn(x, shape->columns_in / shape->groups, shape->groups, shape->rows, turned);
        x = turned;
    }
    hark_conv_f32 conv = p->conv;
    conv.weights = scratch;
    step->kernels->conv_f32(&conv, x, output);
}

const hari_op hari_matmul_op = {.prepare = prepare, .run = run};
