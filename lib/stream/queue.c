#include "stream/queue.h"

#include <string.h>

void hari_queue_layout(hari_queue *queue, hari_layout *layout)
{
    const size_t samples = (size_t)queue->capacity + queue->latency;
    queue->rows = hari_layout_take(layout, queue->capacity, queue->columns * sizeof *queue->rows);
    queue->times = hari_layout_take(layout, samples, sizeof *queue->times);
    queue->reasons = hari_layout_take(layout, samples, sizeof *queue->reasons);
}

void hari_queue_copy(const hari_queue *queue, uint64_t first, float *window)
{
    const uint32_t begin = (uint32_t)(first % queue->capacity);
    const uint32_t until_wrap = queue->capacity - begin;
    const uint32_t head = queue->window < until_wrap ? queue->window : until_wrap;
    const size_t row = queue->columns;
    memcpy(window, queue->rows + begin * row, head * row * sizeof *window);
    memcpy(window + head * row, queue->rows, (queue->window - head) * row * sizeof *window);
}
