/* The restart of a recorder: what the stream must know to go on is pushed into the other half, so
 * that a replay can begin there. har_flight.h says what an app sees of it. */
#include <math.h>

#include "recorder.h"

/* Bytes that a push finds beside the events to come. */
uint64_t hari_flight_room(har_flight *flight)
{
    const uint64_t kept = hari_flight_half_now(&flight->ring)->used + flight->reserve +
                          hari_flight_whole(FLIGHT_PUSH_HEAD) + 8;
    return kept < flight->ring.half_size ? flight->ring.half_size - kept : 0;
}

/* Takes an event that is due in a restart, which nobody else sees; whether there was one. */
static bool take_event(har_flight *flight)
{
    har_event event = {.struct_size = sizeof event};
    if (har_poll_label(flight->stream, &event, NULL) != HAR_OK) return false;
    hari_flight_ring_event(&flight->ring, &event);
    flight->phase = event.first_sample;
    return true;
}

/* Pushes one row of a record once more; whether it was taken. */
static bool push_row(har_flight *flight, const hari_flight_record *push, uint32_t row)
{
    float values[FLIGHT_MOST_COLUMNS];
    const int64_t time = hari_flight_time(push, row);
    size_t taken = 0;
    for (uint32_t i = 0; i < push->columns; i++) values[i] = hari_flight_value(push, row, i);
    if (push->sensor == FLIGHT_NO_SENSOR)
        har_push_samples(flight->stream, values, 1, push->columns, push->has_times ? &time : NULL,
                         &taken, NULL);
    else
        har_push_sensor(flight->stream, push->sensor, values, 1, push->columns, &time, &taken,
                        NULL);
    return taken > 0;
}

/* Pushes the samples of a record, from `first` on, and keeps them in the half that is written. */
static void push_samples_again(har_flight *flight, const hari_flight_record *push, uint32_t first)
{
    hari_flight_ring_copy(&flight->ring, push, first, push->rows - first);
    for (uint32_t row = first; row < push->rows; row++) {
        bool is_taken = push_row(flight, push, row);
        for (bool more = true; !is_taken && more;) { /* a poll without an event makes room, too */
            more = take_event(flight);
            is_taken = push_row(flight, push, row);
        }
        /* What was taken once is taken again; where it is not, the half holds what was not run. */
        if (!is_taken) hari_flight_half_now(&flight->ring)->is_closed = true;
    }
    while (take_event(flight)) {
    }
}

static const hari_flight_half *older_half(const har_flight *flight)
{
    return &flight->ring.halves[1 - flight->ring.now];
}

bool hari_flight_is_pending(const har_flight *flight, uint32_t sensor)
{
    return flight->head.has_source && sensor < HAR_MAX_SENSORS &&
           flight->again[sensor].at < older_half(flight)->used;
}

/* Pushes what the older half has of a sensor and the stream takes; whether it took anything. */
static bool push_sensor_again(har_flight *flight, uint32_t sensor)
{
    const hari_flight_half *old = older_half(flight);
    hari_flight_again *a = &flight->again[sensor];
    hari_flight_record record = {.kind = 0};
    bool moved = false;
    for (size_t at = a->at; at < old->used; a->at = at) {
        if (hari_flight_next(old->bytes, old->used, &at, &record)) at = old->used;
        if (record.kind != FLIGHT_PUSH || record.sensor != sensor) continue;
        uint32_t first = 0;
        while (first < record.rows && hari_flight_time(&record, first) <= a->since) first++;
        uint32_t end = first;
        while (end < record.rows && push_row(flight, &record, end)) end++;
        if (end > first) {
            hari_flight_ring_copy(&flight->ring, &record, first, end - first);
            a->since = hari_flight_time(&record, end - 1);
            moved = true;
        }
        if (end < record.rows) break;
    }
    return moved;
}

/* All sensors in turn, as far as the stream takes it; whether something is left. */
bool hari_flight_go_on(har_flight *flight)
{
    bool is_left = false;
    for (bool moved = true; moved;) {
        moved = is_left = false;
        for (uint32_t i = 0; i < flight->head.source.sensor_count; i++) {
            if (!hari_flight_is_pending(flight, i)) continue;
            moved |= push_sensor_again(flight, i);
            is_left |= hari_flight_is_pending(flight, i);
        }
    }
    return is_left;
}

/* Where the records since the last reset of a half begin; the time up to which all sensors that
 * there are have told: the least of their newest. */
static size_t since_reset(const hari_flight_half *half, int64_t *last_ns)
{
    hari_flight_record record;
    size_t begin = 0;
    int64_t newest[HAR_MAX_SENSORS + 1];
    for (uint32_t i = 0; i <= HAR_MAX_SENSORS; i++) newest[i] = INT64_MAX;
    for (size_t at = 0;
         at < half->used && !hari_flight_next(half->bytes, half->used, &at, &record);) {
        if (record.kind == FLIGHT_RESET) {
            begin = at;
            for (uint32_t i = 0; i <= HAR_MAX_SENSORS; i++) newest[i] = INT64_MAX;
        }
        if (record.kind != FLIGHT_PUSH || record.rows == 0 || !record.has_times) continue;
        const uint32_t sensor = record.sensor < HAR_MAX_SENSORS ? record.sensor : HAR_MAX_SENSORS;
        newest[sensor] = hari_flight_time(&record, record.rows - 1);
    }
    *last_ns = INT64_MAX;
    for (uint32_t i = 0; i <= HAR_MAX_SENSORS; i++)
        if (newest[i] < *last_ns) *last_ns = newest[i];
    return begin;
}

/* Samples from number `start` on. */
static void push_last_samples(har_flight *flight, const hari_flight_half *old, uint64_t start)
{
    hari_flight_record record;
    int64_t last_ns;
    size_t at = since_reset(old, &last_ns);
    uint64_t number = 0;
    while (at < old->used && !hari_flight_next(old->bytes, old->used, &at, &record)) {
        if (record.kind != FLIGHT_PUSH) continue;
        const uint64_t before = start > number ? start - number : 0;
        number += record.rows;
        if (before < record.rows) push_samples_again(flight, &record, (uint32_t)before);
    }
}

static int64_t nanoseconds(const har_flight *flight, double rows)
{
    return (int64_t)(rows * 1e9 / flight->head.rate_hz);
}

/* Readings since warm_rows before the time up to which all sensors have told. Windows that the
 * stream has given make room on the way; those that it has not stay due. */
static void push_last_readings(har_flight *flight, const hari_flight_half *old)
{
    int64_t last_ns;
    const size_t begin = since_reset(old, &last_ns);
    const int64_t warm_ns = nanoseconds(flight, (double)flight->warm_rows);
    const int64_t hop_ns = nanoseconds(flight, (double)hari_flight_hop_of(&flight->head));
    const int64_t since = last_ns < INT64_MIN + warm_ns ? INT64_MIN : last_ns - warm_ns;
    for (uint32_t i = 0; i < HAR_MAX_SENSORS; i++)
        flight->again[i] = (hari_flight_again){begin, since};
    har_event event = {.struct_size = sizeof event};
    int64_t end_ns = INT64_MIN;
    for (bool more = true;
         hari_flight_go_on(flight) && more && end_ns < flight->last_end_ns - hop_ns;) {
        more = har_poll_label(flight->stream, &event, NULL) == HAR_OK;
        if (!more) continue; /* what was passed over made room */
        hari_flight_ring_event(&flight->ring, &event);
        if (!flight->is_based) hari_flight_rebase(flight, &event);
        end_ns = event.t_end_ns;
    }
    /* the rows lie on another grid: what ends nearer to the last event was that one */
    if (flight->last_end_ns > INT64_MIN) flight->last_end_ns += hop_ns / 2;
}

void hari_flight_rebase(har_flight *flight, const har_event *event)
{
    const double rows =
        (double)(event->t_start_ns - flight->last_start_ns) * flight->head.rate_hz * 1e-9;
    flight->base = flight->last_first + (uint64_t)llround(rows) - event->first_sample;
    hari_flight_codec c = {.out = hari_flight_half_now(&flight->ring)->bytes + FLIGHT_RECORD_HEAD,
                           .size = 8};
    hari_flight_u64(&c, &flight->base);
}

/* The number of the sample that the stream begins with again: warm_rows before the last one, where
 * a window begins. */
static uint64_t start_of_restart(const har_flight *flight)
{
    if (flight->rows <= flight->warm_rows) return 0;
    const uint64_t latest = flight->rows - flight->warm_rows;
    const uint64_t hop = hari_flight_hop_of(&flight->head);
    const uint64_t beyond = (latest + hop - flight->phase % hop) % hop;
    return latest >= beyond ? latest - beyond : 0;
}

void hari_flight_restart(har_flight *flight)
{
    const hari_flight_half *old = hari_flight_half_now(&flight->ring);
    const bool has_source = flight->head.has_source;
    const uint64_t start = has_source ? 0 : start_of_restart(flight);
    har_stream_reset(flight->stream, NULL);
    flight->rows -= start;
    flight->base += start;
    flight->phase = 0;
    flight->base_ns = (int64_t)llround((double)flight->base * 1e9 / flight->head.rate_hz);
    hari_flight_ring_turn(&flight->ring, flight->base, flight->base_ns);
    flight->is_based = !has_source || flight->last_end_ns == INT64_MIN;
    if (has_source)
        push_last_readings(flight, old);
    else
        push_last_samples(flight, old, start);
    hari_flight_half *now = hari_flight_half_now(&flight->ring);
    flight->settled = now->used;
    flight->pushed = 0;
    now->is_closed |= hari_flight_room(flight) == 0;
    flight->patience = now->is_closed ? flight->warm_rows : 0;
}
