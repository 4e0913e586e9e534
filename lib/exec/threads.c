/* Threads of pthreadpool. A pool of one, or none, means the calling thread. */
#include "exec/threads.h"

#include <pthreadpool.h>

hari_threads *hari_threads_create(uint32_t wanted, uint32_t *count)
{
    *count = 1;
    pthreadpool_t pool = wanted == 1 ? NULL : pthreadpool_create(wanted);
    if (pool) *count = (uint32_t)pthreadpool_get_threads_count(pool);
    return (hari_threads *)pool;
}

void hari_threads_run(hari_threads *threads, void (*task)(void *context, size_t i), void *context,
                      size_t count)
{
    pthreadpool_parallelize_1d((pthreadpool_t)threads, task, context, count, 0);
}

void hari_threads_delete(hari_threads *threads)
{
    if (threads) pthreadpool_destroy((pthreadpool_t)threads);
}
