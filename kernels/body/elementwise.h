/* One value in, one value out. */
#include "kernels/body/tail.h"

HARK_INLINE vf clamp(vf x, vf low, vf high) { return v_min(v_max(x, low), high); }

/* Runs `formula` of every vector of a and of b that meet. */
#define PAIR_F32(name, formula)                                                                 \
    void HARK_NAME(name)(const hark_pair *p, const float *a, const float *b, float low,         \
                         float high, float *y)                                                  \
    {                                                                                           \
        for (uint32_t r = 0; r < p->rows; r++, a += p->a_step, b += p->b_step, y += p->columns) \
            for (uint32_t i = 0; i < p->columns; i += HARK_LANES) {                             \
                const uint32_t n = lanes_left(p->columns - i);                                  \
                const vf second = p->b_is_column ? v_all(*b) : load_lanes(b + i, n);            \
                const vf value = formula(load_lanes(a + i, n), second);                         \
                store_lanes(y + i, clamp(value, v_all(low), v_all(high)), n);                   \
            }                                                                                   \
        v_end();                                                                                \
    }

PAIR_F32(add_f32, v_add)
PAIR_F32(multiply_f32, v_mul)

HARK_INLINE vf add_codes(const hark_add_q *c, vi a, vi b)
{
    const vf first = vi_to_f32(vi_sub(a, vi_all(c->zero_a)));
    const vf second = vi_to_f32(vi_sub(b, vi_all(c->zero_b)));
    return v_add(v_mul(first, v_all(c->scale_a)), v_mul(second, v_all(c->scale_b)));
}

HARK_INLINE vf multiply_codes(const hark_multiply_q *c, vi a, vi b)
{
    const vi product = vi_mul(vi_sub(a, vi_all(c->zero_a)), vi_sub(b, vi_all(c->zero_b)));
    return v_mul(vi_to_f32(product), v_all(c->multiplier));
}

/* The same for codes. */
#define PAIR_U8(name, constants, formula)                                                       \
    void HARK_NAME(name)(const constants *c, const hark_pair *p, const uint8_t *a,              \
                         const uint8_t *b, uint8_t *y)                                          \
    {                                                                                           \
        const vf low = v_all((float)(c->low - c->zero_out));                                    \
        const vf high = v_all((float)(c->high - c->zero_out));                                  \
        for (uint32_t r = 0; r < p->rows; r++, a += p->a_step, b += p->b_step, y += p->columns) \
            for (uint32_t i = 0; i < p->columns; i += HARK_LANES) {                             \
                const uint32_t n = lanes_left(p->columns - i);                                  \
                const vi second = p->b_is_column ? vi_all(*b) : load_u8(b + i, n);              \
                const vf value = formula(c, load_u8(a + i, n), second);                         \
                store_u8(y + i, v_code(value, low, high, c->zero_out), n);                      \
            }                                                                                   \
        v_end();                                                                                \
    }

PAIR_U8(add_u8, hark_add_q, add_codes)
PAIR_U8(multiply_u8, hark_multiply_q, multiply_codes)

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
    v_end();
}

void HARK_NAME(affine_u8)(const hark_columns_q *q, const uint8_t *x, uint32_t rows,
                          uint32_t columns, uint8_t *y)
{
    const vf low = v_all((float)(q->low - q->zero_out));
    const vf high = v_all((float)(q->high - q->zero_out));
    for (uint32_t r = 0; r < rows; r++, x += columns, y += columns)
        for (uint32_t c = 0; c < columns; c += HARK_LANES) {
            const uint32_t n = lanes_left(columns - c);
            const vf centred = vi_to_f32(vi_sub(load_u8(x + c, n), vi_all(q->zero_in)));
            const vf value =
                v_add(v_mul(centred, load_lanes(q->scales + c, n)), load_lanes(q->offsets + c, n));
            store_u8(y + c, v_code(value, low, high, q->zero_out), n);
        }
    v_end();
}

void HARK_NAME(clamp_f32)(const float *x, size_t n, float low, float high, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES)
        v_store(y + i, clamp(v_load(x + i), v_all(low), v_all(high)));
    v_end();
    hark_clamp_f32_ref(x + i, n - i, low, high, y + i);
}

void HARK_NAME(clamp_u8)(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y)
{
    size_t i = 0;
    for (; i + HARK_BYTES <= n; i += HARK_BYTES)
        vb_store(y + i, vb_min(vb_max(vb_load(x + i), vb_all(low)), vb_all(high)));
    v_end();
    hark_clamp_u8_ref(x + i, n - i, low, high, y + i);
}
