#include <immintrin.h>

#include "loops.h"

#define FMA(sum, x) _mm256_fmadd_ps(x, x, sum)
#define DOT(sum, x) \
    _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, sum), _mm256_set1_epi16(1)))

PEAK_DEFINE(peak_f32_avx2, __m256, _mm256_setzero_ps(), _mm256_set1_ps(0.5f), FMA)
PEAK_DEFINE(peak_int8_avx2, __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(1), DOT)
