/* A number that threads share. A C99 compiler has no atomic numbers: built with one, for a board
 * with one thread, all of the library belongs to that thread. */
#ifndef HARI_BASE_SHARED_H
#define HARI_BASE_SHARED_H

#include <stddef.h>

#if __STDC_VERSION__ >= 201112L && !defined(__STDC_NO_ATOMICS__)

#include <stdatomic.h>

typedef atomic_size_t hari_shared;

static inline size_t hari_shared_get(hari_shared *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}
static inline void hari_shared_set(hari_shared *n, size_t value)
{
    atomic_store_explicit(n, value, memory_order_relaxed);
}
/* Adds; returns what it was. */
static inline size_t hari_shared_add(hari_shared *n, size_t value)
{
    return atomic_fetch_add_explicit(n, value, memory_order_relaxed);
}
/* Takes one away; returns what it was. Who gets 1 sees all that the others did before. */
static inline size_t hari_shared_drop(hari_shared *n)
{
    return atomic_fetch_sub_explicit(n, 1, memory_order_acq_rel);
}

#else

typedef size_t hari_shared;

static inline size_t hari_shared_get(const hari_shared *n) { return *n; }
static inline void hari_shared_set(hari_shared *n, size_t value) { *n = value; }
static inline size_t hari_shared_add(hari_shared *n, size_t value)
{
    *n += value;
    return *n - value;
}
static inline size_t hari_shared_drop(hari_shared *n) { return (*n)--; }

#endif

#endif /* HARI_BASE_SHARED_H */
