/* Sensors that arrive one by one become rows at the model's rate.
 *
 *     sensor 0   | . . .  .  . . . . . .|. .        readings at their own times
 *     sensor 1   |    . . . . . . .   . . .|
 *     rows            0   1   2   3   4             start + k / rate, once all reach far enough
 *
 * Which readings a row is made of follows from the readings alone, not from when they came. */
#ifndef HARI_STREAM_MERGE_H
#define HARI_STREAM_MERGE_H

#include <stdbool.h>

#include "base/memory.h"
#include "har/source.h"
#include "signal/pace.h"
#include "signal/resample.h"

typedef struct hari_track {
    hari_readings readings;
    uint64_t at;       /* latest reading not after the next row; before the first row, the first */
    uint32_t side;     /* most readings on each side of a row */
    double support_ns; /* how far the readings of a row reach */
    int64_t newest;    /* time of the last reading; before the first, of any sensor's first */
    hari_pace pace;    /* of the readings up to `at` */
} hari_track;

typedef struct hari_merge {
    hari_track *tracks;
    double (*values)[3]; /* of the row, a line for each sensor */
    uint32_t track_count;
    double period_ns;
    int64_t max_gap_ns;
    int64_t max_wait_ns;
    bool has_readings;
    bool finished;     /* flushed: no more readings */
    bool running;      /* inside a piece */
    bool has_row;      /* the row of `time` is computed and not taken yet */
    bool begins_piece; /* it is the first after a gap */
    bool was_silent;   /* since the row before it a sensor was called silent */
    bool starved;      /* a sensor's buffer is full while another is waited for */
    int32_t waits_for; /* the sensor that the next row waits for, -1: none */
    int64_t start;     /* of the piece; between pieces the earliest the next can begin */
    uint64_t row;      /* number of the next row in the piece */
    int64_t lost_from; /* time of the first row that the gap took */
    int64_t newest;    /* of any sensor */
    int64_t time;
    uint64_t rows_lost;
    uint64_t duplicates;
    uint64_t taken;
} hari_merge;

/* Errors: HAR_ERR_VALUE where buffers would hold more than 2^20 readings. */
int32_t hari_merge_check(const har_source *source, double rate_hz, uint32_t queue,
                         int64_t max_wait_ns, har_error *error);

/* Takes the memory for a checked source; call hari_merge_reset before use. */
void hari_merge_layout(hari_merge *merge, const har_source *source, double rate_hz, uint32_t queue,
                       int64_t max_gap_ns, int64_t max_wait_ns, hari_layout *layout);

void hari_merge_reset(hari_merge *merge);

/* Takes one reading, whose time is not before the sensor's last; false: no room. */
bool hari_merge_take(hari_merge *merge, uint32_t sensor, const float *values, int64_t time_ns);

/* After hari_merge_take found no room and the rows cannot go on either: with a bounded wait the
 * sensor that is waited for is given up. True: something changed. */
bool hari_merge_give_up(hari_merge *merge, uint32_t sensor);

/* Whether a row is ready: its `time`, `values`, `begins_piece` and `was_silent`. It stays until
 * hari_merge_next. */
bool hari_merge_ready(hari_merge *merge);

/* Goes on to the row after the one that was ready. */
void hari_merge_next(hari_merge *merge);

#endif /* HARI_STREAM_MERGE_H */
