/* Threads of POSIX in the place of pthreadpool's, whose atomics ThreadSanitizer cannot see. */
#include "exec/threads.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct task {
    void (*run)(void *context, size_t i);
    void *context;
    size_t number;
} task;

/* Nothing is kept between runs. */
hari_threads *hari_threads_create(uint32_t wanted, uint32_t *count)
{
    *count = wanted > 0 ? wanted : 4;
    return NULL;
}

static void *run_task(void *argument)
{
    const task *t = argument;
    t->run(t->context, t->number);
    return NULL;
}

void hari_threads_run(hari_threads *threads, void (*run)(void *context, size_t i), void *context,
                      size_t count)
{
    (void)threads;
    pthread_t *started = calloc(count, sizeof *started);
    task *tasks = calloc(count, sizeof *tasks);
    if (!started || !tasks) abort();
    for (size_t i = 0; i < count; i++) {
        tasks[i] = (task){run, context, i};
        if (pthread_create(&started[i], NULL, run_task, &tasks[i]) != 0) abort();
    }
    for (size_t i = 0; i < count; i++) pthread_join(started[i], NULL);
    free(started);
    free(tasks);
}

void hari_threads_delete(hari_threads *threads) { (void)threads; }
