/* The library without pthreadpool: everything on the calling thread. */
#include "exec/threads.h"

hari_threads *hari_threads_create(uint32_t wanted, uint32_t *count)
{
    (void)wanted;
    *count = 1;
    return NULL;
}

void hari_threads_run(hari_threads *threads, void (*task)(void *context, size_t i), void *context,
                      size_t count)
{
    (void)threads;
    for (size_t i = 0; i < count; i++) task(context, i);
}

void hari_threads_delete(hari_threads *threads) { (void)threads; }
