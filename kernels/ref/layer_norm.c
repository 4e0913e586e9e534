/* Layer norm (Ba, Kiros, Hinton 2016) of every row. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

void hark_layer_norm_f32_ref(const float *x, const float *scale, const float *offset, float epsilon,
                             uint32_t rows, uint32_t columns, float low, float high, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        double sum = 0.0;
        double squares = 0.0;
        for (uint32_t c = 0; c < columns; c++) sum += (double)x[c];
        const double mean = sum / columns;
        for (uint32_t c = 0; c < columns; c++)
            squares += ((double)x[c] - mean) * ((double)x[c] - mean);
        const float factor = (float)(1.0 / sqrt(squares / columns + (double)epsilon));
        for (uint32_t c = 0; c < columns; c++) {
            const float value = (x[c] - (float)mean) * factor * scale[c] + offset[c];
            y[c] = hark_min_f32(hark_max_f32(value, low), high);
        }
    }
}

void hark_layer_norm_u8_ref(const hark_columns_q *q, float scale_in, float epsilon,
                            const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        uint64_t sum = 0;
        uint64_t squares = 0;
        for (uint32_t c = 0; c < columns; c++) {
            sum += x[c];
            squares += (uint64_t)x[c] * x[c];
        }
        const float factor = hark_norm_factor(sum, squares, columns, scale_in, epsilon);
        for (uint32_t c = 0; c < columns; c++) {
            const float centred = (float)((int32_t)(columns * x[c]) - (int32_t)sum);
            const float value = centred * factor * q->scales[c] + q->offsets[c];
            y[c] = (uint8_t)hark_code(value, q->zero_out, q->low, q->high);
        }
    }
}
