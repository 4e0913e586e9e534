/* One row out of several: the maximum and the mean over time. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

void hark_max_rows_f32_ref(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t c = 0; c < columns; c++) y[c] = x[c];
    for (uint32_t r = 1; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++)
            y[c] = hark_max_f32(y[c], x[(size_t)r * columns + c]);
}

void hark_max_rows_u8_ref(const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y)
{
    for (uint32_t c = 0; c < columns; c++) y[c] = x[c];
    for (uint32_t r = 1; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++) {
            uint8_t value = x[(size_t)r * columns + c];
            if (value > y[c]) y[c] = value;
        }
}

void hark_mean_rows_f32_ref(const float *x, uint32_t rows, uint32_t columns, float divisor,
                            float *y)
{
    for (uint32_t c = 0; c < columns; c++) y[c] = 0.0f;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++) y[c] += x[(size_t)r * columns + c];
    for (uint32_t c = 0; c < columns; c++) y[c] /= divisor;
}

void hark_mean_rows_u8_ref(const uint8_t *x, uint32_t rows, uint32_t columns, int32_t zero_in,
                           int32_t zero_out, float multiplier, uint8_t *y)
{
    for (uint32_t c = 0; c < columns; c++) {
        int32_t sum = 0;
        for (uint32_t r = 0; r < rows; r++) sum += x[(size_t)r * columns + c] - zero_in;
        y[c] = (uint8_t)hark_code((float)sum * multiplier, zero_out, 0, 255);
    }
}
