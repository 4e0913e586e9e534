/* x86: CPUID says what the processor has, XGETBV which registers the system saves; both must agree.
 * Intel SDM volume 1, 14.3 and 15.2. ARM: the system tells. */
#include "base/cpu_detect.h"

#include "har/cpu.h"

#if defined(__x86_64__) || defined(_M_X64)

#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif

typedef struct registers {
    uint32_t eax, ebx, ecx, edx;
} registers;

static registers cpuid(uint32_t leaf, uint32_t part)
{
    registers r = {0};
#if defined(_MSC_VER)
    int out[4];
    __cpuid(out, 0);
    if ((uint32_t)out[0] < leaf) return r;
    __cpuidex(out, (int)leaf, (int)part);
    r = (registers){(uint32_t)out[0], (uint32_t)out[1], (uint32_t)out[2], (uint32_t)out[3]};
#else
    __get_cpuid_count(leaf, part, &r.eax, &r.ebx, &r.ecx, &r.edx); /* leaves 0 where it has none */
#endif
    return r;
}

/* The state components that the system saves: XCR0. */
static uint64_t saved_state(void)
{
#if defined(_MSC_VER)
    return _xgetbv(0);
#else
    uint32_t low;
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
#endif
}

static int has(uint32_t reg, uint32_t bits) { return (reg & bits) == bits; }

uint32_t hari_cpu_detect(void)
{
    enum { FMA = 1u << 12, OSXSAVE = 1u << 27, AVX = 1u << 28 };         /* leaf 1 ecx */
    enum { AVX2 = 1u << 5, F = 1u << 16, DQ = 1u << 17, BW = 1u << 30 }; /* leaf 7 ebx */
    const uint32_t vl = 1u << 31;                                        /* leaf 7 ebx */
    enum { AVX512VNNI = 1u << 11 };                                      /* leaf 7 ecx */
    enum { AVXVNNI = 1u << 4 };                                          /* leaf 7.1 eax */
    enum { YMM = 0x6, ZMM = 0xe6 };                                      /* XCR0 */
    const registers one = cpuid(1, 0);
    if (!has(one.ecx, FMA | OSXSAVE | AVX)) return 0;
    const uint64_t saved = saved_state();
    const registers seven = cpuid(7, 0);
    if ((saved & YMM) != YMM || !has(seven.ebx, AVX2)) return 0;
    uint32_t features = HAR_CPU_AVX2;
    if (has(cpuid(7, 1).eax, AVXVNNI)) features |= HAR_CPU_AVXVNNI;
    if ((saved & ZMM) == ZMM && has(seven.ebx, F | DQ | BW | vl)) {
        features |= HAR_CPU_AVX512;
        if (has(seven.ecx, AVX512VNNI)) features |= HAR_CPU_AVX512VNNI;
    }
    return features;
}

#elif defined(__aarch64__) || defined(_M_ARM64)

#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

static int has_dot_product(void)
{
#if defined(__linux__)
    const unsigned long asimddp = 1ul << 20; /* HWCAP_ASIMDDP */
    return (getauxval(AT_HWCAP) & asimddp) != 0;
#elif defined(__APPLE__)
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &size, NULL, 0) == 0 && value;
#elif defined(_WIN32)
    const DWORD dot_product = 43; /* PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE */
    return IsProcessorFeaturePresent(dot_product);
#else
    return 0;
#endif
}

uint32_t hari_cpu_detect(void) { return HAR_CPU_NEON | (has_dot_product() ? HAR_CPU_NEONDOT : 0); }

#elif defined(__arm__) && defined(__linux__)

#include <sys/auxv.h>

uint32_t hari_cpu_detect(void)
{
    const unsigned long neon = 1ul << 12; /* HWCAP_NEON */
    return (getauxval(AT_HWCAP) & neon) != 0 ? HAR_CPU_NEON : 0;
}

#elif defined(__wasm_simd128__)

uint32_t hari_cpu_detect(void) { return HAR_CPU_WASM; }

#else

uint32_t hari_cpu_detect(void) { return 0; }

#endif
