/* The ring of the recorder: two halves of the caller's memory, one of them being written. */
#ifndef FLIGHT_RING_H
#define FLIGHT_RING_H

#include "record.h"

typedef struct hari_flight_half {
    uint8_t *bytes;
    size_t used;
    bool is_closed; /* a record did not fit: nothing more is kept before the next epoch */
} hari_flight_half;

typedef struct hari_flight_ring {
    hari_flight_half halves[2];
    uint32_t now; /* the half that is written; the other one is older, or empty */
    size_t half_size;
} hari_flight_ring;

static inline hari_flight_half *hari_flight_half_now(hari_flight_ring *ring)
{
    return &ring->halves[ring->now];
}

/* The other half, emptied, begins with an epoch. */
void hari_flight_ring_turn(hari_flight_ring *ring, uint64_t base, int64_t base_ns);

/* Adds a record; closes the half where it does not fit. */
void hari_flight_ring_mark(hari_flight_ring *ring, uint32_t kind);
void hari_flight_ring_event(hari_flight_ring *ring, const har_event *event);

/* Rows [0, rows) of a push that was taken. */
void hari_flight_ring_push(hari_flight_ring *ring, const hari_flight_record *push,
                           const float *values, const int64_t *times_ns);

/* `rows` rows from `first` on of a push that is in a ring. */
void hari_flight_ring_copy(hari_flight_ring *ring, const hari_flight_record *push, uint32_t first,
                           uint32_t rows);

#endif /* FLIGHT_RING_H */
