/* The curves that few networks have, and the softmax over rows: the formulas of ref/math.h. */
#include "kernels/body/curve.h"

HARK_INLINE vf v_sigmoid_or_0(vf x) { return v_less(x, v_all(-87.0f), v_all(0.0f), v_sigmoid(x)); }

HARK_INLINE vf v_silu(vf x) { return v_mul(x, v_sigmoid_or_0(x)); }

HARK_INLINE vf v_gelu_tanh(vf x)
{
    const vf square = v_mul(v_mul(v_all(0.044715f), x), x);
    const vf inner = v_mul(v_mul(v_all(1.5957691f), x), v_add(v_all(1.0f), square));
    return v_mul(x, v_sigmoid_or_0(inner));
}

HARK_INLINE vf v_hard_sigmoid(vf x)
{
    const vf line = v_add(v_mul(x, v_all(1.0f / 6.0f)), v_all(0.5f));
    return v_min(v_max(line, v_all(0.0f)), v_all(1.0f));
}

HARK_INLINE vf v_hard_swish(vf x) { return v_mul(x, v_hard_sigmoid(x)); }

HARK_INLINE vf v_erf(vf x)
{
    const vf zero = v_all(0.0f);
    const vf a = v_max(x, v_sub(zero, x));
    const vf z = v_mul(x, x);
    vf p = v_all(-0.000565706461f);
    p = v_add(v_mul(p, z), v_all(0.00492526498f));
    p = v_add(v_mul(p, z), v_all(-0.0267193578f));
    p = v_add(v_mul(p, z), v_all(0.112805195f));
    p = v_add(v_mul(p, z), v_all(-0.376123786f));
    p = v_add(v_mul(p, z), v_all(1.12837911f));
    const vf b = v_min(a, v_all(4.0f));
    vf q = v_all(-0.00110632973f);
    q = v_add(v_mul(q, b), v_all(0.0144509682f));
    q = v_add(v_mul(q, b), v_all(-0.0876814649f));
    q = v_add(v_mul(q, b), v_all(-0.655851424f));
    q = v_add(v_mul(q, b), v_all(-1.11648095f));
    q = v_add(v_mul(q, b), v_all(-0.00293648452f));
    const vf far = v_sub(v_all(1.0f), v_exp(q));
    return v_less(a, v_all(1.0f), v_mul(x, p), v_less(x, zero, v_sub(zero, far), far));
}

HARK_INLINE vf v_gelu(vf x)
{
    const vf half = v_all(0.5f);
    return v_mul(x, v_add(half, v_mul(half, v_erf(v_mul(x, v_all(0.70710678f))))));
}

/* Whole vectors here, the rest by the reference. */
#define CURVE(name)                                                                           \
    void HARK_NAME(name##_f32)(const float *x, size_t n, float *y)                            \
    {                                                                                         \
        size_t i = 0;                                                                         \
        for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, v_##name(v_load(x + i))); \
        v_end();                                                                              \
        hark_##name##_f32_ref(x + i, n - i, y + i);                                           \
    }

CURVE(silu)
CURVE(gelu)
CURVE(gelu_tanh)
CURVE(hard_sigmoid)
CURVE(hard_swish)

void HARK_NAME(leaky_relu_f32)(const float *x, size_t n, float slope, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) {
        const vf a = v_load(x + i);
        v_store(y + i, v_less(a, v_all(0.0f), v_mul(v_all(slope), a), a));
    }
    v_end();
    hark_leaky_relu_f32_ref(x + i, n - i, slope, y + i);
}

/* The sum runs in the order of the rows, as in the reference. */
void HARK_NAME(softmax_rows_f32)(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    const size_t end = (size_t)rows * columns;
    for (uint32_t c = 0; c < columns; c += HARK_LANES) {
        const uint32_t n = lanes_left(columns - c);
        vf largest = load_lanes(x + c, n);
        for (size_t i = c; i < end; i += columns) largest = v_max(load_lanes(x + i, n), largest);
        vf sum = v_all(0.0f);
        for (size_t i = c; i < end; i += columns) {
            const vf value = v_exp(v_sub(load_lanes(x + i, n), largest));
            store_lanes(y + i, value, n);
            sum = v_add(sum, value);
        }
        for (size_t i = c; i < end; i += columns)
            store_lanes(y + i, v_div(load_lanes(y + i, n), sum), n);
    }
    v_end();
}
