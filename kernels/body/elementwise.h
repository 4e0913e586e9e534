/* One value in, one value out: whole vectors here, the rest by the reference, with the same bits.
 */
#include "kernels/body/tail.h"

HARK_INLINE vf clamp(vf x, vf low, vf high) { return v_min(v_max(x, low), high); }

void HARK_NAME(add_f32)(const float *a, const float *b, size_t n, float low, float high, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES)
        v_store(y + i, clamp(v_add(v_load(a + i), v_load(b + i)), v_all(low), v_all(high)));
    hark_add_f32_ref(a + i, b + i, n - i, low, high, y + i);
}

void HARK_NAME(add_u8)(const hark_add_q *c, const uint8_t *a, const uint8_t *b, size_t n,
                       uint8_t *y)
{
    const vf low = v_all((float)(c->low - c->zero_out));
    const vf high = v_all((float)(c->high - c->zero_out));
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) {
        const vf first = vi_to_f32(vi_sub(vi_load_u8(a + i), vi_all(c->zero_a)));
        const vf second = vi_to_f32(vi_sub(vi_load_u8(b + i), vi_all(c->zero_b)));
        const vf sum = v_add(v_mul(first, v_all(c->scale_a)), v_mul(second, v_all(c->scale_b)));
        vi_store_u8(y + i, v_code(sum, low, high, c->zero_out));
    }
    hark_add_u8_ref(c, a + i, b + i, n - i, y + i);
}

void HARK_NAME(affine_f32)(const float *x, const float *scale, const float *offset, uint32_t rows,
                           uint32_t columns, float low, float high, float *y)
{
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns)
        for (uint32_t c = 0; c < columns; c += HARK_LANES) {
            const uint32_t n = lanes_left(columns - c);
            const vf value = v_add(v_mul(load_lanes(x + c, n), load_lanes(scale + c, n)),
                                   load_lanes(offset + c, n));
            store_lanes(y + c, clamp(value, v_all(low), v_all(high)), n);
        }
}

void HARK_NAME(clamp_f32)(const float *x, size_t n, float low, float high, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES)
        v_store(y + i, clamp(v_load(x + i), v_all(low), v_all(high)));
    hark_clamp_f32_ref(x + i, n - i, low, high, y + i);
}

void HARK_NAME(clamp_u8)(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y)
{
    size_t i = 0;
    for (; i + HARK_BYTES <= n; i += HARK_BYTES)
        vb_store(y + i, vb_min(vb_max(vb_load(x + i), vb_all(low)), vb_all(high)));
    hark_clamp_u8_ref(x + i, n - i, low, high, y + i);
}
