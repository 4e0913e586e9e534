#include "base/cpu.h"

#include <string.h>

#include "base/cpu_detect.h"
#include "base/error.h"
#include "base/shared.h"
#include "base/system.h"

typedef struct instruction_set {
    char name[12];
    uint32_t feature;
    uint32_t with; /* what it builds on */
} instruction_set;

static const instruction_set SETS[] = {
    {"ref", HAR_CPU_REF, 0},
    {"avx2", HAR_CPU_AVX2, 0},
    {"avxvnni", HAR_CPU_AVXVNNI, HAR_CPU_AVX2},
    {"avx512", HAR_CPU_AVX512, HAR_CPU_AVX2},
    {"avx512vnni", HAR_CPU_AVX512VNNI, HAR_CPU_AVX2 | HAR_CPU_AVX512},
    {"neon", HAR_CPU_NEON, 0},
    {"neondot", HAR_CPU_NEONDOT, HAR_CPU_NEON},
    {"wasm", HAR_CPU_WASM, 0},
};

enum { SET_COUNT = sizeof SETS / sizeof SETS[0] };

const char *hari_cpu_name(uint32_t feature)
{
    for (size_t i = 0; i < SET_COUNT; i++)
        if (SETS[i].feature == feature) return SETS[i].name;
    return NULL;
}

/* Old kernels of 64-bit ARM do not report the dot product; cpuinfo knows the cores that have it. It
 * is asked in that one case, for it reads files and prints where it fails. */
static uint32_t detect(void)
{
    uint32_t features = HAR_CPU_REF | hari_cpu_detect();
#if defined(__aarch64__)
    uint32_t more;
    if (!(features & HAR_CPU_NEONDOT) && hari_cpuinfo_detect(&more))
        features |= more & HAR_CPU_NEONDOT;
#endif
    return features;
}

uint32_t hari_cpu_features(void)
{
    static hari_shared found; /* 0: not looked yet; every answer has HAR_CPU_REF */
    uint32_t features = (uint32_t)hari_shared_get(&found);
    if (features == 0) {
        features = detect();
        hari_shared_set(&found, features);
    }
    return features;
}

/* What HAR_CPU leaves; all where it is not set. */
static int32_t limit_of_environment(uint32_t *limit, har_error *error)
{
    const char *name = hari_environment("HAR_CPU");
    *limit = UINT32_MAX;
    if (!name || !*name) return HAR_OK;
    for (size_t i = 0; i < SET_COUNT; i++)
        if (strcmp(SETS[i].name, name) == 0) {
            *limit = SETS[i].feature | SETS[i].with;
            return HAR_OK;
        }
    return hari_fail_text(error, HAR_ERR_VALUE,
                          "must be ref, avx2, avxvnni, avx512, avx512vnni, neon, neondot or wasm",
                          "environment variable HAR_CPU \"%.32s\"", name);
}

int32_t hari_cpu_allowed(uint32_t allowed, uint32_t *features, har_error *error)
{
    uint32_t limit;
    int32_t status = limit_of_environment(&limit, error);
    if (status != HAR_OK) return status;
    *features = hari_cpu_features() & limit & (allowed ? allowed : UINT32_MAX);
    return HAR_OK;
}
