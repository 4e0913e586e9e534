#include "stream/merge.h"

#include <math.h>

#include "base/error.h"

enum { MOST_READINGS = 1 << 20, UNSTATED_TIMES = 4 };

static const double NS_PER_SECOND = 1e9;

/* The most readings a second that a sensor's buffer is made for. */
static double most_rate(const har_source_sensor *sensor, double rate_hz)
{
    return sensor->rate_hz > 0.0 ? 1.25 * sensor->rate_hz : (double)UNSTATED_TIMES * rate_hz;
}

static double support_seconds(const har_source_sensor *sensor, double rate_hz)
{
    const double stated = sensor->rate_hz > 0.0 ? sensor->rate_hz : rate_hz;
    return HARI_SUPPORT_PERIODS / (stated < rate_hz ? stated : rate_hz);
}

static double side_of(const har_source_sensor *sensor, double rate_hz)
{
    return ceil(support_seconds(sensor, rate_hz) * most_rate(sensor, rate_hz)) + 2.0;
}

/* Both sides of a row, what comes in while the queue is full, and what while another sensor is
 * waited for. */
static double capacity_of(const har_source_sensor *sensor, double rate_hz, uint32_t queue,
                          int64_t max_wait_ns)
{
    const double seconds = queue / rate_hz + (double)max_wait_ns / NS_PER_SECOND;
    return 2.0 * side_of(sensor, rate_hz) + ceil(seconds * most_rate(sensor, rate_hz));
}

int32_t hari_merge_check(const har_source *source, double rate_hz, uint32_t queue,
                         int64_t max_wait_ns, har_error *error)
{
    for (uint32_t i = 0; i < source->sensor_count; i++) {
        const double capacity = capacity_of(&source->sensors[i], rate_hz, queue, max_wait_ns);
        if (capacity > (double)MOST_READINGS)
            return hari_fail_bound(error, HAR_ERR_VALUE, capacity, "at most", MOST_READINGS,
                                   "readings that wait of config.source.sensors[%u]", i);
    }
    return HAR_OK;
}

void hari_merge_layout(hari_merge *merge, const har_source *source, double rate_hz, uint32_t queue,
                       int64_t max_gap_ns, int64_t max_wait_ns, hari_layout *layout)
{
    *merge = (hari_merge){.track_count = source->sensor_count,
                          .period_ns = NS_PER_SECOND / rate_hz,
                          .max_gap_ns = max_gap_ns,
                          .max_wait_ns = max_wait_ns};
    merge->tracks = hari_layout_take(layout, source->sensor_count, sizeof *merge->tracks);
    merge->values = hari_layout_take(layout, source->sensor_count, sizeof *merge->values);
    for (uint32_t i = 0; i < source->sensor_count; i++) {
        const har_source_sensor *sensor = &source->sensors[i];
        hari_track track = {.side = (uint32_t)side_of(sensor, rate_hz),
                            .support_ns = support_seconds(sensor, rate_hz) * NS_PER_SECOND};
        track.readings.columns = sensor->columns;
        track.readings.capacity = (uint32_t)capacity_of(sensor, rate_hz, queue, max_wait_ns);
        track.readings.values =
            hari_layout_take(layout, track.readings.capacity, sensor->columns * sizeof(float));
        track.readings.times = hari_layout_take(layout, track.readings.capacity, sizeof(int64_t));
        hari_pace_init(&track.pace, sensor, rate_hz);
        if (merge->tracks) merge->tracks[i] = track;
    }
}

void hari_merge_reset(hari_merge *merge)
{
    for (uint32_t i = 0; i < merge->track_count; i++) {
        hari_track *track = &merge->tracks[i];
        track->readings.begin = track->readings.end = track->at = 0;
        hari_pace_reset(&track->pace);
        for (int c = 0; c < 3; c++) merge->values[i][c] = 0.0;
    }
    merge->has_readings = merge->finished = merge->running = merge->has_row = false;
    merge->begins_piece = merge->was_silent = merge->starved = false;
    merge->waits_for = -1;
    merge->start = INT64_MIN;
    merge->rows_lost = merge->duplicates = merge->taken = 0;
}

static void note_time(hari_merge *merge, hari_track *track, int64_t time_ns)
{
    if (!merge->has_readings) {
        merge->newest = time_ns;
        for (uint32_t i = 0; i < merge->track_count; i++) merge->tracks[i].newest = time_ns;
    }
    merge->has_readings = true;
    track->newest = time_ns;
    if (time_ns > merge->newest) merge->newest = time_ns;
}

bool hari_merge_take(hari_merge *merge, uint32_t sensor, const float *values, int64_t time_ns)
{
    hari_track *track = &merge->tracks[sensor];
    hari_readings *r = &track->readings;
    if (r->end > r->begin && hari_reading_time(r, r->end - 1) == time_ns) {
        merge->duplicates++;
        merge->taken++;
        return true;
    }
    if (r->end - r->begin == r->capacity) return false;
    const size_t place = (size_t)(r->end % r->capacity);
    for (uint32_t c = 0; c < r->columns; c++) r->values[place * r->columns + c] = values[c];
    r->times[place] = time_ns;
    r->end++;
    merge->taken++;
    note_time(merge, track, time_ns);
    if (r->end == 1) hari_pace_add(&track->pace, hari_reading(r, 0), time_ns);
    return true;
}

static bool is_silent(const hari_merge *merge, const hari_track *track)
{
    return merge->max_wait_ns > 0 && merge->newest - track->newest > merge->max_wait_ns;
}

static bool is_ended(const hari_merge *merge, const hari_track *track)
{
    return merge->finished || is_silent(merge, track);
}

static bool is_hole(const hari_merge *merge, const hari_readings *r, uint64_t number)
{
    return hari_reading_time(r, number + 1) - hari_reading_time(r, number) > merge->max_gap_ns;
}

/* One reading on; what no row needs any more makes room. */
static void step(const hari_merge *merge, hari_track *track)
{
    hari_readings *r = &track->readings;
    if (is_hole(merge, r, track->at)) hari_pace_break(&track->pace);
    track->at++;
    if (track->at - r->begin > track->side) r->begin = track->at - track->side;
    hari_pace_add(&track->pace, hari_reading(r, track->at), hari_reading_time(r, track->at));
}

typedef enum cover { COVERED, LATER, WAITS, ENDED } cover;

/* Whether the sensor has readings around `*t`. LATER: not before the time that is put there. */
static cover locate(const hari_merge *merge, hari_track *track, int64_t *t)
{
    const hari_readings *r = &track->readings;
    const cover open_end = is_ended(merge, track) ? ENDED : WAITS;
    if (r->end == 0) return open_end;
    while (track->at + 1 < r->end && hari_reading_time(r, track->at + 1) <= *t) step(merge, track);
    const int64_t here = hari_reading_time(r, track->at);
    if (here == *t) return COVERED;
    if (here < *t && track->at + 1 == r->end) return open_end;
    if (here < *t && !is_hole(merge, r, track->at)) return COVERED;
    *t = here < *t ? hari_reading_time(r, track->at + 1) : here;
    return LATER;
}

/* The first time, not before `start`, that all sensors cover. */
static bool begin_piece(hari_merge *merge)
{
    for (uint32_t i = 0; i < merge->track_count;) {
        const cover found = locate(merge, &merge->tracks[i], &merge->start);
        if (found == WAITS || found == ENDED) {
            merge->waits_for = (int32_t)i;
            merge->was_silent |= found == ENDED && !merge->finished;
            return false;
        }
        i = found == LATER && i > 0 ? 0 : i + (found == COVERED);
    }
    merge->running = true;
    merge->row = 0;
    if (merge->begins_piece)
        merge->rows_lost +=
            (uint64_t)((double)(merge->start - merge->lost_from) / merge->period_ns + 0.5);
    return true;
}

static void end_piece(hari_merge *merge, int64_t row_time, int64_t earliest, bool silent)
{
    merge->running = false;
    merge->begins_piece = true;
    merge->was_silent |= silent;
    merge->lost_from = row_time;
    merge->start = earliest;
}

/* The readings of a row at `t`, `*first` to `*last`; false while later ones are missing. */
static bool find_readings(const hari_merge *merge, const hari_track *track, int64_t t,
                          uint64_t *first, uint64_t *last)
{
    const hari_readings *r = &track->readings;
    const int64_t reach = (int64_t)track->support_ns;
    uint64_t i = track->at;
    while (i > r->begin && track->at - i < track->side && !is_hole(merge, r, i - 1) &&
           hari_reading_time(r, i - 1) >= t - reach)
        i--;
    *first = i;
    i = track->at;
    while (i + 1 < r->end && i - track->at < track->side && !is_hole(merge, r, i) &&
           hari_reading_time(r, i + 1) <= t + reach)
        i++;
    *last = i;
    const bool is_between = hari_reading_time(r, track->at) < t;
    if (is_between && *last == track->at) ++*last;
    return i + 1 < r->end || i - track->at == track->side || is_ended(merge, track);
}

static bool compute_row(hari_merge *merge)
{
    for (uint32_t i = 0; i < merge->track_count; i++) {
        const hari_track *track = &merge->tracks[i];
        uint64_t first;
        uint64_t last;
        merge->waits_for = (int32_t)i;
        if (!find_readings(merge, track, merge->time, &first, &last)) return false;
        hari_resample(&track->readings, first, track->at, last, merge->time, merge->period_ns,
                      track->support_ns, merge->values[i]);
    }
    merge->waits_for = -1;
    merge->starved = false;
    return merge->has_row = true;
}

/* Whether the piece has a row at merge->time; ends the piece where a sensor has none there. */
static cover cover_row(hari_merge *merge)
{
    for (uint32_t i = 0; i < merge->track_count; i++) {
        int64_t t = merge->time;
        const cover found = locate(merge, &merge->tracks[i], &t);
        if (found == COVERED) continue;
        merge->waits_for = (int32_t)i;
        if (found != WAITS) end_piece(merge, merge->time, t, found == ENDED && !merge->finished);
        return found;
    }
    return COVERED;
}

bool hari_merge_ready(hari_merge *merge)
{
    while (!merge->has_row) {
        if (!merge->running && !begin_piece(merge)) return false;
        merge->time = merge->start + (int64_t)((double)merge->row * merge->period_ns + 0.5);
        const cover found = cover_row(merge);
        if (found == WAITS) return false;
        if (found == COVERED && !compute_row(merge)) return false;
    }
    return true;
}

void hari_merge_next(hari_merge *merge)
{
    merge->has_row = false;
    merge->begins_piece = false;
    merge->was_silent = false;
    merge->row++;
}

bool hari_merge_give_up(hari_merge *merge, uint32_t sensor)
{
    merge->starved = merge->waits_for >= 0 && (uint32_t)merge->waits_for != sensor;
    if (!merge->starved || merge->max_wait_ns == 0) return false;
    hari_track *waits = &merge->tracks[merge->waits_for];
    if (!is_silent(merge, waits)) {
        waits->newest = merge->newest - merge->max_wait_ns - 1;
        return true;
    }
    hari_track *track = &merge->tracks[sensor];
    track->readings.begin++;
    if (track->at < track->readings.begin) {
        track->at = track->readings.begin;
        hari_pace_break(&track->pace);
    }
    return true;
}
