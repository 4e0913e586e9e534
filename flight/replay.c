#include "replay.h"

#include <stdio.h>

#include "compare.h"

const char *hari_flight_open(hari_flight_file *file, const uint8_t *bytes, size_t size)
{
    memset(file, 0, sizeof *file);
    const char *problem;
    hari_flight_codec c = {.in = bytes, .size = size};
    if (!hari_flight_head_code(&c, &file->head, &problem)) return problem;
    if (size < FLIGHT_HEAD_BYTES + 8) return "ends within its head";
    file->records = bytes + FLIGHT_HEAD_BYTES;
    file->size = size - FLIGHT_HEAD_BYTES - 8;
    uint64_t stated = 0;
    c = (hari_flight_codec){.in = bytes + size - 8, .size = 8};
    hari_flight_u64(&c, &stated);
    if (hari_flight_hash(FLIGHT_HASH, bytes, size - 8) != stated)
        return "is damaged: the hash at its end is wrong";
    hari_flight_record record = {.kind = FLIGHT_RESET};
    for (size_t at = 0, first = 1; at < file->size; first = 0) {
        problem = hari_flight_next(file->records, file->size, &at, &record);
        if (problem) return problem;
        if (first && record.kind != FLIGHT_EPOCH) return "does not begin with an epoch";
    }
    return NULL;
}

typedef struct replay {
    const hari_flight_file *file;
    har_stream *stream;
    hari_flight_difference *difference;
    uint64_t events; /* compared so far */
    uint64_t base;
    size_t ahead; /* events before it have been compared: some come before they were asked for */
    size_t last_push; /* where the last rows stand */
    bool has_times;
} replay;

static void differ(replay *self, uint64_t sample, const char *field, double recorded, double found)
{
    self->difference->found = true;
    self->difference->event = self->events;
    self->difference->sample = (int64_t)(self->base + sample);
    self->difference->first = recorded;
    self->difference->second = found;
    snprintf(self->difference->field, sizeof self->difference->field, "%s", field);
}

/* Moves `ahead` past the next event of the epoch; false where there is none. */
static bool next_event(replay *self, hari_flight_record *record)
{
    while (self->ahead < self->file->size) {
        size_t at = self->ahead;
        hari_flight_next(self->file->records, self->file->size, &at, record);
        if (record->kind == FLIGHT_EPOCH || record->kind == FLIGHT_RESET) return false;
        self->ahead = at;
        if (record->kind == FLIGHT_EVENT) return true;
    }
    return false;
}

/* An event of the replay against the next one of the file; after the last one of an epoch come
 * those that nobody asked for. */
static void compare(replay *self, const har_event *found)
{
    hari_flight_record record;
    hari_flight_compared compared;
    if (!next_event(self, &record)) return;
    if (hari_flight_compare_events(&record, NULL, found, &compared))
        self->events++;
    else
        differ(self, record.event.first_sample, compared.field, compared.first, compared.second);
}

/* Polls until the events up to place `end` of the file have come, or none is due. */
static void take_events(replay *self, size_t end)
{
    har_event found = {.struct_size = sizeof found};
    while (self->ahead < end && !self->difference->found) {
        if (har_poll_label(self->stream, &found, NULL) != HAR_OK) return;
        compare(self, &found);
    }
}

/* Every event of the epoch must have come. But a gap makes a window due when the row behind it is
 * offered, and where that row is in the next half of the ring this replay is not offered it. */
static void end_epoch(replay *self, size_t end)
{
    hari_flight_record record;
    take_events(self, end);
    if (self->difference->found || !next_event(self, &record)) return;
    const bool may_wait_for_row = self->ahead > self->last_push && self->has_times;
    if (!may_wait_for_row) differ(self, record.event.first_sample, "event", 1.0, 0.0);
}

/* One row, which a stream took when it was recorded; events that stand in its way come first. */
static int32_t push_row(replay *self, const hari_flight_record *push, uint32_t row,
                        har_error *error)
{
    float values[256];
    const int64_t time = hari_flight_time(push, row);
    for (uint32_t i = 0; i < push->columns; i++) values[i] = hari_flight_value(push, row, i);
    for (int tries = 0;;) {
        size_t taken = 0;
        const int64_t *times = push->has_times ? &time : NULL;
        const int32_t status =
            push->sensor == FLIGHT_NO_SENSOR
                ? har_push_samples(self->stream, values, 1, push->columns, times, &taken, error)
                : har_push_sensor(self->stream, push->sensor, values, 1, push->columns, times,
                                  &taken, error);
        if (status < 0 || taken == 1) return status < 0 ? status : HAR_OK;
        har_event event = {.struct_size = sizeof event};
        if (har_poll_label(self->stream, &event, NULL) == HAR_OK) {
            compare(self, &event);
            if (self->difference->found) return HAR_OK;
            continue;
        }
        if (++tries == 2) { /* nothing more is due, and yet there is no room */
            differ(self, 0, "row taken", 1.0, 0.0);
            return HAR_OK;
        }
    }
}

static int32_t take_record(replay *self, const hari_flight_record *record, har_error *error)
{
    int32_t status = HAR_OK;
    switch (record->kind) {
    case FLIGHT_EPOCH: self->base = record->base; return har_stream_reset(self->stream, error);
    case FLIGHT_RESET: self->base = 0; return har_stream_reset(self->stream, error);
    case FLIGHT_FLUSH:
        status = har_stream_flush(self->stream, error);
        return status < 0 ? status : HAR_OK;
    case FLIGHT_EVENT: return HAR_OK;
    default:
        for (uint32_t row = 0; row < record->rows; row++) {
            status = push_row(self, record, row, error);
            if (status != HAR_OK || self->difference->found) return status;
        }
        return status;
    }
}

int32_t hari_flight_replay(const hari_flight_file *file, har_model *model, uint64_t *events,
                           hari_flight_difference *difference, har_error *error)
{
    memset(difference, 0, sizeof *difference);
    *events = 0;
    replay self = {.file = file, .difference = difference};
    const har_stream_config config = hari_flight_config_of(&file->head);
    int32_t status = har_stream_create(model, &config, &self.stream, error);
    if (status != HAR_OK) return status;
    for (size_t at = 0; at < file->size && status == HAR_OK && !difference->found;) {
        hari_flight_record record;
        const size_t begin = at;
        hari_flight_next(file->records, file->size, &at, &record);
        if (record.kind == FLIGHT_EPOCH || record.kind == FLIGHT_RESET) {
            end_epoch(&self, begin);
            self.ahead = at;
        }
        if (record.kind == FLIGHT_EVENT) take_events(&self, at);
        if (record.kind == FLIGHT_PUSH) {
            self.last_push = at;
            self.has_times = record.has_times;
        }
        if (!difference->found) status = take_record(&self, &record, error);
    }
    if (status == HAR_OK && !difference->found) end_epoch(&self, file->size);
    har_stream_destroy(self.stream);
    *events = self.events;
    return status;
}
