/* Centred median of 3 samples; zeros stand beyond both ends. The value at t needs the sample at t +
 * 1, so the row that comes out is the one that went in before. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "model/schema.h"
#include "signal/sections.h"

/* state: has a row | the row of columns_in values | for each named channel the value before it */
enum { HAS_ROW = 0, ROW = 1 };

static int32_t build(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error)
{
    (void)pool;
    unsigned width = hari_get_u16(params, HARI_Median_width, 3);
    if (width != 3)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, width, "equal to", 3, "%s.width", path);
    step->latency = 1;
    step->state_values = ROW + step->columns_in + step->channel_count;
    return HAR_OK;
}

static double median_of_3(double a, double b, double c)
{
    double low = a < b ? a : b;
    double high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Exchanges `row` with the row held, whose named channels become medians with `next` after them. */
static void advance(const hari_signal_step *step, double *state, double *row)
{
    double *held = state + ROW;
    double *before = held + step->columns_in;
    for (uint32_t i = 0; i < step->columns_in; i++) {
        double incoming = row[i];
        row[i] = held[i];
        held[i] = incoming;
    }
    for (uint32_t i = 0; i < step->channel_count; i++) {
        uint32_t channel = step->channels[i];
        double here = row[channel];
        row[channel] = median_of_3(before[i], here, held[channel]);
        before[i] = here;
    }
}

static bool push(const hari_signal_step *step, double *state, double *row)
{
    bool had_row = state[HAS_ROW] != 0.0;
    if (had_row) {
        advance(step, state, row);
    } else {
        memcpy(state + ROW, row, step->columns_in * sizeof *row);
        state[HAS_ROW] = 1.0;
    }
    return had_row;
}

static bool drain(const hari_signal_step *step, double *state, double *row)
{
    if (state[HAS_ROW] == 0.0) return false;
    memset(row, 0, step->columns_in * sizeof *row);
    advance(step, state, row);
    return true;
}

static void describe(const hari_signal_step *step, char *text, size_t size)
{
    char channels[128];
    hari_describe_channels(step, channels, sizeof channels);
    snprintf(text, size, "median of 3 on %s", channels);
}

const hari_signal_step_type hari_median_step = {
    .build = build, .push = push, .drain = drain, .describe = describe};
