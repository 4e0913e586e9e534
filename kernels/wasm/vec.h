/* SIMD128 of WebAssembly: vectors of 4. The operations are listed in body/README.md.
 *
 * The module holds this code or does not: an engine without SIMD128 refuses all of it. */
#ifndef HARK_WASM_VEC_H
#define HARK_WASM_VEC_H

#if !defined(__wasm_simd128__)
#error "compile with -msimd128"
#endif

#include <wasm_simd128.h>

#include "kernels/body/isa.h"

#ifndef HARK_ISA
#define HARK_ISA wasm
#endif

/* Engines give 16 registers on x86 and 32 on Arm; tiles fit the 16. */
#define HARK_LANES 4u
#define HARK_TILE_PANELS 1u
#define HARK_ROWS_F32 2u /* of a tile: 8 sums, 4 weights, 2 inputs */
#define HARK_ROWS_Q 2u   /* 8 sums, 2 weights, 2 inputs, products */
#define HARK_HEIGHTS_F32 HARK_HEIGHTS_2
#define HARK_NEXT_F32 HARK_NEXT_2
#define HARK_HEIGHTS_Q HARK_HEIGHTS_2
#define HARK_NEXT_Q HARK_NEXT_2

typedef v128_t vf;
typedef v128_t vi;

HARK_INLINE void v_end(void) {}
HARK_INLINE vf v_load(const float *p) { return wasm_v128_load(p); }
HARK_INLINE vf v_all(float a) { return wasm_f32x4_splat(a); }
HARK_INLINE vf v_load_n(const float *p, uint32_t n)
{
    vf a = wasm_v128_load32_zero(p);
    if (n > 1) a = wasm_v128_load32_lane(p + 1, a, 1);
    if (n > 2) a = wasm_v128_load32_lane(p + 2, a, 2);
    return a;
}
HARK_INLINE void v_store(float *p, vf a) { wasm_v128_store(p, a); }
HARK_INLINE void v_store_n(float *p, vf a, uint32_t n)
{
    wasm_v128_store32_lane(p, a, 0);
    if (n > 1) wasm_v128_store32_lane(p + 1, a, 1);
    if (n > 2) wasm_v128_store32_lane(p + 2, a, 2);
}
HARK_INLINE vf v_add(vf a, vf b) { return wasm_f32x4_add(a, b); }
HARK_INLINE vf v_sub(vf a, vf b) { return wasm_f32x4_sub(a, b); }
HARK_INLINE vf v_mul(vf a, vf b) { return wasm_f32x4_mul(a, b); }
HARK_INLINE vf v_div(vf a, vf b) { return wasm_f32x4_div(a, b); }
/* SIMD128 does not fuse. */
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return v_add(v_mul(a, b), c); }
/* One value that multiplies every lane. */
typedef vf vs;
HARK_INLINE vs vs_load(const float *p) { return wasm_v128_load32_splat(p); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return v_fma(a, b, c); }
/* a > b ? a : b and a < b ? a : b: pmax(x, y) is x < y ? y : x, and pmin alike. */
HARK_INLINE vf v_max(vf a, vf b) { return wasm_f32x4_pmax(b, a); }
HARK_INLINE vf v_min(vf a, vf b) { return wasm_f32x4_pmin(b, a); }
/* a < b ? c : d */
HARK_INLINE vf v_less(vf a, vf b, vf c, vf d)
{
    return wasm_v128_bitselect(c, d, wasm_f32x4_lt(a, b));
}
/* b where b is NaN, else a */
HARK_INLINE vf v_or_nan(vf a, vf b) { return wasm_v128_bitselect(a, b, wasm_f32x4_eq(b, b)); }

HARK_INLINE vi vi_load(const int32_t *p) { return wasm_v128_load(p); }
HARK_INLINE void vi_store(int32_t *p, vi a) { wasm_v128_store(p, a); }
HARK_INLINE vi vi_all(int32_t a) { return wasm_i32x4_splat(a); }
HARK_INLINE vi vi_add(vi a, vi b) { return wasm_i32x4_add(a, b); }
HARK_INLINE vi vi_sub(vi a, vi b) { return wasm_i32x4_sub(a, b); }
HARK_INLINE vi vi_mul(vi a, vi b) { return wasm_i32x4_mul(a, b); }
HARK_INLINE vi vi_max(vi a, vi b) { return wasm_i32x4_max(a, b); }
/* n / 2, rounded to zero */
HARK_INLINE vi vi_halve(vi n) { return wasm_i32x4_shr(vi_add(n, wasm_u32x4_shr(n, 31)), 1); }
HARK_INLINE vf v_power_of_2(vi n) { return wasm_i32x4_shl(vi_add(n, vi_all(127)), 23); }
HARK_INLINE vf vi_to_f32(vi a) { return wasm_f32x4_convert_i32x4(a); }
/* To nearest, ties to even, of |a| < 2^22: the low bits of a + 1.5 * 2^23 are the integer. */
HARK_INLINE vi v_round(vf a)
{
    const vf shift = v_all(12582912.0f);
    return vi_sub(v_add(a, shift), shift);
}

HARK_INLINE vi vi_load_u8(const uint8_t *p)
{
    return wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p)));
}
HARK_INLINE vi vi_load_i8(const int8_t *p)
{
    return wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(p)));
}
HARK_INLINE vi vi_load_i16(const int16_t *p) { return wasm_i32x4_load16x4(p); }
HARK_INLINE void vi_store_u8(uint8_t *p, vi a)
{
    const v128_t words = wasm_i16x8_narrow_i32x4(a, a);
    wasm_v128_store32_lane(p, wasm_u8x16_narrow_i16x8(words, words), 0);
}
HARK_INLINE void vi_store_i16(int16_t *p, vi a)
{
    wasm_v128_store64_lane(p, wasm_i16x8_narrow_i32x4(a, a), 0);
}

/* 16 bytes at a time. */
#define HARK_BYTES 16u
typedef v128_t vb;
HARK_INLINE vb vb_load(const uint8_t *p) { return wasm_v128_load(p); }
HARK_INLINE void vb_store(uint8_t *p, vb a) { wasm_v128_store(p, a); }
HARK_INLINE vb vb_all(uint8_t a) { return wasm_u8x16_splat(a); }
HARK_INLINE vb vb_max(vb a, vb b) { return wasm_u8x16_max(a, b); }
HARK_INLINE vb vb_min(vb a, vb b) { return wasm_u8x16_min(a, b); }

/* ---- sums of products, two units of input at once ----
 * Values are widened to 16 bits first: input once for all columns, weights once for all rows. */

#define HARK_U8_OFFSET 0 /* subtracted from every U8 input by vi_input_u8 and vis_input_u8 */
#define HARK_UNITS 2u
#define HARK_ROW_SUMS_Q 1u

HARK_INLINE vi vi_input_i16(const void *p) { return wasm_v128_load32_splat(p); }
HARK_INLINE vi vi_input_u8(const void *p)
{
    return wasm_u16x8_extend_low_u8x16(wasm_v128_load32_splat(p));
}
HARK_INLINE vi vi_weights_u8(const void *p) { return wasm_v128_load(p); }
HARK_INLINE vi vi_weights_i16(const void *p) { return wasm_i16x8_load8x8(p); }

typedef struct vis {
    vi first, second;
} vis;

HARK_INLINE vis vis_input_u8(const void *p)
{
    const v128_t units = wasm_u16x8_load8x8(p);
    return (vis){wasm_i64x2_shuffle(units, units, 0, 0), wasm_i64x2_shuffle(units, units, 1, 1)};
}
HARK_INLINE vis vis_input_i16(const void *p)
{
    return (vis){vi_input_i16(p), vi_input_i16((const uint8_t *)p + 4)};
}

/* Products of columns 0 and 1, and of 2 and 3. */
HARK_INLINE v128_t v_low(vi w, vi x) { return wasm_i16x8_mul(wasm_i16x8_extend_low_i8x16(w), x); }
HARK_INLINE v128_t v_high(vi w, vi x) { return wasm_i16x8_mul(wasm_i16x8_extend_high_i8x16(w), x); }

/* sum += the four 16-bit values of each column, those of columns 0 and 1 in `low`, of 2 and 3 in
 * `high`. */
HARK_INLINE vi vi_add_fours(vi sum, v128_t low, v128_t high)
{
    const vi a = wasm_i32x4_extadd_pairwise_i16x8(low);
    const vi b = wasm_i32x4_extadd_pairwise_i16x8(high);
    const vi even = wasm_i32x4_shuffle(a, b, 0, 2, 4, 6);
    const vi odd = wasm_i32x4_shuffle(a, b, 1, 3, 5, 7);
    return vi_add(sum, vi_add(even, odd));
}

/* Two products fit in 16 bits, 2 * 255 * 63 < 32768. */
HARK_INLINE vi vis_dot_u8(vi sum, vis x, const vi *w)
{
    return vi_add_fours(sum, wasm_i16x8_add(v_low(w[0], x.first), v_low(w[1], x.second)),
                        wasm_i16x8_add(v_high(w[0], x.first), v_high(w[1], x.second)));
}
HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w)
{
    return vi_add_fours(sum, v_low(w, x), v_high(w, x));
}
HARK_INLINE vi vi_dot_i16(vi sum, vi x, vi w) { return vi_add(sum, wasm_i32x4_dot_i16x8(x, w)); }
HARK_INLINE vi vis_dot_i16(vi sum, vis x, const vi *w)
{
    return vi_dot_i16(vi_dot_i16(sum, x.first, w[0]), x.second, w[1]);
}

HARK_INLINE void v_prefetch(const void *p) { (void)p; } /* there is none */

#endif /* HARK_WASM_VEC_H */
