#include <math.h>
#include <stdio.h>

#include "har_flight.h"
#include "head.h"
#include "ring.h"

enum { ALIGNMENT = 16, MOST_COLUMNS = 256, WARM_WINDOWS = 4 };

struct har_flight {
    har_stream *stream;
    hari_flight_head head;
    uint8_t head_bytes[FLIGHT_HEAD_BYTES];
    hari_flight_ring ring;
    uint64_t reserve;    /* bytes of a half that events of windows that are due may need */
    uint64_t warm_rows;  /* pushed once more at a restart */
    uint64_t rows;       /* of samples, since the stream was made or reset */
    uint64_t phase;      /* number of a sample at which a window begins */
    uint64_t base;       /* added to numbers of samples */
    int64_t base_ns;     /* added to times of samples that have none */
    int64_t last_end_ns; /* of the last event given, of samples with times */
    bool has_times;
    bool is_flushed;
};

static int32_t fail(har_error *error, int32_t status, double value, double bound, const char *field)
{
    if (!error || error->struct_size < sizeof *error) return status;
    error->status = status;
    error->byte = HAR_NO_BYTE;
    error->value = value;
    error->bound = bound;
    snprintf(error->field, sizeof error->field, "%s", field);
    if (isnan(value))
        snprintf(error->text, sizeof error->text, "%s: %s", field, har_status_text(status));
    else
        snprintf(error->text, sizeof error->text, "%s is %.10g, must be at least %.10g", field,
                 value, bound);
    return status;
}

static int32_t null_argument(har_error *error, const char *field)
{
    return fail(error, HAR_ERR_NULL, (double)NAN, (double)NAN, field);
}

static uint64_t event_bytes(const hari_flight_head *head)
{
    return hari_flight_whole(FLIGHT_EVENT_HEAD + 4 * (uint64_t)head->class_count);
}

/* Bytes of the input of `rows` samples: one by one, of sensors each at up to four times the rate.
 */
static uint64_t input_bytes(const hari_flight_head *head, uint64_t rows)
{
    const uint64_t sample =
        hari_flight_whole(FLIGHT_PUSH_HEAD + 8 + 4 * (uint64_t)head->channel_count);
    if (!head->has_source) return rows * sample;
    const uint64_t reading = hari_flight_whole(FLIGHT_PUSH_HEAD + 8 + 4 * 3);
    return rows * 4 * head->source.sensor_count * reading;
}

/* Sets what follows from the head; returns the bytes of a half at least. */
static uint64_t plan(har_flight *flight, uint32_t latency)
{
    const hari_flight_head *head = &flight->head;
    const uint64_t hop = hari_flight_hop_of(head);
    const uint64_t queue = head->config.queue ? head->config.queue : head->window;
    flight->reserve = ((queue + head->window) / hop + 4) * event_bytes(head);
    flight->warm_rows = WARM_WINDOWS * (uint64_t)head->window + latency + hop;
    const uint64_t warm =
        input_bytes(head, flight->warm_rows) + (flight->warm_rows / hop + 1) * event_bytes(head);
    return (4 * (warm + flight->reserve) + 1024) / 8 * 8;
}

static int32_t prepare(har_flight *flight, const har_model *model, const har_stream_config *config,
                       uint64_t *half, har_error *error)
{
    uint64_t unused;
    const int32_t status = har_stream_memory_needed(model, config, &unused, error);
    if (status != HAR_OK) return status; /* every number is checked from here on */
    har_model_info info = {.struct_size = sizeof info};
    har_model_get_info(model, &info);
    memset(flight, 0, sizeof *flight);
    hari_flight_head_of(&flight->head, model, config);
    *half = plan(flight, info.latency);
    return HAR_OK;
}

int32_t har_flight_memory_needed(const har_model *model, const har_stream_config *config,
                                 uint64_t *bytes, har_error *error)
{
    if (!bytes) return null_argument(error, "bytes");
    har_flight flight;
    uint64_t half;
    const int32_t status = prepare(&flight, model, config, &half, error);
    if (status == HAR_OK) *bytes = ALIGNMENT + sizeof flight + 2 * half;
    return status;
}

int32_t har_flight_begin(har_model *model, const har_stream_config *config, void *memory,
                         size_t size, har_flight **out, har_error *error)
{
    if (!out) return null_argument(error, "flight");
    *out = NULL;
    if (!memory) return null_argument(error, "memory");
    har_flight fresh;
    uint64_t half;
    int32_t status = prepare(&fresh, model, config, &half, error);
    if (status != HAR_OK) return status;
    const uint64_t least = ALIGNMENT + sizeof fresh + 2 * half;
    if (size < least)
        return fail(error, HAR_ERR_ARENA_TOO_SMALL, (double)size, (double)least, "size");
    const size_t skip = (ALIGNMENT - (uintptr_t)memory % ALIGNMENT) % ALIGNMENT;
    uint8_t *bytes = (uint8_t *)memory + skip;
    har_flight *flight = (har_flight *)(void *)bytes;
    status = har_stream_create(model, config, &fresh.stream, error);
    if (status != HAR_OK) return status;
    *flight = fresh;
    flight->ring.half_size = (size - skip - sizeof *flight) / 16 * 8;
    flight->ring.halves[0].bytes = bytes + sizeof *flight;
    flight->ring.halves[1].bytes = bytes + sizeof *flight + flight->ring.half_size;
    flight->ring.now = 1;
    flight->last_end_ns = INT64_MIN;
    hari_flight_codec c = {.out = flight->head_bytes, .size = FLIGHT_HEAD_BYTES};
    const char *problem;
    hari_flight_head_code(&c, &flight->head, &problem);
    hari_flight_ring_turn(&flight->ring, 0, 0);
    *out = flight;
    return HAR_OK;
}

void har_flight_end(har_flight *flight)
{
    if (flight) har_stream_destroy(flight->stream);
}

har_stream *har_flight_stream(har_flight *flight) { return flight ? flight->stream : NULL; }

/* Of `rows` of a push those that fit beside the events to come. */
static size_t rows_that_fit(har_flight *flight, size_t rows, uint32_t columns, bool has_times)
{
    const hari_flight_half *half = hari_flight_half_now(&flight->ring);
    if (half->is_closed || columns == 0 || columns > MOST_COLUMNS) return rows;
    const uint64_t kept = half->used + flight->reserve + hari_flight_whole(FLIGHT_PUSH_HEAD) + 8;
    if (kept >= flight->ring.half_size) return 0;
    const uint64_t fit = (flight->ring.half_size - kept) / (4u * columns + (has_times ? 8u : 0u));
    return rows < fit ? rows : (size_t)fit;
}

static int32_t record_push(har_flight *flight, int32_t status, hari_flight_record *push,
                           size_t wanted, const float *values, const int64_t *times_ns,
                           size_t taken)
{
    if (status < 0) return status;
    push->rows = (uint32_t)taken;
    if (taken > 0) hari_flight_ring_push(&flight->ring, push, values, times_ns);
    return taken < wanted ? HAR_PARTIAL : status;
}

int32_t har_flight_push_samples(har_flight *flight, const float *samples, size_t rows,
                                uint32_t channels, const int64_t *times_ns, size_t *taken,
                                har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    const size_t fit = rows_that_fit(flight, rows, channels, times_ns != NULL);
    const int32_t status =
        har_push_samples(flight->stream, samples, fit, channels, times_ns, taken, error);
    if (status < 0) return status;
    flight->rows += *taken;
    if (*taken > 0) flight->has_times = times_ns != NULL;
    hari_flight_record push = {
        .sensor = FLIGHT_NO_SENSOR, .columns = channels, .has_times = times_ns != NULL};
    return record_push(flight, status, &push, rows, samples, times_ns, *taken);
}

int32_t har_flight_push_sensor(har_flight *flight, uint32_t sensor, const float *values,
                               size_t rows, uint32_t columns, const int64_t *times_ns,
                               size_t *taken, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    const size_t fit = rows_that_fit(flight, rows, columns, true);
    const int32_t status =
        har_push_sensor(flight->stream, sensor, values, fit, columns, times_ns, taken, error);
    if (status < 0) return status;
    flight->has_times = true;
    hari_flight_record push = {.sensor = sensor, .columns = columns, .has_times = 1};
    return record_push(flight, status, &push, rows, values, times_ns, *taken);
}

/* Takes the events that are due; where they are those of a restart nobody else sees them. */
static void take_events(har_flight *flight)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(flight->stream, &event, NULL) == HAR_OK) {
        hari_flight_ring_event(&flight->ring, &event);
        flight->phase = event.first_sample;
    }
}

/* Pushes row after row of a record, from `first` on, and keeps them in the half that is written. */
static void push_again(har_flight *flight, const hari_flight_record *push, uint32_t first)
{
    float values[MOST_COLUMNS];
    hari_flight_ring_copy(&flight->ring, push, first);
    for (uint32_t row = first; row < push->rows; row++) {
        const int64_t time = hari_flight_time(push, row);
        for (uint32_t i = 0; i < push->columns; i++) values[i] = hari_flight_value(push, row, i);
        size_t taken = 0;
        for (int tries = 0; taken == 0 && tries < 2; tries++) {
            if (push->sensor == FLIGHT_NO_SENSOR)
                har_push_samples(flight->stream, values, 1, push->columns,
                                 push->has_times ? &time : NULL, &taken, NULL);
            else
                har_push_sensor(flight->stream, push->sensor, values, 1, push->columns, &time,
                                &taken, NULL);
            if (taken == 0) take_events(flight);
        }
        /* What was taken once is taken again; where it is not, the half holds what was not run. */
        if (taken == 0) hari_flight_half_now(&flight->ring)->is_closed = true;
    }
    take_events(flight);
}

/* Where the records since the last reset of a half begin; the last time among them. */
static size_t since_reset(const hari_flight_half *half, int64_t *last_ns)
{
    hari_flight_record record;
    size_t begin = 0;
    *last_ns = INT64_MIN;
    for (size_t at = 0;
         at < half->used && !hari_flight_next(half->bytes, half->used, &at, &record);) {
        if (record.kind == FLIGHT_RESET) {
            begin = at;
            *last_ns = INT64_MIN;
        }
        if (record.kind != FLIGHT_PUSH || record.rows == 0 || !record.has_times) continue;
        const int64_t time = hari_flight_time(&record, record.rows - 1);
        if (time > *last_ns) *last_ns = time;
    }
    return begin;
}

/* How many rows of a push lie before what is pushed again: samples before number `start`, readings
 * before `start_ns`. */
static uint32_t rows_before(const hari_flight_record *push, uint64_t number, uint64_t start,
                            int64_t start_ns)
{
    uint32_t row = 0;
    if (push->sensor == FLIGHT_NO_SENSOR)
        return start <= number               ? 0
               : start - number < push->rows ? (uint32_t)(start - number)
                                             : push->rows;
    while (row < push->rows && hari_flight_time(push, row) < start_ns) row++;
    return row;
}

static void push_last_rows(har_flight *flight, const hari_flight_half *old, uint64_t start)
{
    hari_flight_record record;
    int64_t last_ns;
    size_t at = since_reset(old, &last_ns);
    const int64_t warm_ns = (int64_t)((double)flight->warm_rows * 1e9 / flight->head.rate_hz);
    const int64_t start_ns = last_ns < INT64_MIN + warm_ns ? INT64_MIN : last_ns - warm_ns;
    uint64_t number = 0;
    while (at < old->used && !hari_flight_next(old->bytes, old->used, &at, &record)) {
        if (record.kind != FLIGHT_PUSH) continue;
        const uint32_t before = rows_before(&record, number, start, start_ns);
        number += record.rows;
        if (before < record.rows) push_again(flight, &record, before);
    }
}

static uint64_t rows_run(const har_flight *flight)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    har_stream_get_counters(flight->stream, &counters);
    return counters.rows;
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

static void restart(har_flight *flight)
{
    const hari_flight_half *old = hari_flight_half_now(&flight->ring);
    const uint64_t start = flight->head.has_source ? 0 : start_of_restart(flight);
    const uint64_t rows = rows_run(flight);
    har_stream_reset(flight->stream, NULL);
    flight->rows -= start;
    flight->base += start;
    flight->phase = 0;
    flight->base_ns = (int64_t)llround((double)flight->base * 1e9 / flight->head.rate_hz);
    hari_flight_ring_turn(&flight->ring, flight->base, flight->base_ns);
    push_last_rows(flight, old, start);
    if (!flight->head.has_source) return;
    flight->base += rows - rows_run(flight); /* the merged rows are counted by the library */
    hari_flight_codec c = {.out = hari_flight_half_now(&flight->ring)->bytes + FLIGHT_RECORD_HEAD,
                           .size = 8};
    hari_flight_u64(&c, &flight->base);
}

/* Three quarters of a half are full, its events to come counted, or it has lost a record. */
static bool is_restart_due(har_flight *flight)
{
    const hari_flight_half *half = hari_flight_half_now(&flight->ring);
    return !flight->is_flushed &&
           (half->is_closed || half->used + flight->reserve > flight->ring.half_size / 4 * 3);
}

int32_t har_flight_poll_label(har_flight *flight, har_event *event, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    int32_t status;
    do { /* a row behind a gap makes windows due that were due before a restart, too */
        status = har_poll_label(flight->stream, event, error);
        if (status == HAR_AGAIN && is_restart_due(flight)) restart(flight);
        if (status != HAR_OK) return status;
        hari_flight_ring_event(&flight->ring, event);
        flight->phase = event->first_sample;
    } while (flight->has_times && event->t_end_ns <= flight->last_end_ns);
    flight->last_end_ns = event->t_end_ns;
    event->first_sample += flight->base;
    if (flight->has_times) return status;
    event->t_start_ns += flight->base_ns;
    event->t_end_ns += flight->base_ns;
    event->since_ns += flight->base_ns;
    return status;
}

int32_t har_flight_flush(har_flight *flight, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    const int32_t status = har_stream_flush(flight->stream, error);
    if (status < 0) return status;
    hari_flight_ring_mark(&flight->ring, FLIGHT_FLUSH);
    flight->is_flushed = true;
    return status;
}

int32_t har_flight_reset(har_flight *flight, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    const int32_t status = har_stream_reset(flight->stream, error);
    if (status < 0) return status;
    flight->rows = flight->phase = flight->base = 0;
    flight->base_ns = 0;
    flight->last_end_ns = INT64_MIN;
    flight->is_flushed = false;
    if (is_restart_due(flight))
        hari_flight_ring_turn(&flight->ring, 0, 0);
    else
        hari_flight_ring_mark(&flight->ring, FLIGHT_RESET);
    return status;
}

int32_t har_flight_write(const har_flight *flight,
                         int32_t (*write)(void *user, const void *bytes, size_t size), void *user)
{
    const hari_flight_half *older = &flight->ring.halves[1 - flight->ring.now];
    const hari_flight_half *newer = &flight->ring.halves[flight->ring.now];
    uint64_t hash = hari_flight_hash(FLIGHT_HASH, flight->head_bytes, FLIGHT_HEAD_BYTES);
    hash = hari_flight_hash(hash, older->bytes, older->used);
    hash = hari_flight_hash(hash, newer->bytes, newer->used);
    uint8_t end[8];
    hari_flight_codec c = {.out = end, .size = sizeof end};
    hari_flight_u64(&c, &hash);
    int32_t status = write(user, flight->head_bytes, FLIGHT_HEAD_BYTES);
    if (status == 0) status = write(user, older->bytes, older->used);
    if (status == 0) status = write(user, newer->bytes, newer->used);
    return status == 0 ? write(user, end, sizeof end) : status;
}

static int32_t write_file(void *user, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, user) == size ? HAR_OK : HAR_ERR_FILE_OPEN;
}

int32_t har_flight_save(const har_flight *flight, const char *path, har_error *error)
{
    if (!flight || !path) return null_argument(error, "flight or path");
    FILE *file = fopen(path, "wb");
    int32_t status = file ? har_flight_write(flight, write_file, file) : HAR_ERR_FILE_OPEN;
    if (file && fclose(file) != 0) status = HAR_ERR_FILE_OPEN;
    return status == HAR_OK ? status : fail(error, status, (double)NAN, (double)NAN, "path");
}
