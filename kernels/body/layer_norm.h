/* Layer norm. Of FP32 the sums are taken lane by lane, so their last bits are not the reference's;
 * of codes they are exact. */
#include "kernels/body/tail.h"

/* The sum of all lanes. */
HARK_INLINE float lane_sum(vf a)
{
    float lanes[HARK_LANES];
    float sum = 0.0f;
    v_store(lanes, a);
    for (uint32_t i = 0; i < HARK_LANES; i++) sum += lanes[i];
    return sum;
}

/* Lanes past the first n are 0. */
HARK_INLINE vf only_lanes(vf a, uint32_t n)
{
    float lanes[HARK_LANES] = {0};
    store_lanes(lanes, a, n);
    return v_load(lanes);
}

static float mean_of(const float *x, uint32_t columns)
{
    vf sum = v_all(0.0f);
    for (uint32_t c = 0; c < columns; c += HARK_LANES)
        sum = v_add(sum, load_lanes(x + c, lanes_left(columns - c)));
    return lane_sum(sum) / (float)columns;
}

static float variance_of(const float *x, uint32_t columns, float mean)
{
    vf sum = v_all(0.0f);
    for (uint32_t c = 0; c < columns; c += HARK_LANES) {
        const uint32_t n = lanes_left(columns - c);
        vf centred = v_sub(load_lanes(x + c, n), v_all(mean));
        if (n < HARK_LANES) centred = only_lanes(centred, n);
        sum = v_fma(centred, centred, sum);
    }
    return lane_sum(sum) / (float)columns;
}

void HARK_NAME(layer_norm_f32)(const float *x, const float *scale, const float *offset,
                               float epsilon, uint32_t rows, uint32_t columns, float low,
                               float high, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        const float mean = mean_of(x, columns);
        const float factor = 1.0f / sqrtf(variance_of(x, columns, mean) + epsilon);
        for (uint32_t c = 0; c < columns; c += HARK_LANES) {
            const uint32_t n = lanes_left(columns - c);
            const vf centred = v_sub(load_lanes(x + c, n), v_all(mean));
            const vf value = v_fma(v_mul(centred, v_all(factor)), load_lanes(scale + c, n),
                                   load_lanes(offset + c, n));
            store_lanes(y + c, v_min(v_max(value, v_all(low)), v_all(high)), n);
        }
    }
    v_end();
}

/* Squares of so many codes fit in a lane: 32768 * 255 * 255 < 2^31. */
#define MOST_SQUARES 32768u

/* Adds the sum of the codes, and of their squares. */
static void add_up(const uint8_t *x, uint32_t columns, uint64_t *sum, uint64_t *squares)
{
    uint32_t c = 0;
    while (c + HARK_LANES <= columns) {
        int32_t lanes[2][HARK_LANES];
        vi codes = vi_all(0);
        vi products = vi_all(0);
        for (uint32_t k = 0; k < MOST_SQUARES && c + HARK_LANES <= columns; k++, c += HARK_LANES) {
            const vi a = vi_load_u8(x + c);
            codes = vi_add(codes, a);
            products = vi_add(products, vi_mul(a, a));
        }
        vi_store(lanes[0], codes);
        vi_store(lanes[1], products);
        for (uint32_t i = 0; i < HARK_LANES; i++) {
            *sum += (uint64_t)lanes[0][i];
            *squares += (uint64_t)lanes[1][i];
        }
    }
    for (; c < columns; c++) {
        *sum += x[c];
        *squares += (uint64_t)x[c] * x[c];
    }
}

void HARK_NAME(layer_norm_u8)(const hark_columns_q *q, float scale_in, float epsilon,
                              const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y)
{
    const vf low = v_all((float)(q->low - q->zero_out));
    const vf high = v_all((float)(q->high - q->zero_out));
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns) {
        uint64_t sum = 0;
        uint64_t squares = 0;
        add_up(x, columns, &sum, &squares);
        const float factor = hark_norm_factor(sum, squares, columns, scale_in, epsilon);
        const int32_t all = (int32_t)sum;
        uint32_t c = 0;
        for (; c + HARK_LANES <= columns; c += HARK_LANES) {
            const vi centred =
                vi_sub(vi_mul(vi_load_u8(x + c), vi_all((int32_t)columns)), vi_all(all));
            const vf normal = v_mul(vi_to_f32(centred), v_all(factor));
            const vf value = v_add(v_mul(normal, v_load(q->scales + c)), v_load(q->offsets + c));
            vi_store_u8(y + c, v_code(value, low, high, q->zero_out));
        }
        for (; c < columns; c++) {
            const float centred = (float)((int32_t)(columns * x[c]) - all);
            const float value = centred * factor * q->scales[c] + q->offsets[c];
            y[c] = (uint8_t)hark_code(value, q->zero_out, q->low, q->high);
        }
    }
    v_end();
}
