#include <immintrin.h>

#include "loops.h"

#define FMA(sum, x) _mm512_fmadd_ps(x, x, sum)
#define DOT(sum, x) \
    _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(x, sum), _mm512_set1_epi16(1)))

PEAK_DEFINE(peak_f32_avx512, __m512, _mm512_setzero_ps(), _mm512_set1_ps(0.5f), FMA)
PEAK_DEFINE(peak_int8_avx512, __m512i, _mm512_setzero_si512(), _mm512_set1_epi8(1), DOT)
