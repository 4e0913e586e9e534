/* vpdpbusd multiplies 4 U8 by 4 I8 in every lane and adds them to the sum at once. */
#if !defined(__AVX512VNNI__)
#error "compile with -mavx512vnni"
#endif

#define HARK_ISA avx512vnni
#define HARK_OWN_DOT
#include "kernels/avx512/vec.h"

HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w) { return _mm512_dpbusd_epi32(sum, x, w); }

/* After the operations. */
#include "kernels/body/conv_u8.h"
