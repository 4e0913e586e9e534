/* INT8 weights: which kernel, and the packing for it. */
#include <stdio.h>

#include "base/error.h"
#include "kernels/pack.h"
#include "ops/panels.h"
#include "ops/weighted.h"

typedef struct prepared {
    hari_weighted head;
    hark_conv_q conv;
    /* The kernel, by the types of input and output; the others are NULL. */
    hark_conv_u8_u8_fn *conv_u8_u8;
    hark_conv_u8_f32_fn *conv_u8_f32;
    hark_conv_i16_u8_fn *conv_i16_u8;
    hark_conv_i16_f32_fn *conv_i16_f32;
    hark_depthwise_u8_u8_fn *depthwise_u8_u8;
} prepared;

/* run_<name> calls the kernel of that name. */
#define DEFINE_RUN(name)                                                                    \
    static void run_##name(const hari_step *step, const void *conv, const void *x, void *y, \
                           void *scratch)                                                   \
    {                                                                                       \
        (void)scratch;                                                                      \
        ((const prepared *)step->prepared)->name(conv, x, y);                               \
    }

DEFINE_RUN(conv_u8_u8)
DEFINE_RUN(conv_u8_f32)
DEFINE_RUN(conv_i16_u8)
DEFINE_RUN(conv_i16_f32)
DEFINE_RUN(depthwise_u8_u8)

/* Takes the kernel of that name, the reference where panels do not pay. */
#define TAKE(name)                                    \
    do {                                              \
        p->name = pays ? k->name : hark_##name##_ref; \
        p->head.run = run_##name;                     \
        step->isa = pays ? k->name##_isa : "ref";     \
        takes_panels = p->name != hark_##name##_ref;  \
    } while (0)

/* Panels of few outputs, or of short runs, are mostly zeros. Past this share of the weights the
 * reference is taken, which reads them as they are in the file. */
enum { MOST_EXPANSION = 8, ALWAYS_BYTES = 4096 };

/* Chooses the kernel; true where it takes panels. */
static bool choose(hari_step *step, prepared *p, hari_dtype in, hari_dtype out, size_t panel_bytes)
{
    const hark_table *k = step->kernels;
    const bool pays = panel_bytes <= MOST_EXPANSION * step->weight_bytes + ALWAYS_BYTES;
    snprintf(step->reason, sizeof step->reason, "direct%s",
             pays ? "" : ", as in the file: panels would be mostly zeros");
    bool takes_panels = false;
    if (in == HARI_U8 && out == HARI_U8)
        TAKE(conv_u8_u8);
    else if (in == HARI_U8)
        TAKE(conv_u8_f32);
    else if (out == HARI_U8)
        TAKE(conv_i16_u8);
    else
        TAKE(conv_i16_f32);
    return takes_panels;
}

static int32_t add_panels(prepared *p, const hark_conv *s, uint32_t unit, size_t count,
                          hari_pool *pool, har_error *error)
{
    int8_t *panels = hari_pool_alloc(pool, count, 1);
    if (!panels) return hari_fail(error, HAR_ERR_MEMORY, "panels of weights");
    hari_pack_panels_q(s, unit, p->conv.weights, panels);
    p->conv.panels = panels;
    return HAR_OK;
}

/* [columns][kernel] of the file to [kernel][columns]. */
static int32_t add_transposed(hari_step *step, prepared *p, const hark_conv *s, hari_pool *pool,
                              har_error *error)
{
    int8_t *panels = hari_pool_alloc(pool, (size_t)s->kernel * s->columns_out, 1);
    if (!panels) return hari_fail(error, HAR_ERR_MEMORY, "transposed weights");
    for (uint32_t o = 0; o < s->columns_out; o++)
        for (uint32_t k = 0; k < s->kernel; k++)
            panels[(size_t)k * s->columns_out + o] = p->conv.weights[(size_t)o * s->kernel + k];
    p->conv.panels = panels;
    p->depthwise_u8_u8 = step->kernels->depthwise_u8_u8;
    p->head.run = run_depthwise_u8_u8;
    step->isa = step->kernels->depthwise_u8_u8_isa;
    snprintf(step->reason, sizeof step->reason, "depthwise");
    return HAR_OK;
}

/* Bias, multipliers and sums of the weights, by packed column. */
static int32_t add_columns(const hari_step *step, const hari_graph *graph, prepared *p,
                           const hark_conv *s, hari_pool *pool, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *weight = hari_input(graph, step->node, 1);
    const hari_tensor *y = hari_output(graph, step->node);
    const int32_t *source =
        step->node->input_count > 2 ? hari_input(graph, step->node, 2)->data : NULL;
    const size_t values = (size_t)s->kernel * (s->columns_in / s->groups);
    int32_t *bias = hari_pool_alloc(pool, hark_packed_columns(s), sizeof *bias);
    int32_t *sums = hari_pool_alloc(pool, hark_packed_columns(s), sizeof *sums);
    float *multipliers = hari_pool_alloc(pool, hark_packed_columns(s), sizeof *multipliers);
    if (!bias || !sums || !multipliers)
        return hari_fail(error, HAR_ERR_MEMORY, "%s bias", hari_op_name(step->node->kind));
    for (uint32_t o = 0; o < s->columns_out; o++) {
        const size_t at = p->depthwise_u8_u8 ? o : hark_packed_column(s, o);
        const float product = x->scales[0] * weight->scales[weight->scale_count == 1 ? 0 : o];
        multipliers[at] = y->dtype == HARI_U8 ? product / y->scales[0] : product;
        bias[at] = source ? source[o] : 0;
        for (size_t i = 0; i < values; i++) sums[at] += p->conv.weights[o * values + i];
    }
    p->conv.bias = bias;
    p->conv.sums = sums;
    p->conv.multipliers = multipliers;
    return HAR_OK;
}

int32_t hari_weighted_prepare_q(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                                hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *y = hari_output(graph, step->node);
    const hari_bounds bounds = hari_activation_bounds(step->fused.activation, y);
    p->conv = (hark_conv_q){.shape = *shape,
                            .weights = hari_input(graph, step->node, 1)->data,
                            .zero_in = x->zero_point,
                            .zero_out = y->zero_point,
                            .low = bounds.low_code,
                            .high = bounds.high_code};
    p->head.conv = &p->conv.shape;
    p->head.conv_bytes = sizeof p->conv;
    const uint32_t unit = x->dtype == HARI_U8 ? 4 : 2;
    const size_t count = hari_panels_size_q(shape, unit);
    int32_t status = HAR_OK;
    if (x->dtype == HARI_U8 && y->dtype == HARI_U8 && hari_is_depthwise(shape))
        status = add_transposed(step, p, shape, pool, error);
    else if (choose(step, p, x->dtype, y->dtype, count))
        status = add_panels(p, shape, unit, count, pool, error);
    return status == HAR_OK ? add_columns(step, graph, p, shape, pool, error) : status;
}
