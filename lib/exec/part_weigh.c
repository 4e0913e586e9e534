/* Weights for XNNPACK: those of the file where they can be used as they are, else a copy with the
 * affine folded in by the rule of docs/design/numbers.md. */
#include "base/error.h"
#include "exec/part.h"

/* NULL where there is no such constant. */
static const float *constant(const hari_graph *graph, const hari_node *node, uint32_t position)
{
    if (!node || position >= node->input_count) return NULL;
    return hari_input(graph, node, position)->data;
}

/* w * scale in binary64, rounded once. */
static void fold_weights(const hari_part_op *op, const float *source, const float *scales,
                         float *weights)
{
    const size_t values = (size_t)op->kernel * (op->columns_in / op->groups);
    for (uint32_t o = 0; o < op->columns_out; o++)
        for (size_t i = 0; i < values; i++)
            weights[o * values + i] = (float)((double)source[o * values + i] * scales[o]);
}

/* b * scale + offset in binary64, rounded once. `source` may be NULL: zeros. */
static void fold_bias(const hari_part_op *op, const float *source, const float *scales,
                      const float *offsets, float *bias)
{
    for (uint32_t o = 0; o < op->columns_out; o++)
        bias[o] = (float)((source ? source[o] : 0.0) * scales[o] + offsets[o]);
}

int32_t hari_part_weigh(const hari_graph *graph, const hari_step *step, hari_part_op *op,
                        hari_pool *pool, har_error *error)
{
    op->weights = constant(graph, step->node, 1);
    op->bias = constant(graph, step->node, 2);
    const float *scales = constant(graph, step->fused.affine, 1);
    if (!scales && op->bias) return HAR_OK;
    float *bias = hari_pool_alloc(pool, op->columns_out, sizeof *bias); /* zeros */
    if (!bias) return hari_fail(error, HAR_ERR_MEMORY, "%s weights", step->op->name);
    if (scales) {
        const size_t count = hari_input(graph, step->node, 1)->elements;
        float *weights = hari_pool_alloc(pool, count, sizeof *weights);
        if (!weights) return hari_fail(error, HAR_ERR_MEMORY, "%s weights", step->op->name);
        fold_weights(op, op->weights, scales, weights);
        fold_bias(op, op->bias, scales, constant(graph, step->fused.affine, 2), bias);
        op->weights = weights;
    }
    op->bias = bias;
    return HAR_OK;
}
