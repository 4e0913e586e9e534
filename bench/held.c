/* Answers the CPUID instructions of libraries that bench/held.py has changed: each is a breakpoint
 * (int3) there. The answers are the processor's, without what came after AVX2. Loading this library
 * is enough. Bits: CPUID in Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#define BIT(n) (UINT32_C(1) << (n))

typedef struct answer {
    uint32_t a, b, c, d;
} answer;

/* Leaf 7, part 0: AVX-512 (F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ;
 * 4VNNIW, 4FMAPS, VP2INTERSECT, FP16), GFNI, VAES, VPCLMULQDQ, AMX. */
static const answer later = {
    0,
    BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31),
    BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14),
    BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25),
};

/* Leaf 7, part 1: all of it is later (AVX-VNNI, AVX512-BF16, AVX-IFMA, AVX-VNNI-INT8, AVX10). */
static answer held(uint32_t leaf, uint32_t part)
{
    answer x = {0, 0, 0, 0};
    __cpuid_count(leaf, part, x.a, x.b, x.c, x.d);
    if (leaf != 7) return x;
    if (part > 0) return (answer){0, 0, 0, 0};
    return (answer){x.a, x.b & ~later.b, x.c & ~later.c, x.d & ~later.d};
}

static void on_breakpoint(int number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    const answer x = held((uint32_t)r[REG_RAX], (uint32_t)r[REG_RCX]);
    (void)number;
    (void)info;
    r[REG_RAX] = x.a;
    r[REG_RBX] = x.b;
    r[REG_RCX] = x.c;
    r[REG_RDX] = x.d;
}

__attribute__((constructor)) static void start(void)
{
    struct sigaction action = {0};
    action.sa_sigaction = on_breakpoint;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    (void)sigaction(SIGTRAP, &action, NULL);
}
