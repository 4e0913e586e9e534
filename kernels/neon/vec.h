/* NEON of 64-bit and 32-bit Arm: vectors of 4. The operations are listed in body/README.md.
 *
 * 32-bit Arm has half the registers, no division, no rounding to nearest and no sums of pairs of
 * whole vectors, and NEON there takes subnormal numbers for 0; codes are the same bits all the
 * same, because no code depends on a subnormal number. */
#ifndef HARK_NEON_VEC_H
#define HARK_NEON_VEC_H

#if !defined(__ARM_NEON)
#error "compile for NEON: on 32-bit Arm with -mfpu=neon"
#endif

#include <arm_neon.h>

#include "kernels/body/isa.h"

#ifndef HARK_ISA
#define HARK_ISA neon
#endif

#define HARK_LANES 4u
#define HARK_TILE_PANELS 1u
#if defined(__aarch64__)
#define HARK_ROWS_F32 6u /* of a tile: 24 sums, 4 weights, 1 input of 32 registers */
#define HARK_ROWS_Q 4u   /* 16 sums, 2 weights, 8 inputs, products */
#define HARK_HEIGHTS_F32 HARK_HEIGHTS_6
#define HARK_NEXT_F32 HARK_NEXT_6
#define HARK_HEIGHTS_Q HARK_HEIGHTS_4
#define HARK_NEXT_Q HARK_NEXT_4
#else
#define HARK_ROWS_F32 2u /* 8 sums, 4 weights, 1 input of 16 registers */
#define HARK_ROWS_Q 2u   /* 8 sums, 2 weights, 2 inputs, products */
#define HARK_HEIGHTS_F32 HARK_HEIGHTS_2
#define HARK_NEXT_F32 HARK_NEXT_2
#define HARK_HEIGHTS_Q HARK_HEIGHTS_2
#define HARK_NEXT_Q HARK_NEXT_2
#endif

typedef float32x4_t vf;
typedef int32x4_t vi;

HARK_INLINE void v_end(void) {}
HARK_INLINE vf v_load(const float *p) { return vld1q_f32(p); }
HARK_INLINE vf v_all(float a) { return vdupq_n_f32(a); }
HARK_INLINE vf v_load_n(const float *p, uint32_t n)
{
    vf a = v_all(0.0f);
    a = vld1q_lane_f32(p, a, 0);
    if (n > 1) a = vld1q_lane_f32(p + 1, a, 1);
    if (n > 2) a = vld1q_lane_f32(p + 2, a, 2);
    return a;
}
HARK_INLINE void v_store(float *p, vf a) { vst1q_f32(p, a); }
HARK_INLINE void v_store_n(float *p, vf a, uint32_t n)
{
    vst1q_lane_f32(p, a, 0);
    if (n > 1) vst1q_lane_f32(p + 1, a, 1);
    if (n > 2) vst1q_lane_f32(p + 2, a, 2);
}
HARK_INLINE vf v_add(vf a, vf b) { return vaddq_f32(a, b); }
HARK_INLINE vf v_sub(vf a, vf b) { return vsubq_f32(a, b); }
HARK_INLINE vf v_mul(vf a, vf b) { return vmulq_f32(a, b); }
/* One value that multiplies every lane: an instruction takes it from a lane of a register. */
#if defined(__aarch64__)
typedef float vs;
HARK_INLINE vs vs_load(const float *p)
{
    float a = *p;
#if defined(__GNUC__)
    /* Hides where it is from: a load that fills all lanes would keep a multiplier waiting. */
    __asm__("" : "+w"(a));
#endif
    return a;
}
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return vfmaq_n_f32(c, b, a); }
HARK_INLINE vf v_div(vf a, vf b) { return vdivq_f32(a, b); }
#else
typedef float32x2_t vs;
HARK_INLINE vs vs_load(const float *p) { return vld1_dup_f32(p); }
#if defined(__ARM_FEATURE_FMA)
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return vfmaq_f32(c, vcombine_f32(a, a), b); }
#else
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return vmlaq_f32(c, a, b); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return vmlaq_lane_f32(c, b, a, 0); }
#endif
HARK_INLINE vf v_div(vf a, vf b)
{
    float x[HARK_LANES];
    float y[HARK_LANES];
    vst1q_f32(x, a);
    vst1q_f32(y, b);
    HARK_UNROLL for (uint32_t i = 0; i < HARK_LANES; i++) x[i] /= y[i];
    return vld1q_f32(x);
}
#endif
/* Lanes where a > b, and where a is a number. */
#if defined(__aarch64__) || defined(__clang__) || !defined(__GNUC__)
HARK_INLINE uint32x4_t v_greater(vf a, vf b) { return vcgtq_f32(a, b); }
HARK_INLINE uint32x4_t v_is_number(vf a) { return vceqq_f32(a, a); }
#else
/* GCC for 32-bit Arm takes NEON's comparisons lane by lane, because they flush subnormals. */
HARK_INLINE uint32x4_t v_greater(vf a, vf b)
{
    uint32x4_t mask;
    __asm__("vcgt.f32 %q0, %q1, %q2" : "=w"(mask) : "w"(a), "w"(b));
    return mask;
}
HARK_INLINE uint32x4_t v_is_number(vf a)
{
    uint32x4_t mask;
    __asm__("vceq.f32 %q0, %q1, %q1" : "=w"(mask) : "w"(a));
    return mask;
}
#endif
/* a > b ? a : b; vmaxq_f32 differs for NaN and for zeros */
HARK_INLINE vf v_max(vf a, vf b) { return vbslq_f32(v_greater(a, b), a, b); }
/* a < b ? a : b */
HARK_INLINE vf v_min(vf a, vf b) { return vbslq_f32(v_greater(b, a), a, b); }
/* a < b ? c : d */
HARK_INLINE vf v_less(vf a, vf b, vf c, vf d) { return vbslq_f32(v_greater(b, a), c, d); }
/* b where b is NaN, else a */
HARK_INLINE vf v_or_nan(vf a, vf b) { return vbslq_f32(v_is_number(b), a, b); }

/* Sums may wrap: unsigned, where that is defined. */
HARK_INLINE uint32x4_t vi_bits(vi a) { return vreinterpretq_u32_s32(a); }
HARK_INLINE vi vi_of_bits(uint32x4_t a) { return vreinterpretq_s32_u32(a); }

HARK_INLINE vi vi_load(const int32_t *p) { return vld1q_s32(p); }
HARK_INLINE void vi_store(int32_t *p, vi a) { vst1q_s32(p, a); }
HARK_INLINE vi vi_all(int32_t a) { return vdupq_n_s32(a); }
HARK_INLINE vi vi_add(vi a, vi b) { return vi_of_bits(vaddq_u32(vi_bits(a), vi_bits(b))); }
HARK_INLINE vi vi_sub(vi a, vi b) { return vi_of_bits(vsubq_u32(vi_bits(a), vi_bits(b))); }
HARK_INLINE vi vi_mul(vi a, vi b) { return vi_of_bits(vmulq_u32(vi_bits(a), vi_bits(b))); }
HARK_INLINE vi vi_max(vi a, vi b) { return vmaxq_s32(a, b); }
/* n / 2, rounded to zero */
HARK_INLINE vi vi_halve(vi n)
{
    return vshrq_n_s32(vi_add(n, vi_of_bits(vshrq_n_u32(vi_bits(n), 31))), 1);
}
HARK_INLINE vf v_power_of_2(vi n)
{
    return vreinterpretq_f32_s32(vshlq_n_s32(vi_add(n, vi_all(127)), 23));
}
HARK_INLINE vf vi_to_f32(vi a) { return vcvtq_f32_s32(a); }
/* to nearest, ties to even */
#if defined(__aarch64__)
HARK_INLINE vi v_round(vf a) { return vcvtnq_s32_f32(a); }
#else
HARK_INLINE vi v_round(vf a)
{
    const vf shift = v_all(12582912.0f); /* as hark_rne, for |a| < 2^22 */
    return vcvtq_s32_f32(v_sub(v_add(a, shift), shift));
}
#endif

/* Four bytes, at any address. */
HARK_INLINE uint32_t v_four_bytes(const void *p)
{
    uint32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}
HARK_INLINE vi vi_load_u8(const uint8_t *p)
{
    const uint16x8_t words = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(v_four_bytes(p))));
    return vi_of_bits(vmovl_u16(vget_low_u16(words)));
}
HARK_INLINE vi vi_load_i8(const int8_t *p)
{
    const int16x8_t words = vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(v_four_bytes(p))));
    return vmovl_s16(vget_low_s16(words));
}
HARK_INLINE vi vi_load_i16(const int16_t *p) { return vmovl_s16(vld1_s16(p)); }
HARK_INLINE void vi_store_u8(uint8_t *p, vi a)
{
    const int16x4_t words = vqmovn_s32(a);
    const uint8x8_t codes = vqmovun_s16(vcombine_s16(words, words));
    const uint32_t bytes = vget_lane_u32(vreinterpret_u32_u8(codes), 0);
    memcpy(p, &bytes, sizeof bytes);
}
HARK_INLINE void vi_store_i16(int16_t *p, vi a) { vst1_s16(p, vqmovn_s32(a)); }

/* 16 bytes at a time. */
#define HARK_BYTES 16u
typedef uint8x16_t vb;
HARK_INLINE vb vb_load(const uint8_t *p) { return vld1q_u8(p); }
HARK_INLINE void vb_store(uint8_t *p, vb a) { vst1q_u8(p, a); }
HARK_INLINE vb vb_all(uint8_t a) { return vdupq_n_u8(a); }
HARK_INLINE vb vb_max(vb a, vb b) { return vmaxq_u8(a, b); }
HARK_INLINE vb vb_min(vb a, vb b) { return vminq_u8(a, b); }

#include "kernels/neon/dot.h"

HARK_INLINE void v_prefetch(const void *p) { __builtin_prefetch(p); }

#endif /* HARK_NEON_VEC_H */
