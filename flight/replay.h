/* A flight file: opened, run again, and compared with another. */
#ifndef FLIGHT_REPLAY_H
#define FLIGHT_REPLAY_H

#include "head.h"
#include "record.h"

typedef struct hari_flight_file {
    hari_flight_head head;
    const uint8_t *records;
    size_t size;
} hari_flight_file;

/* Reads the head and checks hash and every record. NULL, or what is wrong. `bytes` must stay. */
const char *hari_flight_open(hari_flight_file *file, const uint8_t *bytes, size_t size);

/* The first difference: of event number `event`, or of a row of input. */
typedef struct hari_flight_difference {
    bool found;
    uint64_t event; /* number of the event in the file, from 0 */
    int64_t sample; /* the first of the event's window; the row's number, a reading's time */
    char field[48]; /* "class_index", "scores[3]", "channel 2" */
    double first;   /* recorded, or of the first file */
    double second;  /* found, or of the second */
} hari_flight_difference;

/* Runs the file through a stream of `model` and compares every event, bit for bit. `*events` counts
 * those that were the same. Errors: those of har_stream_create and of the pushes. */
int32_t hari_flight_replay(const hari_flight_file *file, har_model *model, uint64_t *events,
                           hari_flight_difference *difference, har_error *error);

/* What of the configurations differs, "" where nothing does. */
const char *hari_flight_other_config(const hari_flight_file *a, const hari_flight_file *b);

/* The first differing row of input, and the first differing event, over what both files hold. */
void hari_flight_compare(const hari_flight_file *a, const hari_flight_file *b,
                         hari_flight_difference *input, hari_flight_difference *event);

#endif /* FLIGHT_REPLAY_H */
