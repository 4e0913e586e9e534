/* What har.mjs calls: plain numbers and addresses in, numbers out. One thread; the last error is
 * kept for it. The module imports nothing. */
#include <stdlib.h>
#include <string.h>

#include "har/har.h"

#define EXPORT(name) __attribute__((export_name(#name)))

static har_error error;

static void *allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    return aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
}

static void release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)size;
    free(memory);
}

static const har_allocator heap = {.user = NULL, .allocate = allocate, .release = release};

/* `size` bytes that the weights may be used in: 64-byte aligned. */
EXPORT(take) void *web_take(size_t size) { return allocate(NULL, size, 64); }

EXPORT(give) void web_give(void *memory) { free(memory); }

EXPORT(version) uint32_t web_version(void) { return har_version(); }
EXPORT(error_text) const char *web_error_text(void) { return error.text; }
EXPORT(error_field) const char *web_error_field(void) { return error.field; }
EXPORT(status_name) const char *web_status_name(int32_t status) { return har_status_name(status); }
EXPORT(status_text) const char *web_status_text(int32_t status) { return har_status_text(status); }
EXPORT(reason_name) const char *web_reason_name(uint32_t bit) { return har_reason_name(bit); }

static void forget(void) { har_error_init(&error, sizeof error); }

/* NULL on error; `status` says which. `bytes` are 64-byte aligned and stay. */
EXPORT(open) har_model *web_open(const void *bytes, size_t size, int32_t *status)
{
    forget();
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = heap;
    har_model *model;
    *status = har_model_open_memory(bytes, size, &config, &model, &error);
    return model;
}

EXPORT(release) void web_release(har_model *model) { har_model_release(model); }

/* Nine numbers: channels, signal channels, classes, window, hop, rate, numeric, parameters, bytes
 * of a stream. */
EXPORT(info) int32_t web_info(const har_model *model, double numbers[9])
{
    har_model_info info = {.struct_size = sizeof info};
    const int32_t status = har_model_get_info(model, &info);
    const double found[9] = {info.channel_count,
                             info.signal_channel_count,
                             info.class_count,
                             info.window,
                             info.hop,
                             info.rate_hz,
                             info.numeric,
                             (double)info.parameters,
                             (double)info.stream_bytes};
    memcpy(numbers, found, sizeof found);
    return status;
}

EXPORT(text) const char *web_text(const har_model *model, int32_t which)
{
    return har_model_text(model, which);
}

EXPORT(class_name) const char *web_class_name(const har_model *model, uint32_t index)
{
    return har_model_class_name(model, index);
}

/* Five texts: name, kind, axis, unit, placement. */
EXPORT(channel) int32_t web_channel(const har_model *model, uint32_t index, const char *texts[5])
{
    har_channel_info info = {.struct_size = sizeof info};
    const int32_t status = har_model_get_channel(model, index, &info);
    const char *found[5] = {info.name, info.kind, info.axis, info.unit, info.placement};
    memcpy(texts, found, sizeof found);
    return status;
}

EXPORT(selftest) int32_t web_selftest(const har_model *model)
{
    forget();
    har_selftest report = {.struct_size = sizeof report};
    return har_model_selftest(model, &report, &error);
}

/* `preset` is HAR_PRESET_*; CUSTOM: the model's own samples are pushed. */
EXPORT(stream)
har_stream *web_stream(har_model *model, uint32_t preset, uint32_t hop, double max_wait_ns,
                       int32_t *status)
{
    forget();
    har_source source;
    har_source_init(&source, sizeof source, preset);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.allocator = heap;
    config.hop = hop;
    config.max_wait_ns = (int64_t)max_wait_ns;
    if (preset != HAR_PRESET_CUSTOM) config.source = &source;
    har_stream *stream;
    *status = har_stream_create(model, &config, &stream, &error);
    return stream;
}

EXPORT(end_stream) void web_end_stream(har_stream *stream) { har_stream_destroy(stream); }

EXPORT(push)
int32_t web_push(har_stream *stream, const float *samples, size_t rows, uint32_t channels,
                 const int64_t *times_ns, size_t *taken)
{
    forget();
    return har_push_samples(stream, samples, rows, channels, times_ns, taken, &error);
}

EXPORT(push_sensor)
int32_t web_push_sensor(har_stream *stream, uint32_t sensor, const float *values, size_t rows,
                        uint32_t columns, const int64_t *times_ns, size_t *taken)
{
    forget();
    return har_push_sensor(stream, sensor, values, rows, columns, times_ns, taken, &error);
}

/* A har_event as har.mjs reads it, field by field at these offsets. */
typedef struct web_event {
    int64_t t_start_ns;  /* 0 */
    int64_t t_end_ns;    /* 8 */
    int64_t since_ns;    /* 16 */
    double confidence;   /* 24 */
    int32_t class_index; /* 32 */
    int32_t left_index;  /* 36 */
    int32_t raw_index;   /* 40 */
    uint32_t flags;      /* 44 */
    uint32_t reasons;    /* 48 */
    const float *scores; /* 52 */
} web_event;

_Static_assert(offsetof(web_event, scores) == 52, "har.mjs knows where the fields are");

static void fill(web_event *to, const har_event *from)
{
    *to = (web_event){.t_start_ns = from->t_start_ns,
                      .t_end_ns = from->t_end_ns,
                      .since_ns = from->since_ns,
                      .confidence = (double)from->confidence,
                      .class_index = from->class_index,
                      .left_index = from->left_index,
                      .raw_index = from->raw_index,
                      .flags = from->flags,
                      .reasons = from->reasons,
                      .scores = from->scores};
}

EXPORT(poll) int32_t web_poll(har_stream *stream, web_event *to)
{
    forget();
    har_event event = {.struct_size = sizeof event};
    const int32_t status = har_poll_label(stream, &event, &error);
    if (status == HAR_OK) fill(to, &event);
    return status;
}

EXPORT(classify)
int32_t web_classify(har_stream *stream, const float *window, size_t rows, uint32_t columns,
                     web_event *to)
{
    forget();
    har_event event = {.struct_size = sizeof event};
    const int32_t status = har_classify_window(stream, window, rows, columns, &event, &error);
    if (status == HAR_OK) fill(to, &event);
    return status;
}

EXPORT(flush) int32_t web_flush(har_stream *stream)
{
    forget();
    return har_stream_flush(stream, &error);
}

EXPORT(reset) int32_t web_reset(har_stream *stream)
{
    forget();
    return har_stream_reset(stream, &error);
}

/* HAR_REASON_* of the last row. */
EXPORT(reasons_now) uint32_t web_reasons_now(const har_stream *stream)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    return har_stream_get_counters(stream, &counters) == HAR_OK ? counters.reasons_now : 0;
}
