/* A flight file: opened, run again, and compared with another. */
#ifndef FLIGHT_REPLAY_H
#define FLIGHT_REPLAY_H

#include "head.h"
#include "record.h"

typedef struct flight_file {
    flight_head head;
    const uint8_t *records;
    size_t size;
} flight_file;

/* Reads the head and checks hash and every record. NULL, or what is wrong. `bytes` must stay. */
const char *flight_open(flight_file *file, const uint8_t *bytes, size_t size);

/* The first difference: of event number `event`, or of a row of input. */
typedef struct flight_difference {
    bool found;
    uint64_t event; /* number of the event in the file, from 0 */
    int64_t sample; /* the first of the event's window; the row's number, a reading's time */
    char field[48]; /* "class_index", "scores[3]", "channel 2" */
    double first;   /* recorded, or of the first file */
    double second;  /* found, or of the second */
} flight_difference;

/* Runs the file through a stream of `model` and compares every event, bit for bit. `*events` counts
 * those that were the same. Errors: those of har_stream_create and of the pushes. */
int32_t flight_replay(const flight_file *file, har_model *model, uint64_t *events,
                      flight_difference *difference, har_error *error);

/* What of the configurations differs, "" where nothing does. */
const char *flight_other_config(const flight_file *a, const flight_file *b);

/* The first differing row of input, and the first differing event, over what both files hold. */
void flight_compare(const flight_file *a, const flight_file *b, flight_difference *input,
                    flight_difference *event);

#endif /* FLIGHT_REPLAY_H */
