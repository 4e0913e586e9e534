#include "ring.h"

/* Room for a record with `length` bytes in it, its head and its filling written; `bad` where the
 * half has none. */
static hari_flight_codec begin(hari_flight_ring *ring, uint32_t kind, uint64_t length)
{
    hari_flight_half *half = hari_flight_half_now(ring);
    hari_flight_codec c = {.bad = true};
    if (half->is_closed || length > UINT32_MAX ||
        hari_flight_whole(length) > ring->half_size - half->used) {
        half->is_closed = true;
        return c;
    }
    uint8_t *bytes = half->bytes + half->used;
    const size_t whole = (size_t)hari_flight_whole(length);
    memset(bytes + whole - 8, 0, 8);
    c = (hari_flight_codec){.out = bytes, .size = whole};
    half->used += whole;
    uint32_t size = (uint32_t)length;
    hari_flight_u32(&c, &kind);
    hari_flight_u32(&c, &size);
    return c;
}

void hari_flight_ring_turn(hari_flight_ring *ring, uint64_t base, int64_t base_ns)
{
    ring->now = 1 - ring->now;
    hari_flight_half *half = hari_flight_half_now(ring);
    half->used = 0;
    half->is_closed = false;
    hari_flight_codec c = begin(ring, FLIGHT_EPOCH, 16);
    hari_flight_u64(&c, &base);
    hari_flight_i64(&c, &base_ns);
}

void hari_flight_ring_mark(hari_flight_ring *ring, uint32_t kind) { begin(ring, kind, 0); }

void hari_flight_ring_event(hari_flight_ring *ring, const har_event *event)
{
    har_event copy = *event;
    hari_flight_codec c =
        begin(ring, FLIGHT_EVENT, FLIGHT_EVENT_HEAD + (uint64_t)event->score_count * 4);
    hari_flight_code_event(&c, &copy);
    for (uint32_t i = 0; i < event->score_count; i++) {
        float score = event->scores[i];
        hari_flight_f32(&c, &score);
    }
}

static uint64_t bytes_of(const hari_flight_record *push)
{
    return FLIGHT_PUSH_HEAD +
           (uint64_t)push->rows * (4u * (uint64_t)push->columns + 8u * push->has_times);
}

void hari_flight_ring_push(hari_flight_ring *ring, const hari_flight_record *push,
                           const float *values, const int64_t *times_ns)
{
    hari_flight_record head = *push;
    hari_flight_codec c = begin(ring, FLIGHT_PUSH, bytes_of(push));
    hari_flight_code_push(&c, &head);
    for (uint32_t row = 0; push->has_times && row < push->rows; row++) {
        int64_t time = times_ns[row];
        hari_flight_i64(&c, &time);
    }
    for (size_t i = 0; i < (size_t)push->rows * push->columns; i++) {
        float value = values[i];
        hari_flight_f32(&c, &value);
    }
}

void hari_flight_ring_copy(hari_flight_ring *ring, const hari_flight_record *push, uint32_t first,
                           uint32_t rows)
{
    hari_flight_record head = *push;
    head.rows = rows;
    hari_flight_codec c = begin(ring, FLIGHT_PUSH, bytes_of(&head));
    hari_flight_code_push(&c, &head);
    for (uint32_t row = first; push->has_times && row < first + rows; row++) {
        int64_t time = hari_flight_time(push, row);
        hari_flight_i64(&c, &time);
    }
    for (uint32_t row = first; row < first + rows; row++) {
        for (uint32_t column = 0; column < push->columns; column++) {
            float value = hari_flight_value(push, row, column);
            hari_flight_f32(&c, &value);
        }
    }
}
