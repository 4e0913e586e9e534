#include "kernels/hark.h"
#include "kernels/ref/math.h"

/* exp(x - max) / sum, summed in index order; may work in place. */
void hark_softmax_f32_ref(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        float largest = x[0];
        for (uint32_t c = 1; c < columns; c++) largest = hark_max_f32(x[c], largest);
        float sum = 0.0f;
        for (uint32_t c = 0; c < columns; c++) {
            y[c] = hark_exp_f32(x[c] - largest);
            sum += y[c];
        }
        for (uint32_t c = 0; c < columns; c++) y[c] /= sum;
    }
}

/* The same over the rows of every column. */
void hark_softmax_rows_f32_ref(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    const size_t end = (size_t)rows * columns;
    for (uint32_t c = 0; c < columns; c++) {
        float largest = x[c];
        for (size_t i = c; i < end; i += columns) largest = hark_max_f32(x[i], largest);
        float sum = 0.0f;
        for (size_t i = c; i < end; i += columns) {
            y[i] = hark_exp_f32(x[i] - largest);
            sum += y[i];
        }
        for (size_t i = c; i < end; i += columns) y[i] /= sum;
    }
}
