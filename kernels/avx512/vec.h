/* AVX-512 F, BW, DQ, VL: vectors of 16. The operations are listed in body/README.md. */
#ifndef HARK_AVX512_VEC_H
#define HARK_AVX512_VEC_H

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || \
    !defined(__AVX512VL__)
#error "compile with -mavx512f -mavx512bw -mavx512dq -mavx512vl"
#endif

#include <immintrin.h>

#include "kernels/body/isa.h"

#ifndef HARK_ISA
#define HARK_ISA avx512
#endif

#define HARK_LANES 16u
#define HARK_TILE_PANELS 2u
#define HARK_ROW_PANELS 4u
/* 16 sums hide their latency; 12 rows are no faster. Of one panel 6 rows are not worth their code.
 */
#define HARK_ROWS_F32 8u
#define HARK_HEIGHTS_F32 HARK_HEIGHTS_8
#define HARK_NEXT_F32 HARK_NEXT_8
#define HARK_ROWS_F32_ONE 8u
#define HARK_HEIGHTS_F32_ONE HARK_HEIGHTS_8_LESS_6
#define HARK_NEXT_F32_ONE HARK_NEXT_8_LESS_6
#define HARK_ROWS_Q 8u
#define HARK_HEIGHTS_Q HARK_HEIGHTS_8
#define HARK_NEXT_Q HARK_NEXT_8
#define HARK_ROWS_Q_ONE 8u
#define HARK_HEIGHTS_Q_ONE HARK_HEIGHTS_8_LESS_6
#define HARK_NEXT_Q_ONE HARK_NEXT_8_LESS_6
#define HARK_ROWS_I16 4u /* first layers: a third of the code for a tenth of their speed */
#define HARK_HEIGHTS_I16 HARK_HEIGHTS_4
#define HARK_NEXT_I16 HARK_NEXT_4
#define HARK_ROWS_I16_ONE 6u
#define HARK_HEIGHTS_I16_ONE HARK_HEIGHTS_6
#define HARK_NEXT_I16_ONE HARK_NEXT_6

typedef __m512 vf;
typedef __m512i vi;

/* Of the first `n` lanes. */
HARK_INLINE __mmask16 v_mask(uint32_t n) { return (__mmask16)((1u << n) - 1u); }

HARK_INLINE void v_end(void) { _mm256_zeroupper(); }
HARK_INLINE vf v_load(const float *p) { return _mm512_loadu_ps(p); }
HARK_INLINE vf v_load_n(const float *p, uint32_t n) { return _mm512_maskz_loadu_ps(v_mask(n), p); }
HARK_INLINE void v_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
HARK_INLINE void v_store_n(float *p, vf a, uint32_t n) { _mm512_mask_storeu_ps(p, v_mask(n), a); }
HARK_INLINE vf v_all(float a) { return _mm512_set1_ps(a); }
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
/* One value that multiplies every lane. */
typedef vf vs;
HARK_INLINE vs vs_load(const float *p) { return v_all(*p); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return v_fma(a, b, c); }
HARK_INLINE vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
HARK_INLINE vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
HARK_INLINE vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
HARK_INLINE vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
HARK_INLINE vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
HARK_INLINE vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }
/* a < b ? c : d */
HARK_INLINE vf v_less(vf a, vf b, vf c, vf d)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), d, c);
}
/* b where b is NaN, else a */
HARK_INLINE vf v_or_nan(vf a, vf b)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(b, b, _CMP_UNORD_Q), a, b);
}
HARK_INLINE vf v_power_of_2(vi n)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n, _mm512_set1_epi32(127)), 23));
}

HARK_INLINE vi vi_load(const int32_t *p) { return _mm512_loadu_si512(p); }
HARK_INLINE void vi_store(int32_t *p, vi a) { _mm512_storeu_si512(p, a); }
HARK_INLINE vi vi_all(int32_t a) { return _mm512_set1_epi32(a); }
HARK_INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
HARK_INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
HARK_INLINE vi vi_mul(vi a, vi b) { return _mm512_mullo_epi32(a, b); }
HARK_INLINE vi vi_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
/* n / 2, rounded to zero */
HARK_INLINE vi vi_halve(vi n)
{
    return _mm512_srai_epi32(_mm512_add_epi32(n, _mm512_srli_epi32(n, 31)), 1);
}
HARK_INLINE vf vi_to_f32(vi a) { return _mm512_cvtepi32_ps(a); }
HARK_INLINE vi v_round(vf a) { return _mm512_cvtps_epi32(a); } /* to nearest, ties to even */
HARK_INLINE vi vi_load_u8(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}
HARK_INLINE vi vi_load_i8(const int8_t *p)
{
    return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}
HARK_INLINE vi vi_load_i16(const int16_t *p)
{
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
HARK_INLINE void vi_store_u8(uint8_t *p, vi a)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(a));
}
/* Of the first `n` lanes. */
#define HARK_OWN_LANES
#define HARK_ALWAYS_MASKS 1
HARK_INLINE vi vi_load_n(const int32_t *p, uint32_t n)
{
    return _mm512_maskz_loadu_epi32(v_mask(n), p);
}
HARK_INLINE vi vi_load_u8_n(const uint8_t *p, uint32_t n)
{
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(v_mask(n), p));
}
HARK_INLINE vi vi_load_i8_n(const int8_t *p, uint32_t n)
{
    return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(v_mask(n), p));
}
HARK_INLINE void vi_store_u8_n(uint8_t *p, vi a, uint32_t n)
{
    _mm512_mask_cvtepi32_storeu_epi8(p, v_mask(n), a);
}
HARK_INLINE void vi_store_i16(int16_t *p, vi a)
{
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi32_epi16(a));
}

/* 64 bytes at a time. */
#define HARK_BYTES 64u
typedef __m512i vb;
HARK_INLINE vb vb_load(const uint8_t *p) { return _mm512_loadu_si512(p); }
HARK_INLINE void vb_store(uint8_t *p, vb a) { _mm512_storeu_si512(p, a); }
HARK_INLINE vb vb_all(uint8_t a) { return _mm512_set1_epi8((char)a); }
HARK_INLINE vb vb_max(vb a, vb b) { return _mm512_max_epu8(a, b); }
HARK_INLINE vb vb_min(vb a, vb b) { return _mm512_min_epu8(a, b); }

/* ---- sums of products: an input of 4 U8 or 2 I16 in every lane, weights of one vector ---- */

#define HARK_U8_OFFSET 0 /* subtracted from every U8 input by vi_input_u8 */

HARK_INLINE vi vi_input(const void *p)
{
    int32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm512_set1_epi32(bytes);
}
HARK_INLINE vi vi_input_u8(const void *p) { return vi_input(p); }
HARK_INLINE vi vi_input_i16(const void *p) { return vi_input(p); }
HARK_INLINE vi vi_weights_u8(const void *p) { return _mm512_loadu_si512(p); }
HARK_INLINE vi vi_weights_i16(const void *p) /* of I16 input, widened */
{
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p));
}

HARK_INLINE void v_prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }

#endif /* HARK_AVX512_VEC_H */
