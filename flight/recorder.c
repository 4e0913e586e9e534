#include <math.h>
#include <stdio.h>

#include "recorder.h"

enum { ALIGNMENT = 16, WARM_WINDOWS = 4 };

/* Of the model's rate, or of the slower one that is stated: how far around a row its readings lie
 * (docs/design/source.md). */
static const double SUPPORT_PERIODS = 8.0;

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

static uint64_t queue_of(const hari_flight_head *head)
{
    return head->config.queue ? head->config.queue : head->window;
}

/* Bytes of the input of `rows` samples, one by one. Of sensors: each at a quarter more than its
 * stated rate, else at up to four times the model's, and as far ahead of the last one as the
 * stream lets them be. */
static uint64_t input_bytes(const hari_flight_head *head, uint64_t rows)
{
    const uint64_t sample =
        hari_flight_whole(FLIGHT_PUSH_HEAD + 8 + 4 * (uint64_t)head->channel_count);
    if (!head->has_source) return rows * sample;
    const double rate = head->rate_hz;
    double slowest = rate;
    double readings_a_second = 0.0;
    for (uint32_t i = 0; i < head->source.sensor_count; i++) {
        const double stated = head->source.sensors[i].rate_hz;
        readings_a_second += stated > 0.0 ? 1.25 * stated : 4.0 * rate;
        if (stated > 0.0 && stated < slowest) slowest = stated;
    }
    const double ahead = (double)queue_of(head) / rate + (double)head->config.max_wait_ns * 1e-9 +
                         2.0 * SUPPORT_PERIODS / slowest;
    const double readings = ((double)rows / rate + ahead) * readings_a_second;
    return ((uint64_t)readings + 4 * head->source.sensor_count) *
           hari_flight_whole(FLIGHT_PUSH_HEAD + 8 + 4 * 3);
}

/* Sets what follows from the head; returns the bytes of a half at least. */
static uint64_t plan(har_flight *flight, uint32_t latency)
{
    const hari_flight_head *head = &flight->head;
    const uint64_t hop = hari_flight_hop_of(head);
    flight->reserve = ((queue_of(head) + head->window) / hop + 4) * event_bytes(head);
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
    flight->is_based = true;
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
    if (half->is_closed || columns == 0 || columns > FLIGHT_MOST_COLUMNS) return rows;
    const uint64_t fit = hari_flight_room(flight) / (4u * columns + (has_times ? 8u : 0u));
    return rows < fit ? rows : (size_t)fit;
}

static int32_t record_push(har_flight *flight, int32_t status, hari_flight_record *push,
                           size_t wanted, const float *values, const int64_t *times_ns,
                           size_t taken)
{
    if (status < 0) return status;
    push->rows = (uint32_t)taken;
    flight->pushed += taken;
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
    hari_flight_go_on(flight);
    const size_t fit =
        hari_flight_is_pending(flight, sensor) ? 0 : rows_that_fit(flight, rows, columns, true);
    const int32_t status =
        har_push_sensor(flight->stream, sensor, values, fit, columns, times_ns, taken, error);
    if (status < 0) return status;
    flight->has_times = true;
    hari_flight_record push = {.sensor = sensor, .columns = columns, .has_times = 1};
    return record_push(flight, status, &push, rows, values, times_ns, *taken);
}

/* Three quarters of a half are full, its events to come counted, an eighth since the last restart;
 * or nothing fits any more, or the half has lost a record. */
static bool is_restart_due(har_flight *flight)
{
    const hari_flight_half *half = hari_flight_half_now(&flight->ring);
    const uint64_t size = flight->ring.half_size;
    if (flight->is_flushed) return false;
    if (half->is_closed) return flight->pushed >= flight->patience;
    return hari_flight_room(flight) == 0 ||
           (half->used + flight->reserve > size / 4 * 3 && half->used - flight->settled > size / 8);
}

int32_t har_flight_poll_label(har_flight *flight, har_event *event, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    int32_t status;
    hari_flight_go_on(flight);
    do { /* after a restart windows are due that were given before */
        status = har_poll_label(flight->stream, event, error);
        if (status == HAR_AGAIN && is_restart_due(flight)) {
            hari_flight_restart(flight);
            status = har_poll_label(flight->stream, event, error);
        }
        if (status != HAR_OK) return status;
        hari_flight_ring_event(&flight->ring, event);
        flight->phase = event->first_sample;
        if (!flight->is_based) hari_flight_rebase(flight, event);
    } while (flight->has_times && event->t_end_ns <= flight->last_end_ns);
    event->first_sample += flight->base;
    flight->is_based = true;
    flight->last_first = event->first_sample;
    flight->last_start_ns = event->t_start_ns;
    flight->last_end_ns = event->t_end_ns;
    if (flight->has_times) return status;
    event->t_start_ns += flight->base_ns;
    event->t_end_ns += flight->base_ns;
    event->since_ns += flight->base_ns;
    return status;
}

int32_t har_flight_flush(har_flight *flight, har_error *error)
{
    if (!flight) return null_argument(error, "flight");
    hari_flight_go_on(flight);
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
    flight->is_based = true;
    flight->is_flushed = false;
    for (uint32_t i = 0; i < HAR_MAX_SENSORS; i++) flight->again[i].at = SIZE_MAX;
    if (hari_flight_half_now(&flight->ring)->is_closed || is_restart_due(flight)) {
        hari_flight_ring_turn(&flight->ring, 0, 0);
        flight->settled = 0;
    } else {
        hari_flight_ring_mark(&flight->ring, FLIGHT_RESET);
    }
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
