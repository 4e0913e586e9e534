/* A recorder at work, and its restarts. */
#ifndef FLIGHT_RECORDER_H
#define FLIGHT_RECORDER_H

#include "har_flight.h"
#include "head.h"
#include "ring.h"

enum { FLIGHT_MOST_COLUMNS = 256 };

/* Readings of a sensor that a restart pushes once more, from the older half. */
typedef struct hari_flight_again {
    size_t at;     /* of the record that they go on with; the end of the half: all are pushed */
    int64_t since; /* later than this */
} hari_flight_again;

struct har_flight {
    har_stream *stream;
    hari_flight_head head;
    uint8_t head_bytes[FLIGHT_HEAD_BYTES];
    hari_flight_ring ring;
    uint64_t reserve;   /* bytes of a half that events of windows that are due may need */
    uint64_t warm_rows; /* pushed once more at a restart */
    hari_flight_again again[HAR_MAX_SENSORS];
    uint64_t settled;    /* bytes of the half that the last restart left */
    uint64_t pushed;     /* rows since then */
    uint64_t patience;   /* rows to wait for where the restart itself did not fit: else it would be
                            tried at every poll */
    uint64_t rows;       /* of samples, since the stream was made or reset */
    uint64_t phase;      /* number of a sample at which a window begins */
    uint64_t base;       /* added to numbers of samples */
    int64_t base_ns;     /* added to times of samples that have none */
    int64_t last_end_ns; /* of the last event given, of samples with times */
    int64_t last_start_ns;
    uint64_t last_first; /* its first sample */
    bool is_based;       /* a source: `base` is that of the rows since the last restart */
    bool has_times;
    bool is_flushed;
};

/* Bytes that a push finds beside the events to come. */
uint64_t hari_flight_room(har_flight *flight);

/* Begins the other half: resets the stream and pushes the last rows once more. */
void hari_flight_restart(har_flight *flight);

/* Pushes what is left of them, sensor by sensor, as far as the stream takes it; whether something
 * is left still. */
bool hari_flight_go_on(har_flight *flight);

/* Of a source: finds `base` from an event since the restart and the time of the last one given, of
 * which rows lie where. */
void hari_flight_rebase(har_flight *flight, const har_event *event);

/* Whether a sensor has readings that must go before those that the app pushes. */
bool hari_flight_is_pending(const har_flight *flight, uint32_t sensor);

#endif /* FLIGHT_RECORDER_H */
