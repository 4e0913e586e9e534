/* One row out of several: the maximum and the mean over time. Sums run in the order of the rows, so
 * that the bits are the reference's. */
#include "kernels/body/isa.h"
#include "kernels/body/tail.h"

void HARK_NAME(max_rows_f32)(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t c = 0; c < columns; c += HARK_LANES) {
        const uint32_t n = lanes_left(columns - c);
        vf most = load_lanes(x + c, n);
        for (uint32_t r = 1; r < rows; r++)
            most = v_max(most, load_lanes(x + (size_t)r * columns + c, n));
        store_lanes(y + c, most, n);
    }
}

void HARK_NAME(mean_rows_f32)(const float *x, uint32_t rows, uint32_t columns, float divisor,
                              float *y)
{
    for (uint32_t c = 0; c < columns; c += HARK_LANES) {
        const uint32_t n = lanes_left(columns - c);
        vf sum = v_all(0.0f);
        for (uint32_t r = 0; r < rows; r++)
            sum = v_add(sum, load_lanes(x + (size_t)r * columns + c, n));
        store_lanes(y + c, v_div(sum, v_all(divisor)), n);
    }
}

void HARK_NAME(max_rows_u8)(const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y)
{
    uint32_t c = 0;
    for (; c + HARK_BYTES <= columns; c += HARK_BYTES) {
        vb most = vb_load(x + c);
        for (uint32_t r = 1; r < rows; r++)
            most = vb_max(most, vb_load(x + (size_t)r * columns + c));
        vb_store(y + c, most);
    }
    for (; c < columns; c++) {
        y[c] = x[c];
        for (uint32_t r = 1; r < rows; r++)
            if (x[(size_t)r * columns + c] > y[c]) y[c] = x[(size_t)r * columns + c];
    }
}

void HARK_NAME(mean_rows_u8)(const uint8_t *x, uint32_t rows, uint32_t columns, int32_t zero_in,
                             int32_t zero_out, float multiplier, uint8_t *y)
{
    const vf low = v_all((float)(0 - zero_out));
    const vf high = v_all((float)(255 - zero_out));
    for (uint32_t c = 0; c < columns; c += HARK_LANES) {
        const uint32_t n = lanes_left(columns - c);
        vi sum = vi_all(0);
        for (uint32_t r = 0; r < rows; r++)
            sum = vi_add(sum, load_u8(x + (size_t)r * columns + c, n));
        sum = vi_sub(sum, vi_all((int32_t)rows * zero_in));
        const vf value = v_mul(vi_to_f32(sum), v_all(multiplier));
        store_u8(y + c, v_code(value, low, high, zero_out), n);
    }
}
