/* A stream whose samples come from an app's sensors: readings -> rows -> the model's channels. */
#include "base/error.h"
#include "model/schema.h"
#include "stream/stream.h"

static const int64_t MOST_TIME = (int64_t)1 << 62;

void hari_source_layout(hari_stream *stream, hari_layout *layout)
{
    const hari_recognizer *r = stream->recognizer;
    const hari_stream_settings *settings = &stream->settings;
    hari_merge *merge = hari_layout_take(layout, 1, sizeof *merge);
    hari_merge laid_out;
    hari_merge_layout(&laid_out, settings->source, r->rate_hz, settings->queue,
                      settings->max_gap_ns, settings->max_wait_ns, layout);
    stream->mixes = hari_layout_take(layout, r->chain.columns_in, sizeof *stream->mixes);
    stream->merged = hari_layout_take(layout, r->chain.columns_in, sizeof *stream->merged);
    if (!merge) return;
    *merge = laid_out;
    stream->merge = merge;
    const hari_vector channels = hari_get_vector(r->signal, HARI_Signal_channels);
    hari_source_map(settings->source, channels, stream->mixes, NULL); /* checked before */
    stream->settings.source = NULL; /* the caller's, for create alone */
}

/* What the readings say by themselves. */
static uint32_t reasons_of(const hari_merge *merge)
{
    uint32_t reasons = merge->was_silent ? (uint32_t)HAR_REASON_SENSOR_SILENT : 0u;
    for (uint32_t i = 0; i < merge->track_count; i++) reasons |= merge->tracks[i].pace.reasons;
    return reasons;
}

bool hari_source_advance(hari_stream *stream)
{
    hari_merge *merge = stream->merge;
    while (hari_merge_ready(merge)) {
        for (uint32_t c = 0; c < stream->recognizer->chain.columns_in; c++)
            stream->merged[c] =
                hari_mix_value(&stream->mixes[c], (const double(*)[3])merge->values);
        if (!hari_stream_take(stream, stream->merged, merge->time, merge->begins_piece,
                              reasons_of(merge)))
            return false;
        hari_merge_next(merge);
    }
    return true;
}

uint32_t hari_stream_reasons_now(const hari_stream *stream)
{
    const hari_merge *merge = stream->merge;
    const bool is_silent = merge && (merge->starved || merge->was_silent);
    return stream->reasons_now | (is_silent ? (uint32_t)HAR_REASON_SENSOR_SILENT : 0u);
}

static int32_t check_times(const hari_readings *readings, const int64_t *times_ns, size_t rows,
                           har_error *error)
{
    if (rows == 0) return HAR_OK;
    int32_t status = hari_check_aligned(times_ns, sizeof *times_ns, "times_ns", error);
    if (status != HAR_OK) return status;
    const bool has_previous = readings->end > 0;
    int64_t previous = has_previous ? hari_reading_time(readings, readings->end - 1) : -MOST_TIME;
    for (size_t i = 0; i < rows; i++) {
        if (times_ns[i] <= -MOST_TIME || times_ns[i] >= MOST_TIME)
            return hari_fail_bound(error, HAR_ERR_VALUE, (double)times_ns[i], "within",
                                   (double)MOST_TIME, "times_ns[%zu]", i);
        if (times_ns[i] < previous)
            return hari_fail_bound(error, HAR_ERR_TIME_BACKWARDS, (double)times_ns[i], "not before",
                                   (double)previous, "times_ns[%zu]", i);
        previous = times_ns[i];
    }
    return HAR_OK;
}

/* Takes one reading once the queue and the sensors leave room for it. */
static bool take_reading(hari_stream *stream, uint32_t sensor, const float *values, int64_t time)
{
    while (!hari_merge_take(stream->merge, sensor, values, time)) {
        const uint64_t rows = stream->taken;
        const bool has_room = hari_source_advance(stream);
        if (stream->taken == rows && !(has_room && hari_merge_give_up(stream->merge, sensor)))
            return false;
    }
    return true;
}

int32_t hari_stream_push_sensor(hari_stream *stream, uint32_t sensor, const float *values,
                                size_t rows, const int64_t *times_ns, size_t *taken,
                                har_error *error)
{
    const hari_readings *readings = &stream->merge->tracks[sensor].readings;
    const uint32_t columns = readings->columns;
    const size_t most = rows < readings->capacity ? rows : readings->capacity;
    if (stream->flushed) return hari_fail(error, HAR_ERR_FLUSHED, "stream");
    int32_t status = hari_check_finite(values, most, columns, "values", error);
    if (status == HAR_OK) status = check_times(readings, times_ns, most, error);
    if (status != HAR_OK) return status;
    size_t row = 0;
    while (row < most && take_reading(stream, sensor, values + row * columns, times_ns[row])) row++;
    hari_source_advance(stream);
    *taken = row;
    return row == rows ? HAR_OK : HAR_PARTIAL;
}
