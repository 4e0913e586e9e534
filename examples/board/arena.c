#include "arena.h"

#include <stdint.h>

#ifndef ARENA_BYTES
#define ARENA_BYTES (100u * 1024u)
#endif

enum { ALIGNMENT = 64 }; /* the largest that the library asks for */

static unsigned char memory[ARENA_BYTES] __attribute__((aligned(ALIGNMENT)));
static size_t used;
static size_t peak;

static void *allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    const size_t start = (used + alignment - 1) & ~(alignment - 1);
    if (start > sizeof memory || size > sizeof memory - start) return NULL;
    used = start + size;
    if (used > peak) peak = used;
    return memory + start;
}

static void release(void *user, void *piece, size_t size)
{
    (void)user;
    const size_t start = (size_t)((unsigned char *)piece - memory);
    if (start + size == used) used = start;
}

har_allocator arena_allocator(void)
{
    return (har_allocator){.user = NULL, .allocate = allocate, .release = release};
}

size_t arena_bytes(void) { return sizeof memory; }
size_t arena_used(void) { return used; }
size_t arena_peak(void) { return peak; }
