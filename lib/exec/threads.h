/* Work on several threads, for the time of a call. */
#ifndef HARI_EXEC_THREADS_H
#define HARI_EXEC_THREADS_H

#include <stddef.h>
#include <stdint.h>

typedef struct hari_threads hari_threads;

/* `wanted` threads, 0: one for each core, and their number in `*count`. NULL with a count of 1, the
 * calling thread, where there are no more to be had or the library lacks pthreadpool. */
hari_threads *hari_threads_create(uint32_t wanted, uint32_t *count);

/* Calls task(context, i) for each i below `count`, on the threads and the calling one; returns when
 * all are done. */
void hari_threads_run(hari_threads *threads, void (*task)(void *context, size_t i), void *context,
                      size_t count);

void hari_threads_delete(hari_threads *threads); /* NULL is allowed */

#endif /* HARI_EXEC_THREADS_H */
