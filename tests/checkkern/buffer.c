#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkkern.h"

enum { FILL = 0xA5, WATCHED = 256 };

/* A block with a forbidden page on either side, or a plain one where there are no such pages. */
static unsigned char *map_block(size_t bytes, size_t *inside)
{
#if defined(__linux__)
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *inside = (bytes + page - 1) / page * page;
    unsigned char *block =
        mmap(NULL, *inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED || mprotect(block + page, *inside, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    return block + page;
#else
    *inside = bytes;
    return malloc(bytes);
#endif
}

static void unmap_block(unsigned char *block, size_t inside)
{
#if defined(__linux__)
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(block - page, inside + 2 * page);
#else
    (void)inside;
    free(block);
#endif
}

void *take(checker *c, size_t bytes, size_t element)
{
    buffer *b = &c->buffers[c->buffer_count];
    if (c->buffer_count == MOST_BUFFERS) abort();
    b->block = map_block(bytes + WATCHED, &b->block_bytes);
    if (!b->block) {
        fprintf(stderr, "checkkern: no memory for %zu bytes\n", bytes);
        exit(2);
    }
    memset(b->block, FILL, b->block_bytes);
    const size_t slack = (b->block_bytes - bytes) / element * element;
    const bool at_end = random_range(&c->random, 0, 3) != 0;
    const size_t offset = at_end ? slack : random_range(&c->random, 0, 16) * element;
    b->data = b->block + (offset < slack ? offset : slack);
    b->bytes = bytes;
    c->buffer_count++;
    return b->data;
}

static bool was_left(const buffer *b)
{
    const size_t before = (size_t)(b->data - b->block);
    for (size_t i = 0; i < before; i++)
        if (b->block[i] != FILL) return true;
    for (size_t i = before + b->bytes; i < b->block_bytes; i++)
        if (b->block[i] != FILL) return true;
    return false;
}

void give_back(checker *c)
{
    for (uint32_t i = 0; i < c->buffer_count; i++) {
        if (was_left(&c->buffers[i])) {
            printf("  %s wrote outside of its buffer %u\n", c->kernel, (unsigned)i);
            c->failures++;
        }
        unmap_block(c->buffers[i].block, c->buffers[i].block_bytes);
    }
    c->buffer_count = 0;
}
