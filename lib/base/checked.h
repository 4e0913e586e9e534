/* Size arithmetic that cannot wrap. Each returns false, and leaves the result unset, on overflow.
 */
#ifndef HARI_BASE_CHECKED_H
#define HARI_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool hari_add_size(size_t a, size_t b, size_t *sum)
{
    if (a > SIZE_MAX - b) return false;
    *sum = a + b;
    return true;
}

static inline bool hari_mul_size(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b) return false;
    *product = a * b;
    return true;
}

/* Rounds up to a multiple of `alignment`, a power of two. */
static inline bool hari_align_size(size_t size, size_t alignment, size_t *aligned)
{
    if (!hari_add_size(size, alignment - 1, aligned)) return false;
    *aligned &= ~(alignment - 1);
    return true;
}

#endif /* HARI_BASE_CHECKED_H */
