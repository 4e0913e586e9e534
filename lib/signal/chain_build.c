/* From the file's signal steps to a chain. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "model/schema.h"
#include "signal/chain.h"

static const hari_signal_step_type *const types[HARI_SIGNAL_TYPES] = {
    [HARI_SIGNAL_MEDIAN] = &hari_median_step,
    [HARI_SIGNAL_FILTER] = &hari_filter_step,
    [HARI_SIGNAL_GRAVITY_SPLIT] = &hari_gravity_split_step,
    [HARI_SIGNAL_SCALE] = &hari_scale_step,
    [HARI_SIGNAL_SELECT] = &hari_select_step,
};

/* Every type of step has its channels in slot 0. */
enum { SLOT_CHANNELS = 0 };

static int32_t check_channel(const hari_signal_step *step, uint32_t index, bool *seen,
                             const char *path, har_error *error)
{
    uint32_t channel = step->channels[index];
    if (channel >= step->columns_in)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, channel, "below", step->columns_in,
                               "%s.channels[%u]", path, index);
    if (seen[channel] && !step->type->reorders)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING, "names a channel a second time",
                              "%s.channels[%u]", path, index);
    seen[channel] = true;
    return HAR_OK;
}

static int32_t read_channels(hari_signal_step *step, hari_table params, hari_pool *pool,
                             const char *path, har_error *error)
{
    hari_vector channels = hari_get_vector(params, SLOT_CHANNELS);
    if (channels.count < 1 || channels.count > HARI_MAX_SIGNAL_COLUMNS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, channels.count, "1 to",
                               HARI_MAX_SIGNAL_COLUMNS, "%s.channels count", path);
    step->channels = hari_pool_alloc(pool, channels.count, sizeof *step->channels);
    if (!step->channels) return hari_fail(error, HAR_ERR_MEMORY, "%s.channels", path);
    step->channel_count = channels.count;
    bool seen[HARI_MAX_SIGNAL_COLUMNS] = {false};
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < channels.count && status == HAR_OK; i++) {
        step->channels[i] = hari_u16_of(channels, i);
        status = check_channel(step, i, seen, path, error);
    }
    return status;
}

static int32_t build_step(hari_signal_step *step, uint32_t columns_in, hari_table table,
                          hari_pool *pool, const char *path, har_error *error)
{
    unsigned type = hari_get_u8(table, HARI_SignalStep_params_type, 0);
    if (type == 0 || type >= HARI_SIGNAL_TYPES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, type, "1 to", HARI_SIGNAL_TYPES - 1,
                               "%s.params_type", path);
    hari_table params = hari_get_table(table, HARI_SignalStep_params);
    *step = (hari_signal_step){
        .type = types[type], .columns_in = columns_in, .columns_out = columns_in};
    int32_t status = read_channels(step, params, pool, path, error);
    if (status == HAR_OK) status = step->type->build(step, params, pool, path, error);
    if (status == HAR_OK && step->columns_out > HARI_MAX_SIGNAL_COLUMNS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, step->columns_out, "at most",
                               HARI_MAX_SIGNAL_COLUMNS, "%s columns", path);
    return status;
}

static void add_step(hari_chain *chain, const hari_signal_step *step)
{
    chain->columns_out = step->columns_out;
    if (step->columns_out > chain->columns_max) chain->columns_max = step->columns_out;
    chain->latency += step->latency;
    chain->state_values += step->state_values;
}

int32_t hari_chain_build(hari_chain *chain, hari_table signal, hari_pool *pool, har_error *error)
{
    hari_vector channels = hari_get_vector(signal, HARI_Signal_channels);
    if (channels.count < 1 || channels.count > HARI_MAX_CHANNELS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, channels.count, "1 to",
                               HARI_MAX_CHANNELS, "signal.channels count");
    hari_vector steps = hari_get_vector(signal, HARI_Signal_steps);
    if (steps.count > HARI_MAX_SIGNAL_STEPS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, steps.count, "at most",
                               HARI_MAX_SIGNAL_STEPS, "signal.steps count");
    *chain = (hari_chain){.columns_in = channels.count,
                          .columns_out = channels.count,
                          .columns_max = channels.count,
                          .step_count = steps.count};
    chain->steps = hari_pool_alloc(pool, steps.count, sizeof *chain->steps);
    if (!chain->steps) return hari_fail(error, HAR_ERR_MEMORY, "signal.steps");
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < steps.count && status == HAR_OK; i++) {
        char path[32];
        snprintf(path, sizeof path, "signal.steps[%u]", i);
        status = build_step(&chain->steps[i], chain->columns_out, hari_table_of(steps, i), pool,
                            path, error);
        if (status == HAR_OK) add_step(chain, &chain->steps[i]);
    }
    return status;
}

void hari_describe_channels(const hari_signal_step *step, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < step->channel_count;) {
        uint32_t last = i;
        while (last + 1 < step->channel_count &&
               step->channels[last + 1] == step->channels[last] + 1)
            last++;
        int written = last > i ? snprintf(text + used, size - used, "%s%u-%u", used ? "," : "",
                                          step->channels[i], step->channels[last])
                               : snprintf(text + used, size - used, "%s%u", used ? "," : "",
                                          step->channels[i]);
        if (written < 0 || (size_t)written >= size - used) return;
        used += (size_t)written;
        i = last + 1;
    }
}
