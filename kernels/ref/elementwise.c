/* One value in, one value out. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

static float clamp(float x, float low, float high)
{
    return hark_min_f32(hark_max_f32(x, low), high);
}

/* Runs `formula` of every a[i] and b[j] that meet, in y[i]. */
#define FOR_PAIRS(p, formula)                                                               \
    for (uint32_t r = 0; r < p->rows; r++, a += p->a_step, b += p->b_step, y += p->columns) \
        for (uint32_t i = 0; i < p->columns; i++) {                                         \
            const uint32_t j = p->b_is_column ? 0 : i;                                      \
            y[i] = formula;                                                                 \
        }

static uint8_t add_codes(const hark_add_q *c, uint8_t a, uint8_t b)
{
    const float first = (float)(a - c->zero_a) * c->scale_a;
    const float second = (float)(b - c->zero_b) * c->scale_b;
    return (uint8_t)hark_code(first + second, c->zero_out, c->low, c->high);
}

static uint8_t multiply_codes(const hark_multiply_q *c, uint8_t a, uint8_t b)
{
    const float product = (float)((a - c->zero_a) * (b - c->zero_b));
    return (uint8_t)hark_code(product * c->multiplier, c->zero_out, c->low, c->high);
}

void hark_add_f32_ref(const hark_pair *p, const float *a, const float *b, float low, float high,
                      float *y)
{
    FOR_PAIRS(p, clamp(a[i] + b[j], low, high))
}

void hark_add_u8_ref(const hark_add_q *c, const hark_pair *p, const uint8_t *a, const uint8_t *b,
                     uint8_t *y)
{
    FOR_PAIRS(p, add_codes(c, a[i], b[j]))
}

void hark_multiply_f32_ref(const hark_pair *p, const float *a, const float *b, float low,
                           float high, float *y)
{
    FOR_PAIRS(p, clamp(a[i] * b[j], low, high))
}

void hark_multiply_u8_ref(const hark_multiply_q *c, const hark_pair *p, const uint8_t *a,
                          const uint8_t *b, uint8_t *y)
{
    FOR_PAIRS(p, multiply_codes(c, a[i], b[j]))
}

void hark_affine_f32_ref(const float *x, const float *scale, const float *offset, uint32_t rows,
                         uint32_t columns, float low, float high, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns)
        for (uint32_t c = 0; c < columns; c++) y[c] = clamp(x[c] * scale[c] + offset[c], low, high);
}

void hark_affine_u8_ref(const hark_columns_q *q, const uint8_t *x, uint32_t rows, uint32_t columns,
                        uint8_t *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns)
        for (uint32_t c = 0; c < columns; c++) {
            const float value = (float)(x[c] - q->zero_in) * q->scales[c] + q->offsets[c];
            y[c] = (uint8_t)hark_code(value, q->zero_out, q->low, q->high);
        }
}

void hark_clamp_f32_ref(const float *x, size_t n, float low, float high, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = clamp(x[i], low, high);
}

void hark_clamp_u8_ref(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y)
{
    for (size_t i = 0; i < n; i++) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

void hark_table_u8_ref(const uint8_t *x, size_t n, const uint8_t table[256], uint8_t *y)
{
    for (size_t i = 0; i < n; i++) y[i] = table[x[i]];
}
