/* The queue of rows between the signal steps and the network, with the time of each.
 *
 *     start            start + window            start + capacity
 *       | rows of the next window | rows of later windows |
 *
 * Rows are numbered from 0 since the stream began. A row's time arrives with its sample, `latency`
 * rows before the row itself. */
#ifndef HARI_STREAM_QUEUE_H
#define HARI_STREAM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

typedef struct hari_queue {
    uint32_t columns;
    uint32_t window;
    uint32_t capacity; /* rows */
    uint32_t latency;
    float *rows;       /* row number r stands at r % capacity */
    int64_t *times;    /* of sample number n at n % (capacity + latency) */
    uint16_t *reasons; /* the same of each sample's HAR_REASON_* */
    uint64_t start;    /* first row of the next window */
    uint64_t end;      /* rows so far */
} hari_queue;

void hari_queue_layout(hari_queue *queue, hari_layout *layout);

static inline bool hari_queue_has_room(const hari_queue *queue)
{
    return queue->end - queue->start < queue->capacity;
}

static inline bool hari_queue_is_due(const hari_queue *queue)
{
    return queue->end - queue->start >= queue->window;
}

/* Where the next row is to be written; it counts once hari_queue_add is called. */
static inline float *hari_queue_next(const hari_queue *queue)
{
    return queue->rows + (size_t)(queue->end % queue->capacity) * queue->columns;
}

static inline void hari_queue_add(hari_queue *queue) { queue->end++; }

static inline int64_t *hari_queue_time(const hari_queue *queue, uint64_t sample)
{
    return &queue->times[sample % ((uint64_t)queue->capacity + queue->latency)];
}

static inline uint16_t *hari_queue_reasons(const hari_queue *queue, uint64_t sample)
{
    return &queue->reasons[sample % ((uint64_t)queue->capacity + queue->latency)];
}

/* Copies the window that starts at row `first`, whose rows are still there. */
void hari_queue_copy(const hari_queue *queue, uint64_t first, float *window);

#endif /* HARI_STREAM_QUEUE_H */
