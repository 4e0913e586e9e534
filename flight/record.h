/* The records of a flight file: kind, length of what follows, then that, filled up to a multiple of
 * eight bytes. docs/flight.md lists them. */
#ifndef FLIGHT_RECORD_H
#define FLIGHT_RECORD_H

#include <har/har.h>

#include "codec.h"

enum {
    FLIGHT_EPOCH = 1, /* the stream is as it was made; numbers of samples go on from `base` */
    FLIGHT_PUSH = 2,
    FLIGHT_EVENT = 3,
    FLIGHT_FLUSH = 4,
    FLIGHT_RESET = 5
};

#define FLIGHT_NO_SENSOR UINT32_MAX /* of a push: har_push_samples */

enum { FLIGHT_RECORD_HEAD = 8, FLIGHT_PUSH_HEAD = 16, FLIGHT_EVENT_HEAD = 64 };

typedef struct hari_flight_record {
    uint32_t kind;
    uint64_t base;    /* EPOCH: of the numbers of samples */
    int64_t base_ns;  /* EPOCH: of times, where samples have none of their own */
    uint32_t sensor;  /* PUSH, or FLIGHT_NO_SENSOR */
    uint32_t rows;    /* PUSH */
    uint32_t columns; /* PUSH */
    uint32_t has_times;
    har_event event;       /* EVENT, without name and scores */
    const uint8_t *values; /* PUSH: times, then values; EVENT: scores */
} hari_flight_record;

/* The next record of `bytes`, from `*at`, which moves past it. NULL, or what is wrong. */
const char *hari_flight_next(const uint8_t *bytes, size_t size, size_t *at,
                             hari_flight_record *record);

/* Of a PUSH. */
int64_t hari_flight_time(const hari_flight_record *record, uint32_t row);
float hari_flight_value(const hari_flight_record *record, uint32_t row, uint32_t column);

/* Of an EVENT. */
float hari_flight_score(const hari_flight_record *record, uint32_t index);

/* Bytes of a whole record with `size` bytes in it. */
static inline uint64_t hari_flight_whole(uint64_t size)
{
    return FLIGHT_RECORD_HEAD + (size + 7) / 8 * 8;
}

/* The numbers at the head of a push, and of an event. */
void hari_flight_code_push(hari_flight_codec *codec, hari_flight_record *record);
void hari_flight_code_event(hari_flight_codec *codec, har_event *event);

/* FNV-1a of 64 bits (Fowler, Noll, Vo), which ends a file; begins from FLIGHT_HASH. */
#define FLIGHT_HASH UINT64_C(0xcbf29ce484222325)
uint64_t hari_flight_hash(uint64_t hash, const uint8_t *bytes, size_t size);

#endif /* FLIGHT_RECORD_H */
