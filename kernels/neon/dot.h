/* Sums of products on NEON: two units of input at once, each of 4 U8 or 2 I16, by the weights of
 * one vector. U8 input is made signed, because a product of bytes is of two signed ones or of two
 * unsigned ones. */
#ifndef HARK_NEON_DOT_H
#define HARK_NEON_DOT_H

#define HARK_U8_OFFSET 128 /* subtracted from every U8 input by vi_input_u8 and vis_input_u8 */

HARK_INLINE vi vi_input_u8(const void *p)
{
    return vi_of_bits(vdupq_n_u32(v_four_bytes(p) ^ 0x80808080u));
}
HARK_INLINE vi vi_input_i16(const void *p) { return vi_of_bits(vdupq_n_u32(v_four_bytes(p))); }
HARK_INLINE vi vi_weights_u8(const void *p) { return vreinterpretq_s32_u8(vld1q_u8(p)); }
HARK_INLINE vi vi_weights_i16(const void *p) /* of I16 input, widened */
{
    return vreinterpretq_s32_s16(vmovl_s8(vld1_s8(p)));
}

#ifndef HARK_OWN_DOT

#define HARK_UNITS 2u
#define HARK_ROW_SUMS_Q 1u

/* A unit in every lane of the register that a product of halves takes. */
#if defined(__aarch64__)
typedef vi v_unit;
HARK_INLINE v_unit v_unit_of(vi a) { return a; }
/* Hides that all lanes are the same: clang would not take the high half where it lies. */
HARK_INLINE v_unit v_hidden(uint32x4_t a)
{
#if defined(__GNUC__)
    __asm__("" : "+w"(a));
#endif
    return vi_of_bits(a);
}
HARK_INLINE v_unit v_first(uint32x2_t a) { return v_hidden(vdupq_lane_u32(a, 0)); }
HARK_INLINE v_unit v_second(uint32x2_t a) { return v_hidden(vdupq_lane_u32(a, 1)); }
#else
typedef int32x2_t v_unit;
HARK_INLINE v_unit v_unit_of(vi a) { return vget_low_s32(a); }
HARK_INLINE v_unit v_first(uint32x2_t a) { return vreinterpret_s32_u32(vdup_lane_u32(a, 0)); }
HARK_INLINE v_unit v_second(uint32x2_t a) { return vreinterpret_s32_u32(vdup_lane_u32(a, 1)); }
#endif

typedef struct vis {
    v_unit first, second;
} vis;

HARK_INLINE vis vis_input_u8(const void *p)
{
    const uint32x2_t units = vreinterpret_u32_u8(veor_u8(vld1_u8(p), vdup_n_u8(0x80)));
    return (vis){v_first(units), v_second(units)};
}
HARK_INLINE vis vis_input_i16(const void *p)
{
    const uint32x2_t units = vreinterpret_u32_u8(vld1_u8(p));
    return (vis){v_first(units), v_second(units)};
}

/* Products of the weights of columns 0 and 1, and of 2 and 3; then sums of two that lie beside each
 * other. */
#if defined(__aarch64__)
HARK_INLINE int8x16_t v_s8(vi a) { return vreinterpretq_s8_s32(a); }
HARK_INLINE int16x8_t v_s16(vi a) { return vreinterpretq_s16_s32(a); }
HARK_INLINE int16x8_t v_low_s8(vi w, vi x)
{
    return vmull_s8(vget_low_s8(v_s8(w)), vget_low_s8(v_s8(x)));
}
HARK_INLINE int16x8_t v_high_s8(vi w, vi x) { return vmull_high_s8(v_s8(w), v_s8(x)); }
HARK_INLINE int16x8_t v_add_low_s8(int16x8_t sum, vi w, vi x)
{
    return vmlal_s8(sum, vget_low_s8(v_s8(w)), vget_low_s8(v_s8(x)));
}
HARK_INLINE int16x8_t v_add_high_s8(int16x8_t sum, vi w, vi x)
{
    return vmlal_high_s8(sum, v_s8(w), v_s8(x));
}
HARK_INLINE vi v_low_s16(vi w, vi x)
{
    return vmull_s16(vget_low_s16(v_s16(w)), vget_low_s16(v_s16(x)));
}
HARK_INLINE vi v_high_s16(vi w, vi x) { return vmull_high_s16(v_s16(w), v_s16(x)); }
HARK_INLINE vi v_add_low_s16(vi sum, vi w, vi x)
{
    return vmlal_s16(sum, vget_low_s16(v_s16(w)), vget_low_s16(v_s16(x)));
}
HARK_INLINE vi v_add_high_s16(vi sum, vi w, vi x)
{
    return vmlal_high_s16(sum, v_s16(w), v_s16(x));
}
HARK_INLINE int16x8_t v_pairs_s16(int16x8_t a, int16x8_t b) { return vpaddq_s16(a, b); }
HARK_INLINE vi v_pairs_s32(vi a, vi b) { return vpaddq_s32(a, b); }
#else
HARK_INLINE int8x8_t v_s8(int32x2_t a) { return vreinterpret_s8_s32(a); }
HARK_INLINE int16x4_t v_s16(int32x2_t a) { return vreinterpret_s16_s32(a); }
HARK_INLINE int16x8_t v_low_s8(vi w, v_unit x) { return vmull_s8(v_s8(vget_low_s32(w)), v_s8(x)); }
HARK_INLINE int16x8_t v_high_s8(vi w, v_unit x)
{
    return vmull_s8(v_s8(vget_high_s32(w)), v_s8(x));
}
HARK_INLINE int16x8_t v_add_low_s8(int16x8_t sum, vi w, v_unit x)
{
    return vmlal_s8(sum, v_s8(vget_low_s32(w)), v_s8(x));
}
HARK_INLINE int16x8_t v_add_high_s8(int16x8_t sum, vi w, v_unit x)
{
    return vmlal_s8(sum, v_s8(vget_high_s32(w)), v_s8(x));
}
HARK_INLINE vi v_low_s16(vi w, v_unit x) { return vmull_s16(v_s16(vget_low_s32(w)), v_s16(x)); }
HARK_INLINE vi v_high_s16(vi w, v_unit x) { return vmull_s16(v_s16(vget_high_s32(w)), v_s16(x)); }
HARK_INLINE vi v_add_low_s16(vi sum, vi w, v_unit x)
{
    return vmlal_s16(sum, v_s16(vget_low_s32(w)), v_s16(x));
}
HARK_INLINE vi v_add_high_s16(vi sum, vi w, v_unit x)
{
    return vmlal_s16(sum, v_s16(vget_high_s32(w)), v_s16(x));
}
#if defined(__clang__) || !defined(__GNUC__)
HARK_INLINE int16x8_t v_pairs_s16(int16x8_t a, int16x8_t b)
{
    return vcombine_s16(vpadd_s16(vget_low_s16(a), vget_high_s16(a)),
                        vpadd_s16(vget_low_s16(b), vget_high_s16(b)));
}
HARK_INLINE vi v_pairs_s32(vi a, vi b)
{
    return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                        vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}
#else
/* GCC copies the halves that it combines. */
HARK_INLINE int16x8_t v_pairs_s16(int16x8_t a, int16x8_t b)
{
    int16x8_t pairs;
    __asm__("vpadd.i16 %e0, %e1, %f1\n\tvpadd.i16 %f0, %e2, %f2" : "=&w"(pairs) : "w"(a), "w"(b));
    return pairs;
}
HARK_INLINE vi v_pairs_s32(vi a, vi b)
{
    vi pairs;
    __asm__("vpadd.i32 %e0, %e1, %f1\n\tvpadd.i32 %f0, %e2, %f2" : "=&w"(pairs) : "w"(a), "w"(b));
    return pairs;
}
#endif
#endif

/* Four products of a column fit in 16 bits, 4 * 128 * 63 < 32768: two are added by multiplying, two
 * by adding pairs, and only then the sum is widened. */
HARK_INLINE vi vis_dot_u8(vi sum, vis x, const vi *w)
{
    const int16x8_t low = v_add_low_s8(v_low_s8(w[0], x.first), w[1], x.second);
    const int16x8_t high = v_add_high_s8(v_high_s8(w[0], x.first), w[1], x.second);
    return vpadalq_s16(sum, v_pairs_s16(low, high));
}
HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w)
{
    const v_unit unit = v_unit_of(x);
    return vpadalq_s16(sum, v_pairs_s16(v_low_s8(w, unit), v_high_s8(w, unit)));
}
HARK_INLINE vi vis_dot_i16(vi sum, vis x, const vi *w)
{
    const vi low = v_add_low_s16(v_low_s16(w[0], x.first), w[1], x.second);
    const vi high = v_add_high_s16(v_high_s16(w[0], x.first), w[1], x.second);
    return vi_add(sum, v_pairs_s32(low, high));
}
HARK_INLINE vi vi_dot_i16(vi sum, vi x, vi w)
{
    const v_unit unit = v_unit_of(x);
    return vi_add(sum, v_pairs_s32(v_low_s16(w, unit), v_high_s16(w, unit)));
}

#endif /* HARK_OWN_DOT */

#endif /* HARK_NEON_DOT_H */
