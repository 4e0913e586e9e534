/* The channel choice: the new row is made of the named columns, in the order they are named. */
#include <stdio.h>
#include <string.h>

#include "model/schema.h"
#include "signal/sections.h"

static int32_t build(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error)
{
    (void)params;
    (void)pool;
    (void)path;
    (void)error;
    step->columns_out = step->channel_count;
    step->state_values = step->channel_count; /* room for the new row */
    return HAR_OK;
}

static bool push(const hari_signal_step *step, double *state, double *row)
{
    for (uint32_t i = 0; i < step->channel_count; i++) state[i] = row[step->channels[i]];
    memcpy(row, state, step->channel_count * sizeof *row);
    return true;
}

static bool back(const hari_signal_step *step, double *state, double *row)
{
    memcpy(state, row, step->channel_count * sizeof *row);
    memset(row, 0, step->columns_in * sizeof *row);
    for (uint32_t i = 0; i < step->channel_count; i++) row[step->channels[i]] += state[i];
    return true;
}

static void describe(const hari_signal_step *step, char *text, size_t size)
{
    char channels[128];
    hari_describe_channels(step, channels, sizeof channels);
    snprintf(text, size, "select %s", channels);
}

const hari_signal_step_type hari_select_step = {
    .build = build, .push = push, .back = back, .describe = describe, .reorders = true};
