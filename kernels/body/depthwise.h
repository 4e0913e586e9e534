/* Every column has its own kernel: vectors run over columns, a sum stays in a register. */
#include "kernels/body/tail.h"

/* One row before the pool, HARK_LANES columns or, where n is smaller, n. */
HARK_INLINE vf sum_f32(const hark_conv *s, const float *x, const float *weights, uint32_t n)
{
    vf sum = v_all(0.0f);
    const size_t step = (size_t)s->dilation * s->columns_in;
    for (uint32_t k = 0; k < s->kernel; k++, x += step, weights += s->columns_in)
        sum = v_fma(load_lanes(x, n), load_lanes(weights, n), sum);
    return sum;
}

void HARK_NAME(depthwise_f32)(const hark_conv_f32 *c, const float *x, float *y)
{
    const hark_conv *s = &c->shape;
    const size_t row_step = (size_t)s->stride * s->columns_in;
    for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step, y += s->columns_in)
        for (uint32_t i = 0; i < s->columns_in; i += HARK_LANES) {
            const uint32_t n = lanes_left(s->columns_in - i);
            vf sum = sum_f32(s, x + i, c->weights + i, n);
            if (s->pool == 2) sum = v_max(sum, sum_f32(s, x + i + row_step, c->weights + i, n));
            sum = v_add(sum, load_lanes(c->bias + i, n));
            store_lanes(y + i, v_min(v_max(sum, v_all(c->low)), v_all(c->high)), n);
        }
}

HARK_INLINE vi sum_q(const hark_conv_q *c, const uint8_t *x, const int8_t *weights, uint32_t n)
{
    const hark_conv *s = &c->shape;
    const size_t step = (size_t)s->dilation * s->columns_in;
    vi sum = vi_all(0);
    for (uint32_t k = 0; k < s->kernel; k++, x += step, weights += s->columns_in) {
        const vi input = vi_sub(load_u8(x, n), vi_all(c->zero_in));
        sum = vi_add(sum, vi_mul(input, load_i8(weights, n)));
    }
    return sum;
}

void HARK_NAME(depthwise_u8_u8)(const hark_conv_q *c, const uint8_t *x, uint8_t *y)
{
    const hark_conv *s = &c->shape;
    const size_t row_step = (size_t)s->stride * s->columns_in;
    const int8_t *weights = c->panels;
    const vf low = v_all((float)(c->low - c->zero_out));
    const vf high = v_all((float)(c->high - c->zero_out));
    for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step, y += s->columns_in)
        for (uint32_t i = 0; i < s->columns_in; i += HARK_LANES) {
            const uint32_t n = lanes_left(s->columns_in - i);
            vi sum = sum_q(c, x + i, weights + i, n);
            if (s->pool == 2) sum = vi_max(sum, sum_q(c, x + i + row_step, weights + i, n));
            sum = vi_add(sum, load_sums(c->bias + i, n));
            const vf value = v_mul(vi_to_f32(sum), load_lanes(c->multipliers + i, n));
            store_u8(y + i, v_code(value, low, high, c->zero_out), n);
        }
}
