#include "exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/random.h"

enum { ROWS = 160, MOST_CHANNELS = 256 };

static void *count_allocate(void *user, size_t size, size_t alignment)
{
    usage *u = user;
    void *memory = NULL;
    if (size > ((size_t)1 << 31) || posix_memalign(&memory, alignment, size) != 0) return NULL;
    u->bytes += size;
    if (u->bytes > u->most) u->most = u->bytes;
    return memory;
}

static void count_release(void *user, void *memory, size_t size)
{
    usage *u = user;
    u->bytes -= size;
    free(memory);
}

har_allocator counting_allocator(usage *u)
{
    return (har_allocator){u, count_allocate, count_release};
}

static void take_labels(har_stream *stream, outcome *o)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, &o->error) == HAR_OK)
        for (uint32_t i = 0; i < event.score_count && o->count < MOST_SCORES; i++)
            o->scores[o->count++] = event.scores[i];
}

/* The signal steps alone, of a model that has no network. */
static void run_preprocess(har_model *model, const float *samples, const har_model_info *info,
                           outcome *o)
{
    float *rows = calloc((size_t)ROWS * info->signal_channel_count, sizeof *rows);
    if (!rows) return;
    o->status = har_preprocess(model, samples, ROWS, info->channel_count, rows, &o->error);
    o->count = (size_t)ROWS * info->signal_channel_count;
    if (o->count > MOST_SCORES) o->count = MOST_SCORES;
    memcpy(o->scores, rows, o->count * sizeof *rows);
    free(rows);
}

/* Streams the fixed signal through a model. */
static void run_model(har_model *model, outcome *o)
{
    har_model_info info = {.struct_size = sizeof info};
    har_model_get_info(model, &info);
    static float samples[ROWS * MOST_CHANNELS];
    uint64_t random = 7;
    for (size_t i = 0; i < (size_t)ROWS * info.channel_count; i++)
        samples[i] = (float)(random_u64(&random) % 2001) * 0.001f - 1.0f;
    if (info.class_count == 0) {
        run_preprocess(model, samples, &info, o);
        return;
    }
    har_stream *stream;
    o->status = har_stream_create(model, NULL, &stream, &o->error);
    if (o->status != HAR_OK) return;
    for (size_t row = 0; row < ROWS;) {
        size_t taken = 0;
        o->status = har_push_samples(stream, samples + row * info.channel_count, ROWS - row,
                                     info.channel_count, NULL, &taken, &o->error);
        if (o->status < 0) break;
        row += taken;
        take_labels(stream, o);
        o->status = HAR_OK;
    }
    har_stream_destroy(stream);
}

/* Asks the model for all that it can say of itself. */
void describe_model(const har_model *model)
{
    char text[160];
    har_model_info info = {.struct_size = sizeof info};
    har_channel_info channel = {.struct_size = sizeof channel};
    har_measurement measurement = {.struct_size = sizeof measurement};
    har_plan_step step = {.struct_size = sizeof step};
    har_overlap_step overlap = {.struct_size = sizeof overlap};
    har_selftest report = {.struct_size = sizeof report};
    size_t letters = 0;
    har_model_get_info(model, &info);
    for (int32_t which = HAR_TEXT_NAME; which <= HAR_TEXT_SOURCE; which++)
        letters += strlen(har_model_text(model, which));
    for (uint32_t i = 0; i < info.class_count; i++)
        letters += strlen(har_model_class_name(model, i));
    for (uint32_t i = 0; har_model_get_channel(model, i, &channel) == HAR_OK; i++)
        letters += strlen(channel.name) + strlen(channel.kind) + strlen(channel.axis) +
                   strlen(channel.unit) + strlen(channel.placement);
    for (uint32_t i = 0; har_model_get_measurement(model, i, &measurement) == HAR_OK; i++)
        letters += strlen(measurement.metric) + strlen(measurement.split);
    for (uint32_t i = 0; har_model_get_plan_step(model, i, &step) == HAR_OK; i++)
        letters += strlen(step.name) + strlen(step.op) + strlen(step.fused) + strlen(step.kernel);
    for (uint32_t i = 0; har_model_get_overlap_step(model, i, 1, &overlap) == HAR_OK; i++)
        letters += strlen(overlap.note) + strlen(overlap.kernel);
    for (uint32_t i = 0; i < info.signal_step_count; i++)
        har_model_describe_signal_step(model, i, text, sizeof text);
    har_model_selftest(model, &report, NULL);
    if (letters == SIZE_MAX) abort(); /* every text was read */
}

/* Explains a window in every way. */
static void explain_model(har_model *model)
{
    har_model_info info = {.struct_size = sizeof info};
    har_explainer *explainer;
    if (har_model_get_info(model, &info) != HAR_OK || info.class_count == 0) return;
    if (har_explainer_create(model, NULL, &explainer, NULL) != HAR_OK) return;
    const size_t values = (size_t)info.window * info.signal_channel_count;
    float *window = calloc(values, sizeof *window);
    uint64_t random = 7;
    for (size_t i = 0; window && i < values; i++)
        window[i] = (float)(random_u64(&random) % 2001) * 0.001f - 1.0f;
    har_explain_options options;
    har_explain_options_init(&options, sizeof options);
    float sum = 0.0f;
    for (uint32_t method = 0; window && method <= HAR_EXPLAIN_ATTENTION; method++) {
        if (method == HAR_EXPLAIN_OCCLUSION) continue; /* as many windows as it has columns */
        options.method = method;
        har_explanation found = {.struct_size = sizeof found};
        if (har_explain_window(explainer, window, info.window, info.signal_channel_count, &options,
                               &found, NULL) != HAR_OK)
            continue;
        for (size_t i = 0; i < (size_t)found.rows * found.columns; i++) sum += found.values[i];
    }
    if (sum == 0x1p100f) abort(); /* every value was read */
    free(window);
    har_explainer_destroy(explainer);
}

void run_bytes(const uint8_t *bytes, size_t size, usage *memory, outcome *o)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = counting_allocator(memory);
    har_error_init(&o->error, sizeof o->error);
    o->count = 0;
    har_model *model = NULL;
    o->status = har_model_open_memory(bytes, size, &config, &model, &o->error);
    if (o->status == HAR_OK) {
        const size_t most = memory->most; /* the bound is the model's; a self-test makes a stream */
        describe_model(model);
        run_model(model, o);
        explain_model(model);
        memory->most = most;
    }
    har_model_release(model);
}

bool is_refused(const outcome *o)
{
    return o->status < 0 && o->error.status == o->status && strlen(o->error.text) > 5;
}

uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    fseek(file, 0, SEEK_SET);
    void *bytes = NULL;
    if (posix_memalign(&bytes, 64, *size) != 0 || fread(bytes, 1, *size, file) != *size)
        bytes = NULL;
    fclose(file);
    return bytes;
}
