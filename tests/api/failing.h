/* An allocator that counts what is out, and fails at a call that the test chooses. */
#ifndef TESTS_API_FAILING_H
#define TESTS_API_FAILING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <har/allocator.h>

typedef struct failing {
    size_t calls;
    size_t fail_at; /* number of the call that gets nothing, from 1; 0: none */
    bool goes_on;   /* all later calls get nothing either */
    size_t blocks;  /* that are out */
    size_t bytes;
    size_t most_bytes;
} failing;

/* Counts a call; whether it is one that gets nothing. */
static inline bool failing_falls(failing *f)
{
    f->calls++;
    return f->fail_at != 0 && (f->goes_on ? f->calls >= f->fail_at : f->calls == f->fail_at);
}

static inline void *failing_allocate(void *user, size_t size, size_t alignment)
{
    failing *f = user;
    if (failing_falls(f)) return NULL;
    unsigned char *block = malloc(size + alignment + sizeof(void *));
    if (!block) return NULL;
    unsigned char *aligned = block + sizeof(void *);
    aligned += (alignment - (uintptr_t)aligned % alignment) % alignment;
    memcpy(aligned - sizeof(void *), &block, sizeof block);
    f->blocks++;
    f->bytes += size;
    if (f->bytes > f->most_bytes) f->most_bytes = f->bytes;
    return aligned;
}

static inline void failing_release(void *user, void *memory, size_t size)
{
    failing *f = user;
    unsigned char *block;
    memcpy(&block, (unsigned char *)memory - sizeof(void *), sizeof block);
    f->blocks--;
    f->bytes -= size;
    free(block);
}

static inline har_allocator failing_allocator(failing *f)
{
    return (har_allocator){f, failing_allocate, failing_release};
}

#endif /* TESTS_API_FAILING_H */
