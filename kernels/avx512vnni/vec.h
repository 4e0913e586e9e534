/* AVX-512 with VNNI: one instruction multiplies 4 U8 by 4 I8, or 2 I16 by 2 I16, in every lane and
 * adds them to the sum. */
#ifndef HARK_AVX512VNNI_VEC_H
#define HARK_AVX512VNNI_VEC_H

#if !defined(__AVX512VNNI__)
#error "compile with -mavx512vnni"
#endif

#define HARK_ISA avx512vnni
#include "kernels/avx512/vec.h"

HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w) { return _mm512_dpbusd_epi32(sum, x, w); }
HARK_INLINE vi vi_dot_i16(vi sum, vi x, vi w) { return _mm512_dpwssd_epi32(sum, x, w); }

#endif /* HARK_AVX512VNNI_VEC_H */
