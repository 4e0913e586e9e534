/* The loops of peak.c, one pair for each instruction set, in a file that is compiled for it. */
#ifndef HAR_TOOLS_PEAK_LOOPS_H
#define HAR_TOOLS_PEAK_LOOPS_H

#include <stdint.h>

/* Twelve independent sums hide the latency of one instruction behind the others. */
enum { PEAK_SUMS = 12 };

/* One round is one instruction (or exact sequence) on each of PEAK_SUMS vectors. */
typedef void peak_loop(uint64_t rounds);

peak_loop peak_f32_avx2, peak_f32_avx512, peak_f32_neon;
peak_loop peak_int8_avx2, peak_int8_avxvnni, peak_int8_avx512, peak_int8_avx512vnni;
peak_loop peak_int8_neon, peak_int8_neondot;

/* Keeps the compiler from moving or dropping work on `v`, which stays in a register. */
#if defined(__aarch64__) || defined(__arm__)
#define PEAK_KEEP(v) __asm__ volatile("" : "+w"(v))
#else
#define PEAK_KEEP(v) __asm__ volatile("" : "+v"(v))
#endif

/* Defines a loop: `step` takes a sum and an operand and gives the sum. */
#define PEAK_DEFINE(name, type, zero, operand, step)                        \
    void name(uint64_t rounds)                                              \
    {                                                                       \
        type x = operand;                                                   \
        type a = zero, b = zero, c = zero, d = zero, e = zero, f = zero;    \
        type g = zero, h = zero, i = zero, j = zero, k = zero, l = zero;    \
        PEAK_KEEP(x);                                                       \
        for (uint64_t round = 0; round < rounds; round++) {                 \
            a = step(a, x), b = step(b, x), c = step(c, x), d = step(d, x); \
            e = step(e, x), f = step(f, x), g = step(g, x), h = step(h, x); \
            i = step(i, x), j = step(j, x), k = step(k, x), l = step(l, x); \
            PEAK_KEEP(a);                                                   \
            PEAK_KEEP(b);                                                   \
            PEAK_KEEP(c);                                                   \
            PEAK_KEEP(d);                                                   \
            PEAK_KEEP(e);                                                   \
            PEAK_KEEP(f);                                                   \
            PEAK_KEEP(g);                                                   \
            PEAK_KEEP(h);                                                   \
            PEAK_KEEP(i);                                                   \
            PEAK_KEEP(j);                                                   \
            PEAK_KEEP(k);                                                   \
            PEAK_KEEP(l);                                                   \
        }                                                                   \
    }

#endif /* HAR_TOOLS_PEAK_LOOPS_H */
