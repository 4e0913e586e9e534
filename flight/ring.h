/* The ring of the recorder: two halves of the caller's memory, one of them being written. */
#ifndef FLIGHT_RING_H
#define FLIGHT_RING_H

#include "record.h"

typedef struct flight_half {
    uint8_t *bytes;
    size_t used;
    bool is_closed; /* a record did not fit: nothing more is kept before the next epoch */
} flight_half;

typedef struct flight_ring {
    flight_half halves[2];
    uint32_t now; /* the half that is written; the other one is older, or empty */
    size_t half_size;
} flight_ring;

static inline flight_half *flight_half_now(flight_ring *ring) { return &ring->halves[ring->now]; }

/* The other half, emptied, begins with an epoch. */
void flight_ring_turn(flight_ring *ring, uint64_t base, int64_t base_ns);

/* Adds a record; closes the half where it does not fit. */
void flight_ring_mark(flight_ring *ring, uint32_t kind);
void flight_ring_event(flight_ring *ring, const har_event *event);

/* Rows [0, rows) of a push that was taken. */
void flight_ring_push(flight_ring *ring, const flight_record *push, const float *values,
                      const int64_t *times_ns);

/* Rows from `first` on of a push that is in a ring. */
void flight_ring_copy(flight_ring *ring, const flight_record *push, uint32_t first);

#endif /* FLIGHT_RING_H */
