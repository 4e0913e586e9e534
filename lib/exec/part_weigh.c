/* Weights for XNNPACK: those of the file where they can be used as they are, else a copy with the
 * affine folded in by the rule of docs/design/numbers.md. */
#include "base/error.h"
#include "exec/part.h"

/* NULL where there is no such constant. */
static const void *constant(const hari_graph *graph, const hari_node *node, uint32_t position)
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

/* The scales of the weights and of the bias, one for each column. */
static int32_t spread_scales(const hari_graph *graph, const hari_step *step, hari_part_op *op,
                             hari_pool *pool, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *weight = hari_input(graph, step->node, 1);
    float *scales = hari_pool_alloc(pool, op->columns_out, sizeof *scales);
    float *bias_scales = hari_pool_alloc(pool, op->columns_out, sizeof *bias_scales);
    if (!scales || !bias_scales)
        return hari_fail(error, HAR_ERR_MEMORY, "%s scales", hari_op_name(step->node->kind));
    for (uint32_t o = 0; o < op->columns_out; o++) {
        scales[o] = weight->scales[weight->scale_count == 1 ? 0 : o];
        bias_scales[o] = x->scales[0] * scales[o];
    }
    op->scales = scales;
    op->bias_scales = bias_scales;
    return HAR_OK;
}

int32_t hari_part_weigh(const hari_graph *graph, const hari_step *step, hari_part_op *op,
                        hari_pool *pool, har_error *error)
{
    op->weights = constant(graph, step->node, 1);
    op->bias = constant(graph, step->node, 2);
    const float *scales = constant(graph, step->fused.affine, 1);
    if (hari_input(graph, step->node, 0)->dtype != HARI_F32) {
        int32_t status = spread_scales(graph, step, op, pool, error);
        if (status != HAR_OK) return status;
    }
    if (!scales && op->bias) return HAR_OK;
    float *bias = hari_pool_alloc(pool, op->columns_out, sizeof *bias); /* zeros, also as I32 */
    if (!bias)
        return hari_fail(error, HAR_ERR_MEMORY, "%s weights", hari_op_name(step->node->kind));
    if (scales) {
        const size_t count = hari_input(graph, step->node, 1)->elements;
        float *weights = hari_pool_alloc(pool, count, sizeof *weights);
        if (!weights)
            return hari_fail(error, HAR_ERR_MEMORY, "%s weights", hari_op_name(step->node->kind));
        fold_weights(op, op->weights, scales, weights);
        fold_bias(op, op->bias, scales, constant(graph, step->fused.affine, 2), bias);
        op->weights = weights;
    }
    op->bias = bias;
    return HAR_OK;
}
