/* The check of samples and timestamps before any of them is taken. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/finite.h"
#include "stream/stream.h"

int32_t hari_check_finite(const float *values, size_t rows, uint32_t columns, const char *name,
                          har_error *error)
{
    if (rows == 0) return HAR_OK;
    int32_t status = hari_check_aligned(values, sizeof *values, name, error);
    if (status != HAR_OK) return status;
    if (hari_all_finite(values, rows * columns)) return HAR_OK;
    for (size_t i = 0; i < rows * columns; i++)
        if (!isfinite(values[i]))
            return hari_fail_bound(error, HAR_ERR_SAMPLE_NOT_FINITE, (double)values[i],
                                   "a finite number, at most", (double)FLT_MAX,
                                   "%s[%zu], channel %zu", name, i / columns, i % columns);
    return HAR_OK;
}

static int32_t check_times(const hari_stream *stream, const int64_t *times_ns, size_t rows,
                           har_error *error)
{
    int32_t status = hari_check_aligned(times_ns, sizeof *times_ns, "times_ns", error);
    if (status != HAR_OK) return status;
    bool has_previous = stream->taken > 0;
    int64_t previous = has_previous ? *hari_queue_time(&stream->queue, stream->taken - 1) : 0;
    for (size_t i = 0; i < rows; i++) {
        if (has_previous && times_ns[i] <= previous)
            return hari_fail_bound(error, HAR_ERR_TIME_BACKWARDS, (double)times_ns[i], "later than",
                                   (double)previous, "times_ns[%zu]", i);
        previous = times_ns[i];
        has_previous = true;
    }
    return HAR_OK;
}

int32_t hari_stream_check(const hari_stream *stream, const float *samples, size_t rows,
                          const int64_t *times_ns, har_error *error)
{
    if (stream->flushed) return hari_fail(error, HAR_ERR_FLUSHED, "stream");
    if (rows == 0) return HAR_OK;
    const hari_clock clock = times_ns ? HARI_CLOCK_TIMES : HARI_CLOCK_RATE;
    if (stream->clock != HARI_CLOCK_OPEN && stream->clock != clock)
        return hari_fail(error, HAR_ERR_TIME_MIXED, "times_ns");
    int32_t status =
        hari_check_finite(samples, rows, stream->recognizer->chain.columns_in, "samples", error);
    if (status == HAR_OK && times_ns) status = check_times(stream, times_ns, rows, error);
    return status;
}
