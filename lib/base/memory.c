#include "base/memory.h"

#include <string.h>

#include "base/checked.h"
#include "base/error.h"
#include "base/system.h"

har_allocator hari_allocator_or_heap(const har_allocator *allocator)
{
    if (allocator && allocator->allocate) return *allocator;
    return (har_allocator){
        .user = NULL, .allocate = hari_heap_allocate, .release = hari_heap_release};
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
    if (!hari_align_size(bytes, HARI_ALIGNMENT, &bytes))
        return NULL; /* so blocks may lie in a row */
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
