#include <immintrin.h>

#include "loops.h"

#define DOT(sum, x) _mm512_dpbusd_epi32(sum, x, x)

PEAK_DEFINE(peak_int8_avx512vnni, __m512i, _mm512_setzero_si512(), _mm512_set1_epi8(1), DOT)
