/* sigmoid, tanh, softmax. */
#include "kernels/body/curve.h"

void HARK_NAME(sigmoid_f32)(const float *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, v_sigmoid(v_load(x + i)));
    v_end();
    hark_sigmoid_f32_ref(x + i, n - i, y + i);
}

void HARK_NAME(tanh_f32)(const float *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, v_tanh(v_load(x + i)));
    v_end();
    hark_tanh_f32_ref(x + i, n - i, y + i);
}

/* Rows whose sums are taken beside each other: a sum in order can take a value only every few
 * cycles. */
#define SUMMED_ROWS 4u

/* The largest of a row; NaN only where the first value is, as in the reference. */
static float largest_of(const float *x, uint32_t columns)
{
    float lanes[HARK_LANES];
    vf most = v_all(x[0]);
    uint32_t c = 0;
    for (; c + HARK_LANES <= columns; c += HARK_LANES) most = v_max(v_load(x + c), most);
    v_store(lanes, most);
    float largest = x[0];
    for (uint32_t i = 0; i < HARK_LANES; i++) largest = hark_max_f32(lanes[i], largest);
    for (; c < columns; c++) largest = hark_max_f32(x[c], largest);
    return largest;
}

/* In the order of the columns, as in the reference. */
HARK_INLINE void add_rows(const uint32_t rows, const float *y, uint32_t columns, float *sums)
{
    float parts[SUMMED_ROWS] = {0};
    for (uint32_t c = 0; c < columns; c++)
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++) parts[r] += y[(size_t)r * columns + c];
    for (uint32_t r = 0; r < rows; r++) sums[r] = parts[r];
}

void HARK_NAME(softmax_f32)(const float *x, uint32_t rows, uint32_t columns, float *y)
{
    for (uint32_t first = 0; first < rows;) {
        const uint32_t count = rows - first < SUMMED_ROWS ? 1 : SUMMED_ROWS;
        const size_t end = (size_t)(first + count) * columns;
        float sums[SUMMED_ROWS];
        for (size_t at = (size_t)first * columns; at < end; at += columns) {
            const vf largest = v_all(largest_of(x + at, columns));
            for (uint32_t c = 0; c < columns; c += HARK_LANES) {
                const uint32_t n = lanes_left(columns - c);
                store_lanes(y + at + c, v_exp(v_sub(load_lanes(x + at + c, n), largest)), n);
            }
        }
        float *row = y + (size_t)first * columns;
        if (count == SUMMED_ROWS)
            add_rows(SUMMED_ROWS, row, columns, sums);
        else
            add_rows(1, row, columns, sums);
        for (uint32_t r = 0; r < count; r++, row += columns)
            for (uint32_t c = 0; c < columns; c += HARK_LANES) {
                const uint32_t n = lanes_left(columns - c);
                store_lanes(row + c, v_div(load_lanes(row + c, n), v_all(sums[r])), n);
            }
        first += count;
    }
    v_end();
}
