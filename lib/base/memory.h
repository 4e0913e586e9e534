/* Where memory comes from: the caller's allocator or the heap, a pool for what a model owns, and a
 * bump layout for what a stream owns. */
#ifndef HARI_BASE_MEMORY_H
#define HARI_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "har/allocator.h"
#include "har/status.h"

#define HARI_ALIGNMENT 64u

/* `allocator` itself, or the heap when its functions are NULL. */
har_allocator hari_allocator_or_heap(const har_allocator *allocator);

/* A config that holds an allocator: its size, and that both functions are there, or neither.
 * Errors: HAR_ERR_STRUCT_SIZE, HAR_ERR_NULL. */
int32_t hari_check_config(uint32_t struct_size, size_t wanted, const har_allocator *allocator,
                          har_error *error);

/* Blocks aligned to HARI_ALIGNMENT that are freed together. */
typedef struct hari_pool {
    har_allocator allocator;
    struct hari_pool_block *blocks;
    size_t bytes; /* handed out, with the blocks' headers */
    size_t limit; /* of `bytes`, so that no file makes a model grow without bound */
} hari_pool;

void hari_pool_init(hari_pool *pool, const har_allocator *allocator, size_t limit);

/* `count` elements of `size` bytes, zeroed; NULL when the product overflows, the
 * limit is passed or the allocator has none.
 * Zero bytes give a valid pointer. */
void *hari_pool_alloc(hari_pool *pool, size_t count, size_t size);

/* The same, with anything in it: for what is written as a whole. */
void *hari_pool_alloc_unset(hari_pool *pool, size_t count, size_t size);

void hari_pool_free(hari_pool *pool);

/* A block that is laid out once with `base` NULL, to learn its size, and once for real:
 *
 *     base | 64-byte aligned part | 64-byte aligned part | ... | used
 */
typedef struct hari_layout {
    unsigned char *base;
    size_t used;
    bool overflow; /* the size does not fit in size_t */
} hari_layout;

/* The next aligned part of `count` elements of `size` bytes; NULL while measuring. */
void *hari_layout_take(hari_layout *layout, size_t count, size_t size);

#endif /* HARI_BASE_MEMORY_H */
