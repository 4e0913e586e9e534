/** @file
 * An allocator of the caller's. */
#ifndef HAR_ALLOCATOR_H
#define HAR_ALLOCATOR_H

#include <stddef.h>

/** `allocate` returns `size` bytes aligned to `alignment` (a power of two, at most 64), or NULL;
 * `release` gets the same pointer and size back. Both get `user`. A model's allocator is called
 * from the thread that opens it and from the one that releases it last; a stream's from the threads
 * that create and destroy it. */
typedef struct har_allocator {
    void *user;
    void *(*allocate)(void *user, size_t size, size_t alignment);
    void (*release)(void *user, void *memory, size_t size);
} har_allocator;

#endif /* HAR_ALLOCATOR_H */
