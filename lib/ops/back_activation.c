/* The gradient through an activation: inputs are the gradient and, of those whose slope their
 * output tells (hari_tells_slope), the output, else the input. Where a curve has a corner its slope
 * is that which PyTorch takes. */
#include "ops/back_activation.h"
#include "kernels/ref/math.h"
#include "ops/list.h"

bool hari_tells_slope(hari_activation activation)
{
    return activation <= HARI_ACT_TANH || activation == HARI_ACT_HARD_SIGMOID;
}

/* x s(x) with the sigmoid s(a x), a + a' x its slope: s + x s (1 - s) (a + a' x). */
static float gated(float x, float s, float slope) { return s + x * s * (1.0f - s) * slope; }

static float gelu_slope(float x)
{
    const float bell = 0.39894228f * hark_exp_f32(-0.5f * x * x);
    return 0.5f + 0.5f * hark_erf_one(x * 0.70710678f) + x * bell;
}

static float gelu_tanh_slope(float x)
{
    const float square = 0.044715f * x * x;
    const float s = hark_sigmoid_or_0(1.5957691f * x * (1.0f + square));
    return gated(x, s, 1.5957691f * (1.0f + 3.0f * square));
}

static float hard_swish_slope(float x)
{
    if (x <= -3.0f) return 0.0f;
    return x < 3.0f ? x * (1.0f / 3.0f) + 0.5f : 1.0f;
}

/* dx[i] = g[i] times the formula of v = x[i] or y[i]. */
#define EACH(formula)                \
    for (size_t i = 0; i < n; i++) { \
        const float v = values[i];   \
        dx[i] = g[i] * (formula);    \
    }                                \
    break

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const size_t n = ((const hari_shapes *)step->prepared)->out->elements;
    const float *g = inputs[0];
    const float *values = inputs[1];
    float *dx = output;
    switch (step->node->activation) {
    case HARI_ACT_RELU: EACH(v > 0.0f ? 1.0f : 0.0f);
    case HARI_ACT_RELU6: EACH(v > 0.0f && v < 6.0f ? 1.0f : 0.0f);
    case HARI_ACT_SIGMOID: EACH(v * (1.0f - v));
    case HARI_ACT_TANH: EACH(1.0f - v * v);
    case HARI_ACT_GELU: EACH(gelu_slope(v));
    case HARI_ACT_GELU_TANH: EACH(gelu_tanh_slope(v));
    case HARI_ACT_HARD_SIGMOID: EACH(v > 0.0f && v < 1.0f ? 1.0f / 6.0f : 0.0f);
    case HARI_ACT_HARD_SWISH: EACH(hard_swish_slope(v));
    case HARI_ACT_LEAKY_RELU: EACH(v > 0.0f ? 1.0f : step->node->slope);
    case HARI_ACT_SILU: EACH(gated(v, hark_sigmoid_or_0(v), 1.0f));
    default: EACH(v == v);
    }
}

const hari_op hari_back_activation_op = {.name = "back_activation",
                                         .check = hari_check_nothing,
                                         .prepare = hari_prepare_shapes,
                                         .run = run,
                                         .in_place = true};
