/* The gradient through an activation: inputs are the gradient and, of those whose slope their
 * output tells (hari_tells_slope), the output, else the input. Where a curve has a corner its slope
 * is that which PyTorch takes. */
#include "ops/back_activation.h"

#include <float.h>
#include <math.h>

#include "ops/list.h"

bool hari_tells_slope(hari_activation activation)
{
    return activation <= HARI_ACT_TANH || activation == HARI_ACT_HARD_SIGMOID;
}

/* x s(x) with the sigmoid s(a x), a + a' x its slope: s + x s (1 - s) (a + a' x). */
static float gated(float x, float s, float slope) { return s + x * s * (1.0f - s) * slope; }

static float sigmoid(float x)
{
    float y;
    hark_sigmoid_f32_ref(&x, 1, &y);
    return y;
}

/* The normal distribution up to x, which is gelu(x) / x, and x times its density: exp(-x^2 / 2) of
 * the sigmoid s = 1 / (1 + exp(x^2 / 2)) is s / (1 - s). */
static float gelu_slope(float x)
{
    const float s = sigmoid(-0.5f * x * x);
    float y;
    hark_gelu_f32_ref(&x, 1, &y);
    const bool is_small = x > -1e-3f && x < 1e-3f;
    return (is_small ? 0.5f + 0.39894228f * x : y / x) + x * 0.39894228f * s / (1.0f - s);
}

static float gelu_tanh_slope(float x)
{
    const float square = 0.044715f * x * x;
    return gated(x, sigmoid(1.5957691f * x * (1.0f + square)), 1.5957691f * (1.0f + 3.0f * square));
}

static float hard_swish_slope(float x)
{
    if (x <= -3.0f) return 0.0f;
    return x < 3.0f ? x * (1.0f / 3.0f) + 0.5f : 1.0f;
}

/* The slope of ReLU is 1 where the output is not 0, which the largest number makes of it. */
static void back_relu(const hark_table *k, const float *g, const float *y, size_t n, float *dx)
{
    const float large = FLT_MAX;
    hark_pair pair = {1, (uint32_t)n, 0, 0, true};
    k->multiply_f32(&pair, y, &large, 0.0f, 1.0f, dx);
    pair.b_is_column = false;
    k->multiply_f32(&pair, dx, g, -INFINITY, INFINITY, dx);
}

/* Of v, the output or the input. */
static float slope_at(const hari_node *node, float v)
{
    switch (node->activation) {
    case HARI_ACT_RELU6: return (float)(v > 0.0f && v < 6.0f);
    case HARI_ACT_SIGMOID: return v * (1.0f - v);
    case HARI_ACT_TANH: return 1.0f - v * v;
    case HARI_ACT_GELU: return gelu_slope(v);
    case HARI_ACT_GELU_TANH: return gelu_tanh_slope(v);
    case HARI_ACT_HARD_SIGMOID: return v > 0.0f && v < 1.0f ? 1.0f / 6.0f : 0.0f;
    case HARI_ACT_HARD_SWISH: return hard_swish_slope(v);
    case HARI_ACT_LEAKY_RELU: return v > 0.0f ? 1.0f : node->slope;
    case HARI_ACT_SILU: return gated(v, sigmoid(v), 1.0f);
    default: return 1.0f;
    }
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const size_t n = ((const hari_shapes *)step->prepared)->out->elements;
    const float *g = inputs[0];
    const float *values = inputs[1];
    float *dx = output;
    if (step->node->activation == HARI_ACT_RELU)
        back_relu(step->kernels, g, values, n, dx);
    else
        for (size_t i = 0; i < n; i++) dx[i] = g[i] * slope_at(step->node, values[i]);
}

const hari_op hari_back_activation_op = {.prepare = hari_prepare_shapes, .run = run};
