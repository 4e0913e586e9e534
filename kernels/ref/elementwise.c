/* One value in, one value out. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

static float clamp(float x, float low, float high)
{
    return hark_min_f32(hark_max_f32(x, low), high);
}

void hark_add_f32_ref(const float *a, const float *b, size_t n, float low, float high, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = clamp(a[i] + b[i], low, high);
}

void hark_add_u8_ref(const hark_add_q *c, const uint8_t *a, const uint8_t *b, size_t n, uint8_t *y)
{
    for (size_t i = 0; i < n; i++) {
        float first = (float)(a[i] - c->zero_a) * c->scale_a;
        float second = (float)(b[i] - c->zero_b) * c->scale_b;
        y[i] = (uint8_t)hark_code(first + second, c->zero_out, c->low, c->high);
    }
}

void hark_affine_f32_ref(const float *x, const float *scale, const float *offset, uint32_t rows,
                         uint32_t columns, float low, float high, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns)
        for (uint32_t c = 0; c < columns; c++) y[c] = clamp(x[c] * scale[c] + offset[c], low, high);
}

void hark_clamp_f32_ref(const float *x, size_t n, float low, float high, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = clamp(x[i], low, high);
}

void hark_clamp_u8_ref(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y)
{
    for (size_t i = 0; i < n; i++) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

void hark_sigmoid_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_sigmoid_one(x[i]);
}

void hark_tanh_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_tanh_one(x[i]);
}

void hark_table_u8_ref(const uint8_t *x, size_t n, const uint8_t table[256], uint8_t *y)
{
    for (size_t i = 0; i < n; i++) y[i] = table[x[i]];
}
