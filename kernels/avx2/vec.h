/* AVX2 with FMA: vectors of 8. The operations are listed in body/README.md. */
#ifndef HARK_AVX2_VEC_H
#define HARK_AVX2_VEC_H

#if !defined(__AVX2__) || !defined(__FMA__)
#error "compile with -mavx2 -mfma"
#endif

#include <immintrin.h>

#include "kernels/body/isa.h"

#ifndef HARK_ISA
#define HARK_ISA avx2
#endif

#define HARK_LANES 8u
#define HARK_TILE_PANELS 1u
#define HARK_ROWS_F32 6u /* of a tile: 12 sums, 2 weights, 1 input of 16 registers */
#define HARK_ROWS_Q 4u   /* 8 sums, 2 weights, input, ones, product */
#define HARK_HEIGHTS_Q HARK_HEIGHTS_4
#define HARK_NEXT_Q HARK_NEXT_4
#define HARK_HEIGHTS_F32 HARK_HEIGHTS_6
#define HARK_NEXT_F32 HARK_NEXT_6

typedef __m256 vf;
typedef __m256i vi;

/* Of the first `n` lanes. */
HARK_INLINE __m256i v_mask(uint32_t n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

HARK_INLINE void v_end(void) { _mm256_zeroupper(); }
HARK_INLINE vf v_load(const float *p) { return _mm256_loadu_ps(p); }
HARK_INLINE vf v_load_n(const float *p, uint32_t n) { return _mm256_maskload_ps(p, v_mask(n)); }
HARK_INLINE void v_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
HARK_INLINE void v_store_n(float *p, vf a, uint32_t n) { _mm256_maskstore_ps(p, v_mask(n), a); }
HARK_INLINE vf v_all(float a) { return _mm256_set1_ps(a); }
HARK_INLINE vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
/* One value that multiplies every lane. */
typedef vf vs;
HARK_INLINE vs vs_load(const float *p) { return v_all(*p); }
HARK_INLINE vf v_fma_s(vs a, vf b, vf c) { return v_fma(a, b, c); }
HARK_INLINE vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
HARK_INLINE vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
HARK_INLINE vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
HARK_INLINE vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
HARK_INLINE vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
HARK_INLINE vf v_min(vf a, vf b) { return _mm256_min_ps(a, b); }
/* a < b ? c : d */
HARK_INLINE vf v_less(vf a, vf b, vf c, vf d)
{
    return _mm256_blendv_ps(d, c, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
/* b where b is NaN, else a */
HARK_INLINE vf v_or_nan(vf a, vf b)
{
    return _mm256_blendv_ps(a, b, _mm256_cmp_ps(b, b, _CMP_UNORD_Q));
}
HARK_INLINE vf v_power_of_2(vi n)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

HARK_INLINE vi vi_load(const int32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}
HARK_INLINE void vi_store(int32_t *p, vi a) { _mm256_storeu_si256((__m256i *)(void *)p, a); }
HARK_INLINE vi vi_all(int32_t a) { return _mm256_set1_epi32(a); }
HARK_INLINE vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
HARK_INLINE vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
HARK_INLINE vi vi_mul(vi a, vi b) { return _mm256_mullo_epi32(a, b); }
HARK_INLINE vi vi_max(vi a, vi b) { return _mm256_max_epi32(a, b); }
/* n / 2, rounded to zero */
HARK_INLINE vi vi_halve(vi n)
{
    return _mm256_srai_epi32(_mm256_add_epi32(n, _mm256_srli_epi32(n, 31)), 1);
}
HARK_INLINE vf vi_to_f32(vi a) { return _mm256_cvtepi32_ps(a); }
HARK_INLINE vi v_round(vf a) { return _mm256_cvtps_epi32(a); } /* to nearest, ties to even */
HARK_INLINE vi vi_load_u8(const uint8_t *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}
HARK_INLINE vi vi_load_i8(const int8_t *p)
{
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}
HARK_INLINE vi vi_load_i16(const int16_t *p)
{
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}
HARK_INLINE __m128i v_narrow(vi a)
{
    return _mm_packs_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
}
HARK_INLINE void vi_store_u8(uint8_t *p, vi a)
{
    const __m128i words = v_narrow(a);
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(words, words));
}
HARK_INLINE void vi_store_i16(int16_t *p, vi a)
{
    _mm_storeu_si128((__m128i *)(void *)p, v_narrow(a));
}

/* 32 bytes at a time. */
#define HARK_BYTES 32u
typedef __m256i vb;
HARK_INLINE vb vb_load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}
HARK_INLINE void vb_store(uint8_t *p, vb a) { _mm256_storeu_si256((__m256i *)(void *)p, a); }
HARK_INLINE vb vb_all(uint8_t a) { return _mm256_set1_epi8((char)a); }
HARK_INLINE vb vb_max(vb a, vb b) { return _mm256_max_epu8(a, b); }
HARK_INLINE vb vb_min(vb a, vb b) { return _mm256_min_epu8(a, b); }

/* ---- sums of products: an input of 4 U8 or 2 I16 in every lane, weights of one vector ---- */

#define HARK_U8_OFFSET 0 /* subtracted from every U8 input by vi_input_u8 */

HARK_INLINE vi vi_input(const void *p)
{
    int32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm256_set1_epi32(bytes);
}
HARK_INLINE vi vi_input_u8(const void *p) { return vi_input(p); }
HARK_INLINE vi vi_input_i16(const void *p) { return vi_input(p); }
HARK_INLINE vi vi_weights_u8(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
HARK_INLINE vi vi_weights_i16(const void *p) /* of I16 input, widened */
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}
#ifndef HARK_OWN_DOT
/* Pairs fit in 16 bits: 2 * 255 * 63 < 32768. */
HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w)
{
    const __m256i pairs = _mm256_maddubs_epi16(x, w);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
HARK_INLINE vi vi_dot_i16(vi sum, vi x, vi w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}
#endif

HARK_INLINE void v_prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }

#endif /* HARK_AVX2_VEC_H */
