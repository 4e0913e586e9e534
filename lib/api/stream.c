/* The stream's entry points: check the arguments, delegate. */
#include "api/stream.h"

#include <string.h>

#include "base/error.h"

void har_stream_config_init(har_stream_config *config, uint32_t struct_size)
{
    if (!config || struct_size < sizeof *config) return;
    memset(config, 0, sizeof *config);
    config->struct_size = struct_size;
}

static int32_t check_config(const har_stream_config *config, har_error *error)
{
    if (!config) return HAR_OK;
    return hari_check_config(config->struct_size, sizeof *config, &config->allocator, error);
}

/* Lays the whole stream out in `base`, or measures with NULL; `*bytes` is what it takes. */
static int32_t lay_out(const har_model *model, const har_stream_config *config, unsigned char *base,
                       hari_stream *core, size_t *bytes, har_error *error)
{
    hari_stream_settings settings = {0};
    if (config)
        settings = (hari_stream_settings){.hop = config->hop,
                                          .queue = config->queue,
                                          .max_gap_ns = config->max_gap_ns,
                                          .source = config->source,
                                          .max_wait_ns = config->max_wait_ns,
                                          .decision = config->decision,
                                          .reuse = config->reuse,
                                          .still_gate = config->still_gate,
                                          .max_stretch = config->max_stretch};
    int32_t status = hari_stream_settle(&model->recognizer, &settings, error);
    if (status != HAR_OK) return status;
    hari_layout layout = {.base = base};
    hari_layout_take(&layout, 1, sizeof(har_stream));
    hari_stream_layout(core, &model->recognizer, &settings, &layout);
    *bytes = layout.used;
    return layout.overflow ? hari_fail(error, HAR_ERR_MEMORY, "stream size") : HAR_OK;
}

int32_t har_stream_memory_needed(const har_model *model, const har_stream_config *config,
                                 uint64_t *bytes, har_error *error)
{
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!bytes) return hari_fail(error, HAR_ERR_NULL, "bytes");
    int32_t status = check_config(config, error);
    if (status != HAR_OK) return status;
    hari_stream core;
    size_t used;
    status = lay_out(model, config, NULL, &core, &used, error);
    if (status == HAR_OK) *bytes = (uint64_t)used + HARI_ALIGNMENT - 1;
    return status;
}

/* The aligned start of the caller's arena, NULL when it is too small. */
static unsigned char *place_in_arena(const har_stream_config *config, size_t bytes,
                                     har_error *error)
{
    const size_t skip = (size_t)(-(uintptr_t)config->arena & (uintptr_t)(HARI_ALIGNMENT - 1));
    if (config->arena_size >= skip && config->arena_size - skip >= bytes)
        return (unsigned char *)config->arena + skip;
    hari_fail_bound(error, HAR_ERR_ARENA_TOO_SMALL, (double)config->arena_size, "at least",
                    (double)(bytes + skip), "config.arena_size");
    return NULL;
}

int32_t har_stream_create(har_model *model, const har_stream_config *config, har_stream **stream,
                          har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    *stream = NULL;
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!model->recognizer.has_network) return hari_fail(error, HAR_ERR_NO_NETWORK, "model");
    int32_t status = check_config(config, error);
    if (status != HAR_OK) return status;
    hari_stream core;
    size_t bytes;
    status = lay_out(model, config, NULL, &core, &bytes, error);
    if (status != HAR_OK) return status;
    const har_allocator allocator = hari_allocator_or_heap(config ? &config->allocator : NULL);
    const bool in_arena = config && config->arena;
    unsigned char *base = in_arena ? place_in_arena(config, bytes, error)
                                   : allocator.allocate(allocator.user, bytes, HARI_ALIGNMENT);
    if (!base)
        return in_arena ? HAR_ERR_ARENA_TOO_SMALL : hari_fail(error, HAR_ERR_MEMORY, "stream");
    memset(base, 0, bytes);
    har_stream *s = (har_stream *)(void *)base;
    lay_out(model, config, base, &s->core, &bytes, NULL); /* measured before, cannot fail */
    s->model = har_model_retain(model);
    s->allocator = allocator;
    s->block = in_arena ? NULL : base;
    s->block_bytes = bytes;
    hari_stream_reset(&s->core);
    if (!in_arena) status = hari_stream_start(&s->core, error);
    if (status == HAR_OK)
        *stream = s;
    else
        har_stream_destroy(s);
    return status;
}

void har_stream_destroy(har_stream *stream)
{
    if (!stream) return;
    har_model *model = stream->model;
    const har_allocator allocator = stream->allocator;
    hari_stream_stop(&stream->core);
    if (stream->block) allocator.release(allocator.user, stream->block, stream->block_bytes);
    har_model_release(model);
}

static int32_t check_channels(const har_model *model, uint32_t channels, har_error *error)
{
    const uint32_t wanted = model->recognizer.chain.columns_in;
    if (channels == wanted) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_CHANNELS, channels, "equal to", wanted, "channels");
}

int32_t har_push_samples(har_stream *stream, const float *samples, size_t rows, uint32_t channels,
                         const int64_t *times_ns, size_t *taken, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    if (!taken) return hari_fail(error, HAR_ERR_NULL, "taken");
    *taken = 0;
    if (!samples && rows > 0) return hari_fail(error, HAR_ERR_NULL, "samples");
    if (stream->core.merge) return hari_fail(error, HAR_ERR_SOURCE, "stream with a source");
    int32_t status = check_channels(stream->model, channels, error);
    if (status != HAR_OK) return status;
    return hari_stream_push(&stream->core, samples, rows, times_ns, taken, error);
}

static int32_t check_event(const har_event *event, har_error *error)
{
    if (!event) return hari_fail(error, HAR_ERR_NULL, "event");
    if (event->struct_size < sizeof *event)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, event->struct_size, "at least",
                               (double)sizeof *event, "event.struct_size");
    return HAR_OK;
}

static uint32_t flags_of(const hari_label *label)
{
    const hari_verdict *verdict = &label->verdict;
    uint32_t flags = 0;
    if (verdict->class_index == HARI_UNKNOWN_CLASS) flags |= HAR_EVENT_UNKNOWN;
    if (label->after_gap) flags |= HAR_EVENT_AFTER_GAP;
    if (verdict->enters) flags |= HAR_EVENT_ENTER;
    if (verdict->left_index != HARI_UNKNOWN_CLASS) flags |= HAR_EVENT_EXIT;
    if (label->repeated) flags |= HAR_EVENT_REPEATED;
    if (label->reasons != 0) flags |= HAR_EVENT_CONTRACT;
    return flags;
}

void hari_fill_event(const har_stream *stream, const hari_label *label, har_event *event)
{
    const hari_recognizer *r = &stream->model->recognizer;
    const hari_verdict *verdict = &label->verdict;
    const bool is_unknown = verdict->class_index == HARI_UNKNOWN_CLASS;
    *event = (har_event){.struct_size = event->struct_size,
                         .class_index = verdict->class_index,
                         .name = is_unknown ? "unknown" : r->class_names[verdict->class_index],
                         .scores = verdict->scores,
                         .score_count = r->class_count,
                         .confidence = verdict->confidence,
                         .t_start_ns = label->t_start_ns,
                         .t_end_ns = label->t_end_ns,
                         .first_sample = label->first_sample,
                         .flags = flags_of(label),
                         .left_index = verdict->left_index,
                         .raw_index = verdict->raw_index,
                         .since_ns = verdict->since_ns,
                         .reasons = label->reasons};
}

int32_t har_poll_label(har_stream *stream, har_event *event, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    int32_t status = check_event(event, error);
    if (status != HAR_OK) return status;
    hari_label label;
    status = hari_stream_poll(&stream->core, &label);
    if (status == HAR_OK) hari_fill_event(stream, &label, event);
    return status;
}

int32_t hari_check_window(const hari_recognizer *r, const float *window, size_t rows,
                          uint32_t columns, har_error *error)
{
    if (columns != r->chain.columns_out)
        return hari_fail_bound(error, HAR_ERR_CHANNELS, columns, "equal to", r->chain.columns_out,
                               "columns");
    if (rows != r->window)
        return hari_fail_bound(error, HAR_ERR_ROWS, (double)rows, "equal to", r->window, "rows");
    return hari_check_finite(window, rows, columns, "window", error);
}

int32_t har_classify_window(har_stream *stream, const float *window, size_t rows, uint32_t columns,
                            har_event *event, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    if (!window) return hari_fail(error, HAR_ERR_NULL, "window");
    int32_t status = check_event(event, error);
    if (status != HAR_OK) return status;
    status = hari_check_window(&stream->model->recognizer, window, rows, columns, error);
    if (status != HAR_OK) return status;
    const hari_label label = {.verdict = hari_stream_classify(&stream->core, window)};
    hari_fill_event(stream, &label, event);
    return HAR_OK;
}

int32_t har_stream_flush(har_stream *stream, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    return hari_stream_flush(&stream->core);
}

int32_t har_stream_reset(har_stream *stream, har_error *error)
{
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    hari_stream_reset(&stream->core);
    return HAR_OK;
}
