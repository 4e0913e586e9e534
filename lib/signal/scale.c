/* y = x * scale + offset, in place. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "model/schema.h"
#include "signal/sections.h"

/* Copies one vector of the table; it must name a finite value for each channel. */
static int32_t read_values(const hari_signal_step *step, hari_vector from, hari_pool *pool,
                           double **values, const char *path, const char *field, har_error *error)
{
    if (from.count != step->channel_count)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, from.count, "equal to",
                               step->channel_count, "%s.%s count", path, field);
    *values = hari_pool_alloc(pool, from.count, sizeof **values);
    if (!*values) return hari_fail(error, HAR_ERR_MEMORY, "%s.%s", path, field);
    for (uint32_t i = 0; i < from.count; i++) {
        (*values)[i] = hari_f64_of(from, i);
        if (!isfinite((*values)[i]))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not finite", "%s.%s[%u]", path,
                                  field, i);
    }
    return HAR_OK;
}

static int32_t build(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error)
{
    hari_vector scale = hari_get_vector(params, HARI_Scale_scale);
    hari_vector offset = hari_get_vector(params, HARI_Scale_offset);
    int32_t status = read_values(step, scale, pool, &step->scale, path, "scale", error);
    if (status != HAR_OK) return status;
    return read_values(step, offset, pool, &step->offset, path, "offset", error);
}

static bool push(const hari_signal_step *step, double *state, double *row)
{
    (void)state;
    for (uint32_t i = 0; i < step->channel_count; i++) {
        double *value = &row[step->channels[i]];
        *value = *value * step->scale[i] + step->offset[i];
    }
    return true;
}

static bool back(const hari_signal_step *step, double *state, double *row)
{
    (void)state;
    for (uint32_t i = 0; i < step->channel_count; i++) row[step->channels[i]] *= step->scale[i];
    return true;
}

static void describe(const hari_signal_step *step, char *text, size_t size)
{
    char channels[128];
    hari_describe_channels(step, channels, sizeof channels);
    snprintf(text, size, "scale on %s", channels);
}

const hari_signal_step_type hari_scale_step = {
    .build = build, .push = push, .back = back, .describe = describe};
