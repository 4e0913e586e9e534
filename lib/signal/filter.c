/* Low-pass and high-pass filters, in place. */
#include <stdio.h>

#include "base/error.h"
#include "model/schema.h"
#include "signal/sections.h"

enum { LOWPASS = 0, HIGHPASS = 1 };

static int32_t build(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error)
{
    step->kind = hari_get_u8(params, HARI_Filter_kind, LOWPASS);
    if (step->kind > HIGHPASS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, step->kind, "at most", HIGHPASS,
                               "%s.kind", path);
    step->order = hari_get_u16(params, HARI_Filter_order, 0);
    step->cutoff_hz = hari_get_f64(params, HARI_Filter_cutoff_hz, 0.0);
    hari_vector sections = hari_get_vector(params, HARI_Filter_sections);
    int32_t status = hari_sections_build(step, sections, pool, path, error);
    step->state_values = step->channel_count * hari_sections_state(step);
    return status;
}

static bool push(const hari_signal_step *step, double *state, double *row)
{
    double values[HARI_MAX_SIGNAL_COLUMNS];
    for (uint32_t i = 0; i < step->channel_count; i++) values[i] = row[step->channels[i]];
    hari_sections_run(step, state, values);
    for (uint32_t i = 0; i < step->channel_count; i++) row[step->channels[i]] = values[i];
    return true;
}

static void describe(const hari_signal_step *step, char *text, size_t size)
{
    char channels[128];
    hari_describe_channels(step, channels, sizeof channels);
    snprintf(text, size, "%s order %u at %g Hz on %s",
             step->kind == LOWPASS ? "lowpass" : "highpass", step->order, step->cutoff_hz,
             channels);
}

/* Its adjoint is the filter itself, backwards in time. */
const hari_signal_step_type hari_filter_step = {
    .build = build, .push = push, .back = push, .describe = describe};
