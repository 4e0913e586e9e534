#include <immintrin.h>

#include "loops.h"

#define DOT(sum, x) _mm256_dpbusd_avx_epi32(sum, x, x)

PEAK_DEFINE(peak_int8_avxvnni, __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(1), DOT)
