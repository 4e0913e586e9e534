/* One column out of several: the maximum and the mean of every row. Sums run in the order of the
 * columns; a few rows at a time, because a sum in order can take a value only every few cycles. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

enum { ROWS_AT_A_TIME = 8 };

static uint32_t end_of(uint32_t first, uint32_t rows)
{
    return rows - first < ROWS_AT_A_TIME ? rows : first + ROWS_AT_A_TIME;
}

void hark_max_columns_f32_ref(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t first = 0, end; first < rows; first = end) {
        end = end_of(first, rows);
        for (uint32_t r = first; r < end; r++) y[r] = x[(size_t)r * columns];
        for (uint32_t c = 1; c < columns; c++)
            for (uint32_t r = first; r < end; r++)
                y[r] = hark_max_f32(y[r], x[(size_t)r * columns + c]);
    }
}

void hark_mean_columns_f32_ref(const float *x, uint32_t rows, uint32_t columns, float divisor,
                               float *y)
{
    for (uint32_t first = 0, end; first < rows; first = end) {
        end = end_of(first, rows);
        for (uint32_t r = first; r < end; r++) y[r] = 0.0f;
        for (uint32_t c = 0; c < columns; c++)
            for (uint32_t r = first; r < end; r++) y[r] += x[(size_t)r * columns + c];
        for (uint32_t r = first; r < end; r++) y[r] /= divisor;
    }
}

void hark_max_columns_u8_ref(const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns) {
        uint8_t most = 0;
        for (uint32_t c = 0; c < columns; c++)
            if (x[c] > most) most = x[c];
        y[r] = most;
    }
}

void hark_mean_columns_u8_ref(const uint8_t *x, uint32_t rows, uint32_t columns, int32_t zero_in,
                              int32_t zero_out, float multiplier, uint8_t *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns) {
        int32_t sum = 0;
        for (uint32_t c = 0; c < columns; c++) sum += x[c] - zero_in;
        y[r] = (uint8_t)hark_code((float)sum * multiplier, zero_out, 0, 255);
    }
}
