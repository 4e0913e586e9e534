/* Calls on a stream in any order, with any samples and any times. */
#include "models.h"
#include "target.h"

enum { MOST_ROWS = 48 };

typedef struct live {
    har_stream *stream;
    har_model_info info;
    bool has_source;
    int64_t now;
    uint64_t windows;
} live;

/* Milliseconds by which time goes on; a few bytes mean a jump or a step back. */
static int64_t next_step(input *in)
{
    const uint8_t byte = next_byte(in);
    if (byte == 0xFF) {
        int64_t any;
        next_bytes(in, &any, sizeof any);
        return any;
    }
    return byte >= 0xF8 ? ((int64_t)byte - 0xFB) * INT64_C(400000000) : (int64_t)byte * 500000;
}

static void expect_event(live *l, const har_event *event)
{
    float sum = 0.0f;
    for (uint32_t i = 0; i < event->score_count; i++) sum += event->scores[i];
    PROMISE(event->score_count == l->info.class_count);
    PROMISE(event->class_index >= -1 && event->class_index < (int32_t)event->score_count);
    PROMISE((event->class_index < 0) == ((event->flags & HAR_EVENT_UNKNOWN) != 0));
    PROMISE(event->name && strlen(event->name) > 0);
    PROMISE(event->t_end_ns >= event->t_start_ns && event->since_ns <= event->t_end_ns);
    PROMISE(event->confidence >= 0.0f && event->confidence <= 1.0001f);
    /* samples as large as a float can be leave a network no numbers */
    PROMISE(event->raw_index < 0 || (sum > 0.99f && sum < 1.01f));
}

static void poll(live *l, unsigned most)
{
    har_event event = {.struct_size = sizeof event};
    for (unsigned i = 0; i < most && har_poll_label(l->stream, &event, NULL) == HAR_OK; i++) {
        l->windows++;
        expect_event(l, &event);
    }
}

static void push(live *l, input *in)
{
    static float values[MOST_ROWS * MOST_CHANNELS];
    int64_t times[MOST_ROWS];
    const size_t rows = next_byte(in) % MOST_ROWS;
    const uint8_t how = next_byte(in);
    const uint32_t columns = l->has_source ? 3 : l->info.channel_count;
    int64_t time = l->now;
    for (size_t r = 0; r < rows; r++) {
        const int64_t step = how % 4 == 0 ? INT64_C(20000000) : next_step(in);
        time = (int64_t)((uint64_t)time + (uint64_t)step);
        times[r] = time;
        for (uint32_t c = 0; c < columns; c++)
            values[r * columns + c] = how % 8 == 1 ? 0.5f : next_value(in);
    }
    har_error error;
    har_error_init(&error, sizeof error);
    size_t taken = 999;
    const bool has_times = l->has_source || how % 3 != 0;
    const int32_t status =
        l->has_source
            ? har_push_sensor(l->stream, how / 16, values, rows, columns, times, &taken, &error)
            : har_push_samples(l->stream, values, rows, columns, has_times ? times : NULL, &taken,
                               &error);
    PROMISE(status >= 0 ? taken <= rows : taken == 0);
    PROMISE(status != HAR_OK || taken == rows);
    PROMISE(status >= 0 || (error.status == status && strlen(error.text) > 5));
    if (taken > 0) l->now = times[taken - 1];
}

static void classify(live *l, input *in)
{
    static float window[MOST_WINDOW * MOST_CHANNELS];
    har_event event = {.struct_size = sizeof event};
    const size_t count = (size_t)l->info.window * l->info.signal_channel_count;
    for (size_t i = 0; i < count; i++) window[i] = next_value(in);
    const int32_t status = har_classify_window(l->stream, window, l->info.window,
                                               l->info.signal_channel_count, &event, NULL);
    if (status == HAR_OK) expect_event(l, &event);
}

static void call(live *l, input *in)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    switch (next_byte(in) % 8) {
    case 0: poll(l, 1); break;
    case 1: poll(l, 1000); break;
    case 2: PROMISE(har_stream_flush(l->stream, NULL) >= 0); break;
    case 3:
        PROMISE(har_stream_reset(l->stream, NULL) == HAR_OK);
        l->windows = 0;
        break;
    case 4: classify(l, in); break;
    default: push(l, in);
    }
    PROMISE(har_stream_get_counters(l->stream, &counters) == HAR_OK);
    PROMISE(counters.windows == l->windows);
    PROMISE(counters.windows_skipped <= counters.windows && counters.macs <= counters.macs_fresh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    har_model *model = tiny_model(next_byte(&in), 0);
    live l = {.info = {.struct_size = sizeof l.info}};
    har_model_get_info(model, &l.info);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    const uint8_t how = next_byte(&in);
    config.hop = next_byte(&in) % (l.info.window + 1);
    config.queue = next_byte(&in);
    config.reuse = how & 1;
    config.still_gate = how >> 1 & 1;
    config.max_stretch = (how & 4) ? 4 : 0;
    config.max_wait_ns = (how & 8) ? INT64_C(300000000) : 0;
    har_source source;
    har_source_init(&source, sizeof source, how >> 5);
    l.has_source = (how & 16) != 0;
    if (l.has_source) config.source = &source;
    if (har_stream_create(model, &config, &l.stream, NULL) != HAR_OK) return 0;
    while (in.left > 0) call(&l, &in);
    har_stream_destroy(l.stream);
    return 0;
}
