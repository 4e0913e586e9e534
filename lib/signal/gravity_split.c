/* Gravity is what a low-pass leaves of the acceleration, body motion the rest. Both are appended:
 * the row grows by the low-passed copies, then by the differences. */
#include <stdio.h>

#include "model/schema.h"
#include "signal/sections.h"

static int32_t build(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error)
{
    step->order = hari_get_u16(params, HARI_GravitySplit_order, 0);
    step->cutoff_hz = hari_get_f64(params, HARI_GravitySplit_cutoff_hz, 0.0);
    hari_vector sections = hari_get_vector(params, HARI_GravitySplit_sections);
    int32_t status = hari_sections_build(step, sections, pool, path, error);
    step->state_values = step->channel_count * hari_sections_state(step);
    step->columns_out = step->columns_in + 2 * step->channel_count;
    return status;
}

static bool push(const hari_signal_step *step, double *state, double *row)
{
    double *gravity = row + step->columns_in;
    double *body = gravity + step->channel_count;
    for (uint32_t i = 0; i < step->channel_count; i++) gravity[i] = row[step->channels[i]];
    hari_sections_run(step, state, gravity);
    for (uint32_t i = 0; i < step->channel_count; i++)
        body[i] = row[step->channels[i]] - gravity[i];
    return true;
}

/* body = x - L x, gravity = L x: by x it is body + L' (gravity - body). */
static bool back(const hari_signal_step *step, double *state, double *row)
{
    double *gravity = row + step->columns_in;
    const double *body = gravity + step->channel_count;
    for (uint32_t i = 0; i < step->channel_count; i++) gravity[i] -= body[i];
    hari_sections_run(step, state, gravity);
    for (uint32_t i = 0; i < step->channel_count; i++)
        row[step->channels[i]] += body[i] + gravity[i];
    return true;
}

static void describe(const hari_signal_step *step, char *text, size_t size)
{
    char channels[128];
    hari_describe_channels(step, channels, sizeof channels);
    snprintf(text, size, "gravity split order %u at %g Hz on %s", step->order, step->cutoff_hz,
             channels);
}

const hari_signal_step_type hari_gravity_split_step = {
    .build = build, .push = push, .back = back, .describe = describe};
