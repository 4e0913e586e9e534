/* sigmoid, tanh, softmax. */
#include "kernels/body/curve.h"

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
