#include "ops/weighted.h"

#include "base/error.h"

/* One of the two is in use, by the type of the input. */
typedef struct prepared {
    hark_conv_f32 f32;
    hark_conv_q q;
    hari_dtype in;
    hari_dtype out;
} prepared;

/* A folded affine's factor and offset of an output column, 1 and 0 without one. */
static double affine_value(const hari_step *step, const hari_graph *graph, uint32_t position,
                           uint32_t column)
{
    if (!step->fused.affine) return position == 1 ? 1.0 : 0.0;
    return ((const float *)hari_input(graph, step->fused.affine, position)->data)[column];
}

static double bias_value(const hari_step *step, const hari_graph *graph, uint32_t column)
{
    if (step->node->input_count < 3) return 0.0;
    return ((const float *)hari_input(graph, step->node, 2)->data)[column];
}

/* [out][kernel][in] of the file becomes, per group, [kernel * in][out]; an affine is folded on the
 * way. */
static int32_t prepare_f32(hari_step *step, const hari_graph *graph, prepared *p,
                           const hark_conv *shape, hari_pool *pool, har_error *error)
{
    const float *source = hari_input(graph, step->node, 1)->data;
    const uint32_t outputs = shape->columns_out / shape->groups;
    const uint32_t values = shape->kernel * (shape->columns_in / shape->groups);
    float *weights = hari_pool_alloc(pool, (size_t)shape->columns_out * values, sizeof *weights);
    float *bias = hari_pool_alloc(pool, shape->columns_out, sizeof *bias);
    if (!weights || !bias) return hari_fail(error, HAR_ERR_MEMORY, "%s weights", step->op->name);
    for (uint32_t o = 0; o < shape->columns_out; o++) {
        const double scale = affine_value(step, graph, 1, o);
        float *column = weights + (size_t)(o / outputs) * values * outputs + o % outputs;
        for (uint32_t i = 0; i < values; i++)
            column[(size_t)i * outputs] = (float)(source[(size_t)o * values + i] * scale);
        bias[o] = (float)(bias_value(step, graph, o) * scale + affine_value(step, graph, 2, o));
    }
    hari_bounds bounds =
        hari_activation_bounds(step->fused.activation, hari_output(graph, step->node));
    p->f32 = (hark_conv_f32){*shape, weights, bias, bounds.low, bounds.high};
    step->scratch_bytes = shape->pool > 1 ? shape->columns_out * sizeof(float) : 0;
    step->isa = step->kernels->conv_f32_isa;
    return HAR_OK;
}

static int32_t prepare_q(hari_step *step, const hari_graph *graph, prepared *p,
                         const hark_conv *shape, hari_pool *pool, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *weight = hari_input(graph, step->node, 1);
    const hari_tensor *y = hari_output(graph, step->node);
    int32_t *bias = hari_pool_alloc(pool, shape->columns_out, sizeof *bias);
    float *multipliers = hari_pool_alloc(pool, shape->columns_out, sizeof *multipliers);
    if (!bias || !multipliers) return hari_fail(error, HAR_ERR_MEMORY, "%s bias", step->op->name);
    for (uint32_t o = 0; o < shape->columns_out; o++) {
        float product = x->scales[0] * weight->scales[weight->scale_count == 1 ? 0 : o];
        multipliers[o] = y->dtype == HARI_U8 ? product / y->scales[0] : product;
        if (step->node->input_count > 2)
            bias[o] = ((const int32_t *)hari_input(graph, step->node, 2)->data)[o];
    }
    hari_bounds bounds = hari_activation_bounds(step->fused.activation, y);
    p->q = (hark_conv_q){.shape = *shape,
                         .weights = weight->data,
                         .bias = bias,
                         .multipliers = multipliers,
                         .zero_in = x->zero_point,
                         .zero_out = y->zero_point,
                         .low = bounds.low_code,
                         .high = bounds.high_code};
    const hark_table *k = step->kernels;
    const bool to_u8 = y->dtype == HARI_U8;
    step->isa = x->dtype == HARI_U8 ? (to_u8 ? k->conv_u8_u8_isa : k->conv_u8_f32_isa)
                                    : (to_u8 ? k->conv_i16_u8_isa : k->conv_i16_f32_isa);
    return HAR_OK;
}

int32_t hari_weighted_prepare(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                              hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->in = hari_input(graph, step->node, 0)->dtype;
    p->out = hari_output(graph, step->node)->dtype;
    step->macs = (uint64_t)shape->rows_out * shape->pool * shape->columns_out * shape->kernel *
                 (shape->columns_in / shape->groups);
    step->weight_bytes = hari_tensor_bytes(hari_input(graph, step->node, 1));
    if (p->in == HARI_F32) return prepare_f32(step, graph, p, shape, pool, error);
    return prepare_q(step, graph, p, shape, pool, error);
}

void hari_weighted_run(const hari_step *step, const void *const *inputs, void *output,
                       void *scratch)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    if (p->in == HARI_F32)
        k->conv_f32(&p->f32, inputs[0], output, scratch);
    else if (p->in == HARI_U8 && p->out == HARI_U8)
        k->conv_u8_u8(&p->q, inputs[0], output);
    else if (p->in == HARI_U8)
        k->conv_u8_f32(&p->q, inputs[0], output);
    else if (p->out == HARI_U8)
        k->conv_i16_u8(&p->q, inputs[0], output);
    else
        k->conv_i16_f32(&p->q, inputs[0], output);
}
