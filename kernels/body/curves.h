/* exp, sigmoid, tanh, softmax: the formulas of ref/math.h in every lane, operation by operation, so
 * that the bits are the same. */
#include "kernels/body/tail.h"

/* hark_exp_f32 of a number; NaN stays NaN. */
HARK_INLINE vf v_exp(vf input)
{
    const vf most = v_all(88.72283f);
    const vf least = v_all(-87.33654f);
    const vf x = v_less(most, input, v_all(88.8f), v_less(input, least, v_all(0.0f), input));
    const vi n = v_round(v_mul(x, v_all(1.44269504f)));
    vf r = v_sub(x, v_mul(vi_to_f32(n), v_all(0.693359375f)));
    r = v_sub(r, v_mul(vi_to_f32(n), v_all(-2.12194440e-4f)));
    vf p = v_all(1.0f / 5040.0f);
    p = v_add(v_mul(p, r), v_all(1.0f / 720.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 120.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 24.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 6.0f));
    p = v_add(v_mul(p, r), v_all(0.5f));
    p = v_add(v_add(v_mul(v_mul(p, r), r), r), v_all(1.0f));
    const vi half = vi_halve(n);
    const vf value = v_mul(v_mul(p, v_power_of_2(half)), v_power_of_2(vi_sub(n, half)));
    return v_or_nan(v_less(input, least, v_all(0.0f), value), input);
}

HARK_INLINE vf v_sigmoid(vf x)
{
    const vf one = v_all(1.0f);
    return v_div(one, v_add(one, v_exp(v_sub(v_all(0.0f), x))));
}

HARK_INLINE vf v_tanh(vf x)
{
    const vf z = v_mul(x, x);
    vf p = v_all(-5.70498872745e-3f);
    p = v_add(v_mul(p, z), v_all(2.06390887954e-2f));
    p = v_add(v_mul(p, z), v_all(-5.37397155531e-2f));
    p = v_add(v_mul(p, z), v_all(1.33314422036e-1f));
    p = v_add(v_mul(p, z), v_all(-3.33332819422e-1f));
    const vf small = v_add(v_mul(v_mul(p, z), x), x);
    const vf two = v_all(2.0f);
    const vf large = v_sub(v_mul(two, v_sigmoid(v_mul(two, x))), v_all(1.0f));
    const vf inside = v_less(v_all(-0.625f), x, small, large);
    return v_less(x, v_all(0.625f), inside, large);
}

void HARK_NAME(sigmoid_f32)(const float *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, v_sigmoid(v_load(x + i)));
    hark_sigmoid_f32_ref(x + i, n - i, y + i);
}

void HARK_NAME(tanh_f32)(const float *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, v_tanh(v_load(x + i)));
    hark_tanh_f32_ref(x + i, n - i, y + i);
}

/* The sum runs in the order of the columns, as in the reference. */
void HARK_NAME(softmax_f32)(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        float largest = x[0];
        for (uint32_t c = 1; c < columns; c++) largest = hark_max_f32(x[c], largest);
        for (uint32_t c = 0; c < columns; c += HARK_LANES) {
            const uint32_t n = lanes_left(columns - c);
            store_lanes(y + c, v_exp(v_sub(load_lanes(x + c, n), v_all(largest))), n);
        }
        float sum = 0.0f;
        for (uint32_t c = 0; c < columns; c++) sum += y[c];
        for (uint32_t c = 0; c < columns; c += HARK_LANES) {
            const uint32_t n = lanes_left(columns - c);
            store_lanes(y + c, v_div(load_lanes(y + c, n), v_all(sum)), n);
        }
    }
}
