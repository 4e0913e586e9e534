/** @file
 * The instruction sets that kernels are written for.
 *
 * A model takes, at open, the best kernels that the processor and the operating system can run. Two
 * limits narrow the choice, for tests and for measurements: `cpu_allowed` of har_model_config, and
 * the environment variable HAR_CPU, which holds one of the names below ("ref": plain C alone). A
 * name stands for itself and what it builds on.
 */
#ifndef HAR_CPU_H
#define HAR_CPU_H

#include <stdint.h>

#include "har/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bits of instruction sets, with their names. */
enum {
    HAR_CPU_AVX2 = 1,       /**< "avx2": AVX2 with FMA */
    HAR_CPU_AVXVNNI = 2,    /**< "avxvnni": AVX2 with AVX-VNNI */
    HAR_CPU_AVX512 = 4,     /**< "avx512": AVX-512 F, BW, DQ, VL */
    HAR_CPU_AVX512VNNI = 8, /**< "avx512vnni": AVX-512 with VNNI */
    HAR_CPU_NEON = 16,      /**< "neon": NEON of armv7 and aarch64 */
    HAR_CPU_NEONDOT = 32,   /**< "neondot": NEON with the dot product of bytes */
    HAR_CPU_WASM = 64,      /**< "wasm": SIMD128 of WebAssembly, in a module that has it */
    HAR_CPU_REF = 1 << 30   /**< "ref": plain C; runs everywhere */
};

/** The HAR_CPU_* bits of what this processor can run, HAR_CPU_REF among them. Detection cannot
 * fail: where nothing can be told, HAR_CPU_REF alone. Any thread. Since 0.1. */
HAR_API uint32_t har_cpu_features(void);

/** The name of one HAR_CPU_* bit, NULL for anything else. Since 0.1. */
HAR_API const char *har_cpu_name(uint32_t feature);

#ifdef __cplusplus
}
#endif

#endif /* HAR_CPU_H */
