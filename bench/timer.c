/* Calls a function and takes the time of every call, without Python in between. Loaded by
 * bench/timer.py through ctypes. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Every function of up to eight integer arguments can be called like this on the calling
 * conventions of Linux for x86-64 and 64-bit Arm: arguments it does not have stay unread. */
typedef uintptr_t call_fn(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                          uintptr_t, uintptr_t);

typedef struct bench_call {
    call_fn *function;
    uintptr_t a[8];
    const struct bench_call *then; /* called right after it; NULL: none */
} bench_call;

static uintptr_t run(const bench_call *c)
{
    for (; c->then; c = c->then)
        (void)c->function(c->a[0], c->a[1], c->a[2], c->a[3], c->a[4], c->a[5], c->a[6], c->a[7]);
    return c->function(c->a[0], c->a[1], c->a[2], c->a[3], c->a[4], c->a[5], c->a[6], c->a[7]);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Touches every line of `bytes` bytes, twice: whatever the caches held is gone. */
void bench_flush(unsigned char *memory, size_t bytes)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < bytes; i += 64) memory[i]++;
}

/* Times `calls` calls into nanoseconds[calls]; before each, `bytes` bytes at `memory` are touched.
 */
void bench_time(const bench_call *c, uint32_t calls, unsigned char *memory, size_t bytes,
                uint64_t *nanoseconds)
{
    for (uint32_t i = 0; i < calls; i++) {
        if (bytes > 0) bench_flush(memory, bytes);
        const uint64_t start = now();
        (void)run(c);
        nanoseconds[i] = now() - start;
    }
}

typedef struct painted {
    const bench_call *call;
    uintptr_t result;
} painted;

static void *run_painted(void *argument)
{
    painted *p = argument;
    p->result = run(p->call);
    return NULL;
}

static void *run_nothing(void *argument) { return argument; }

enum { STACK = 1 << 20, PAINT = 0xA5 };

static size_t stack_of(void *(*start)(void *), void *argument)
{
    size_t untouched = 0;
    unsigned char *stack = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    if (posix_memalign((void **)&stack, 4096, STACK) != 0) return 0;
    memset(stack, PAINT, STACK);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK);
    if (pthread_create(&thread, &attributes, start, argument) == 0) {
        pthread_join(thread, NULL);
        while (untouched < STACK && stack[untouched] == PAINT) untouched++;
        untouched = STACK - untouched;
    }
    pthread_attr_destroy(&attributes);
    free(stack);
    return untouched;
}

/* Bytes of stack of one call: those of a thread that makes it, less those of one that does nothing.
 */
size_t bench_stack(const bench_call *c)
{
    painted p = {c, 0};
    const size_t used = stack_of(run_painted, &p);
    const size_t idle = stack_of(run_nothing, NULL);
    return used > idle ? used - idle : 0;
}
