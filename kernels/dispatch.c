/* Which instruction sets are built for which architecture, from the plainest to the best. */
#include "base/cpu.h"
#include "kernels/hark.h"

#define HARK_ISA ref
#define HARK_KIND PLAIN
#include "kernels/isa.inc"

#if defined(HARK_X86)
#define HARK_ISA avx2
#define HARK_KIND VECTOR
#include "kernels/isa.inc"
#define HARK_ISA avxvnni
#define HARK_KIND DOT
#include "kernels/isa.inc"
#define HARK_ISA avx512
#define HARK_KIND WIDE
#include "kernels/isa.inc"
#define HARK_ISA avx512vnni
#define HARK_KIND VNNI
#include "kernels/isa.inc"
#elif defined(HARK_NEON)
#define HARK_ISA neon
#define HARK_KIND VECTOR
#include "kernels/isa.inc"
#if defined(HARK_NEONDOT)
#define HARK_ISA neondot
#define HARK_KIND DOT
#include "kernels/isa.inc"
#endif
#elif defined(HARK_WASM)
#define HARK_ISA wasm
#define HARK_KIND VECTOR
#include "kernels/isa.inc"
#endif

void hark_table_init(hark_table *table, uint32_t features)
{
    hark_take_ref(table);
    (void)features; /* of architectures without other kernels */
#if defined(HARK_X86)
    if (features & HAR_CPU_AVX2) hark_take_avx2(table);
    if (features & HAR_CPU_AVXVNNI) hark_take_avxvnni(table);
    if (features & HAR_CPU_AVX512) hark_take_avx512(table);
    if (features & HAR_CPU_AVX512VNNI) hark_take_avx512vnni(table);
#elif defined(HARK_NEON)
    if (features & HAR_CPU_NEON) hark_take_neon(table);
#if defined(HARK_NEONDOT)
    if (features & HAR_CPU_NEONDOT) hark_take_neondot(table);
#endif
#elif defined(HARK_WASM)
    if (features & HAR_CPU_WASM) hark_take_wasm(table);
#endif
}
