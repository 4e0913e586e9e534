/* vpdpbusd of AVX-VNNI multiplies 4 U8 by 4 I8 in every lane and adds them to the sum. */
#if !defined(__AVXVNNI__)
#error "compile with -mavxvnni"
#endif

#define HARK_ISA avxvnni
#define HARK_OWN_DOT
#include "kernels/avx2/vec.h"

HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w) { return _mm256_dpbusd_avx_epi32(sum, x, w); }

/* After the operations. */
#include "kernels/body/conv_u8.h"
