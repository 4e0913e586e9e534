#include "signal/pace.h"

#include <math.h>

#include "signal/source.h"

enum { CLIPPED_READINGS = 3, SPARSE_HOLES = 5 };

static const uint64_t STRETCH_NS = 1000000000;

/* A phone's "100 Hz" is 94 to 104. */
static const double RATE_TOLERANCE = 0.15;

/* Nearer to full scale than this counts as there. */
static const float RANGE_END = 0.995f;

void hari_pace_init(hari_pace *pace, const har_source_sensor *sensor, double model_rate_hz)
{
    const bool turns = sensor->kind == HAR_SENSOR_GYROSCOPE;
    const bool accelerates =
        sensor->kind == HAR_SENSOR_ACCELEROMETER || sensor->kind == HAR_SENSOR_LINEAR_ACCELERATION;
    const double moving = turns ? 0.5 : accelerates ? 1.5 : 0.0; /* rad/s, m/s^2 */
    *pace = (hari_pace){.columns = sensor->columns,
                        .stated_hz = sensor->rate_hz,
                        .least_hz = (1.0 - RATE_TOLERANCE) * model_rate_hz,
                        .range = (float)sensor->range,
                        .moving = (float)(moving / hari_unit_scale(sensor->unit))};
}

void hari_pace_reset(hari_pace *pace)
{
    hari_pace_break(pace);
    pace->holes = 0;
    pace->reasons = 0;
    pace->rate_hz = 0.0;
}

void hari_pace_break(hari_pace *pace)
{
    pace->has_begun = false;
    pace->at_end = 0;
    if (++pace->holes >= SPARSE_HOLES) pace->reasons |= HAR_REASON_RATE;
}

static void begin_stretch(hari_pace *pace, const float *values, int64_t time_ns)
{
    pace->has_begun = true;
    pace->begin = time_ns;
    pace->count = 0;
    pace->clipped = 0;
    for (uint32_t c = 0; c < pace->columns; c++) pace->least[c] = pace->most[c] = values[c];
}

static uint32_t stuck(const hari_pace *pace)
{
    bool stands = false;
    bool moves = false;
    for (uint32_t c = 0; c < pace->columns; c++) {
        stands |= pace->least[c] == pace->most[c];
        moves |= pace->most[c] - pace->least[c] > pace->moving;
    }
    return stands && moves && pace->moving > 0.0f ? (uint32_t)HAR_REASON_STUCK_AXIS : 0u;
}

static void end_stretch(hari_pace *pace, uint64_t length_ns)
{
    pace->holes = 0;
    pace->rate_hz = pace->count * 1e9 / (double)length_ns;
    const bool is_off =
        pace->stated_hz > 0.0 && fabs(pace->rate_hz / pace->stated_hz - 1.0) > RATE_TOLERANCE;
    const bool is_sparse = pace->rate_hz < pace->least_hz;
    pace->reasons =
        pace->clipped | stuck(pace) | (is_off || is_sparse ? (uint32_t)HAR_REASON_RATE : 0u);
}

void hari_pace_add(hari_pace *pace, const float *values, int64_t time_ns)
{
    if (!pace->has_begun) begin_stretch(pace, values, time_ns);
    bool is_at_end = false;
    for (uint32_t c = 0; c < pace->columns; c++) {
        if (values[c] < pace->least[c]) pace->least[c] = values[c];
        if (values[c] > pace->most[c]) pace->most[c] = values[c];
        is_at_end |= pace->range > 0.0f && fabsf(values[c]) >= RANGE_END * pace->range;
    }
    if (!is_at_end) pace->at_end = 0;
    if (is_at_end && pace->at_end < CLIPPED_READINGS) pace->at_end++;
    if (pace->at_end >= CLIPPED_READINGS) pace->clipped = HAR_REASON_CLIPPING;
    if (time_ns == pace->begin) return;
    pace->count++;
    /* the difference of increasing times, which may not fit in int64_t */
    const uint64_t length_ns = (uint64_t)time_ns - (uint64_t)pace->begin;
    if (length_ns < STRETCH_NS) return;
    end_stretch(pace, length_ns);
    begin_stretch(pace, values, time_ns);
}
