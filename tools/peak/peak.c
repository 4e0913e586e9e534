/* clock_gettime is POSIX, not C11. */
#if (defined(__unix__) || defined(__wasi__)) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 199309L
#endif

#include "peak.h"

#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#include <windows.h>
#else
#include <time.h>
#endif

#include "har/cpu.h"
#include "loops.h"

/* A loop, and the multiply-accumulates of one of its instructions. */
typedef struct measure {
    uint32_t feature;
    peak_loop *loop;
    double macs;
} measure;

static const measure FLOATS[] = {
#if defined(HAR_PEAK_X86)
    {HAR_CPU_AVX2, peak_f32_avx2, 8},
    {HAR_CPU_AVXVNNI, peak_f32_avx2, 8},
    {HAR_CPU_AVX512, peak_f32_avx512, 16},
    {HAR_CPU_AVX512VNNI, peak_f32_avx512, 16},
#elif defined(HAR_PEAK_NEON)
    {HAR_CPU_NEON, peak_f32_neon, 4},
    {HAR_CPU_NEONDOT, peak_f32_neon, 4},
#endif
    {0, NULL, 0}};

static const measure CODES[] = {
#if defined(HAR_PEAK_X86)
    {HAR_CPU_AVX2, peak_int8_avx2, 32},
    {HAR_CPU_AVXVNNI, peak_int8_avxvnni, 32},
    {HAR_CPU_AVX512, peak_int8_avx512, 64},
    {HAR_CPU_AVX512VNNI, peak_int8_avx512vnni, 64},
#elif defined(HAR_PEAK_NEON)
    {HAR_CPU_NEON, peak_int8_neon, 8},
#if defined(HAR_PEAK_NEONDOT)
    {HAR_CPU_NEONDOT, peak_int8_neondot, 16},
#endif
#endif
    {0, NULL, 0}};

enum { TRIES = 20, ROUNDS = 20000, COPIES = 200 };

#if defined(_WIN32)
uint64_t peak_clock(void)
{
    LARGE_INTEGER ticks;
    LARGE_INTEGER second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&second);
    return (uint64_t)((double)ticks.QuadPart / (double)second.QuadPart * 1e9);
}
#else
uint64_t peak_clock(void)
{
    struct timespec now;
#if defined(CLOCK_MONOTONIC)
    clock_gettime(CLOCK_MONOTONIC, &now);
#else
    timespec_get(&now, TIME_UTC);
#endif
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}
#endif

/* The best of some tries: what the machine can do, not what it does beside others. */
static double best_of(const measure *known, uint32_t feature)
{
    double best = 0;
    while (known->loop && known->feature != feature) known++;
    if (!known->loop) return 0;
    for (int i = 0; i < TRIES; i++) {
        const uint64_t start = peak_clock();
        known->loop(ROUNDS);
        const double seconds = (double)(peak_clock() - start) * 1e-9;
        const double rate = known->macs * PEAK_SUMS * ROUNDS / seconds;
        if (rate > best) best = rate;
    }
    return best;
}

double peak_f32(uint32_t feature) { return best_of(FLOATS, feature); }

double peak_int8(uint32_t feature) { return best_of(CODES, feature); }

double peak_copy(size_t bytes)
{
    unsigned char *from = calloc(bytes, 1);
    unsigned char *to = calloc(bytes, 1);
    double best = 0;
    for (int i = 0; from && to && i < TRIES; i++) {
        const uint64_t start = peak_clock();
        for (int copy = 0; copy < COPIES; copy++) {
            memcpy(to, from, bytes);
#if defined(__GNUC__)
            __asm__ volatile("" : : "r"(to), "r"(from) : "memory"); /* every copy is made */
#endif
        }
        const double seconds = (double)(peak_clock() - start) * 1e-9;
        const double rate = 2.0 * (double)bytes * COPIES / seconds;
        if (rate > best) best = rate;
    }
    free(from);
    free(to);
    return best;
}
