/* madvise is not C11. */
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "base/checked.h"
#include "base/error.h"

/* Weights are megabytes that every window reads from end to end: in huge pages, where the system
 * gives them, they take few entries of the address cache, and few faults at load. Only whole huge
 * pages are asked for, so no memory is spent on it. */
enum { HUGE_PAGE = 1 << 21 };

static void ask_for_huge_pages(unsigned char *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
    const size_t skip = (size_t)(-(uintptr_t)memory & (uintptr_t)(HUGE_PAGE - 1));
    if (size < skip) return;
    const size_t whole = (size - skip) & ~(size_t)(HUGE_PAGE - 1);
    if (whole > 0) (void)madvise(memory + skip, whole, MADV_HUGEPAGE); /* a wish, no more */
#else
    (void)memory;
    (void)size;
#endif
}

/* malloc aligns to no more than max_align_t: take more and keep the real address just before. */
static void *heap_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    size_t total;
    if (size >= HUGE_PAGE) alignment = HUGE_PAGE;
    if (!hari_add_size(size, alignment + sizeof(void *), &total)) return NULL;
    unsigned char *block = malloc(total);
    if (!block) return NULL;
    uintptr_t start = (uintptr_t)block + sizeof(void *);
    size_t skip = (size_t)(-start & (uintptr_t)(alignment - 1));
    unsigned char *aligned = block + sizeof(void *) + skip;
    memcpy(aligned - sizeof(void *), &block, sizeof block);
    if (size >= HUGE_PAGE) ask_for_huge_pages(aligned, size);
    return aligned;
}

static void heap_release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)size;
    if (!memory) return;
    void *block;
    memcpy(&block, (unsigned char *)memory - sizeof(void *), sizeof block);
    free(block);
}

har_allocator hari_allocator_or_heap(const har_allocator *allocator)
{
    if (allocator && allocator->allocate) return *allocator;
    return (har_allocator){.user = NULL, .allocate = heap_allocate, .release = heap_release};
}

int32_t hari_check_config(uint32_t struct_size, size_t wanted, const har_allocator *allocator,
                          har_error *error)
{
    if (struct_size < wanted)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, struct_size, "at least", (double)wanted,
                               "config.struct_size");
    if ((allocator->allocate == NULL) == (allocator->release == NULL)) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_NULL, "has one function without the other",
                          "config.allocator");
}

/* Lies in front of each block, in a part of its own so that the block stays aligned. */
typedef struct hari_pool_block {
    struct hari_pool_block *next;
    size_t size;
} hari_pool_block;

void hari_pool_init(hari_pool *pool, const har_allocator *allocator, size_t limit)
{
    *pool = (hari_pool){.allocator = hari_allocator_or_heap(allocator), .limit = limit};
}

void *hari_pool_alloc(hari_pool *pool, size_t count, size_t size)
{
    void *memory = hari_pool_alloc_unset(pool, count, size);
    if (memory) memset(memory, 0, count * size);
    return memory;
}

void *hari_pool_alloc_unset(hari_pool *pool, size_t count, size_t size)
{
    size_t bytes;
    if (!hari_mul_size(count, size, &bytes)) return NULL;
    if (!hari_add_size(bytes, HARI_ALIGNMENT, &bytes)) return NULL;
    if (bytes > pool->limit - pool->bytes) return NULL;
    unsigned char *memory = pool->allocator.allocate(pool->allocator.user, bytes, HARI_ALIGNMENT);
    if (!memory) return NULL;
    hari_pool_block *block = (hari_pool_block *)(void *)memory;
    block->next = pool->blocks;
    block->size = bytes;
    pool->blocks = block;
    pool->bytes += bytes;
    return memory + HARI_ALIGNMENT;
}

void hari_pool_free(hari_pool *pool)
{
    while (pool->blocks) {
        hari_pool_block *block = pool->blocks;
        pool->blocks = block->next;
        pool->allocator.release(pool->allocator.user, block, block->size);
    }
    pool->bytes = 0;
}

void *hari_layout_take(hari_layout *layout, size_t count, size_t size)
{
    size_t start;
    size_t bytes;
    size_t end;
    if (!hari_align_size(layout->used, HARI_ALIGNMENT, &start) ||
        !hari_mul_size(count, size, &bytes) || !hari_add_size(start, bytes, &end)) {
        layout->overflow = true;
        return NULL;
    }
    layout->used = end;
    return layout->base ? layout->base + start : NULL;
}
