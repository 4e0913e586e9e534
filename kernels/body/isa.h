/* What every file of an instruction set includes before a body: names and inlining. The vec.h of
 * the set defines HARK_ISA and the vector operations that body/README.md lists. */
#ifndef HARK_BODY_ISA_H
#define HARK_BODY_ISA_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/hark.h"

#if defined(_MSC_VER)
#define HARK_INLINE static __forceinline
#else
#define HARK_INLINE static inline __attribute__((always_inline))
#endif

/* Unrolls the loop that follows: its trip count is a constant after inlining, and the arrays that
 * it indexes are registers. */
#if defined(__clang__)
#define HARK_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define HARK_UNROLL _Pragma("GCC unroll 32")
#else
#define HARK_UNROLL
#endif

#define HARK_NAME(name) HARK_NAME2(name, HARK_ISA)
#define HARK_NAME2(name, isa) HARK_NAME3(name, isa)
#define HARK_NAME3(name, isa) hark_##name##_##isa

#endif /* HARK_BODY_ISA_H */
