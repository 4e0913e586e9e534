/* After create nothing allocates: the linker sends the library's malloc, calloc, realloc and free
 * through the counters here (-Wl,--wrap). */
#include <math.h>

#include "common.h"

static size_t calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size)
{
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    calls++;
    return __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    calls++;
    __real_free(memory);
}

static void run_everything(har_stream *stream, size_t *labels)
{
    static float samples[10 * WINDOW * CHANNELS];
    fill_samples(samples, (size_t)10 * WINDOW, 3);
    har_event event = {.struct_size = sizeof event};
    size_t taken = 0;
    for (size_t row = 0; row < (size_t)10 * WINDOW; row += taken) {
        har_push_samples(stream, samples + row * CHANNELS, (size_t)10 * WINDOW - row, CHANNELS,
                         NULL, &taken, NULL);
        while (har_poll_label(stream, &event, NULL) == HAR_OK) ++*labels;
    }
    while (har_stream_flush(stream, NULL) == HAR_PARTIAL)
        while (har_poll_label(stream, &event, NULL) == HAR_OK) ++*labels;
    while (har_poll_label(stream, &event, NULL) == HAR_OK) ++*labels;
    har_classify_window(stream, samples, WINDOW, CHANNELS, &event, NULL);
    har_error error = new_error();
    har_push_samples(stream, samples, 1, CHANNELS, NULL, &taken, &error); /* refused: flushed */
    har_stream_reset(stream, &error);
}

static void nothing_allocates_after_create(void **state)
{
    (void)state;
    static const char *const paths[] = {TINY_F32, TINY_INT8};
    for (size_t i = 0; i < 2; i++) {
        calls = 0;
        har_model *model = open_model(paths[i]);
        har_stream *stream = open_stream(model);
        assert_true(calls > 0); /* the counters are at work */
        calls = 0;
        size_t labels = 0;
        run_everything(stream, &labels);
        run_everything(stream, &labels);
        assert_int_equal(calls, 0);
        assert_int_equal(labels, 2 * ((10 * WINDOW - WINDOW) / HOP + 1));
        har_stream_destroy(stream);
        har_model_release(model);
    }
}

/* With a decision of its own, the gate and stretching. */
static void nothing_allocates_where_windows_are_skipped(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    har_decision_config decision;
    assert_int_equal(har_decision_config_init(&decision, sizeof decision, model), HAR_OK);
    decision.majority = 5;
    decision.min_duration_ns = 100000000;
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.decision = &decision;
    config.still_gate = 1;
    config.max_stretch = 2;
    har_stream *stream;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    calls = 0;
    size_t labels = 0;
    run_everything(stream, &labels);
    run_everything(stream, &labels);
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(stream, &counters), HAR_OK);
    assert_int_equal(calls, 0);
    assert_true(labels > 0);
    har_stream_destroy(stream);
    har_model_release(model);
}

/* Two sensors, a hole, a refused push, silence. */
static void run_sensors(har_stream *stream, size_t *labels)
{
    float values[20][3] = {{0}};
    int64_t times[20];
    har_event event = {.struct_size = sizeof event};
    size_t taken;
    for (int64_t turn = 0; turn < 60; turn++) {
        for (int64_t i = 0; i < 20; i++)
            times[i] = (20 * turn + i) * 20000000 + (turn > 30 ? 5000000000 : 0);
        har_push_sensor(stream, 0, values[0], 20, 3, times, &taken, NULL);
        if (turn < 50) har_push_sensor(stream, 1, values[0], 20, 3, times, &taken, NULL);
        while (har_poll_label(stream, &event, NULL) == HAR_OK) ++*labels;
    }
    values[3][1] = NAN;
    har_error error = new_error();
    har_push_sensor(stream, 0, values[0], 20, 3, times, &taken, &error);
    har_stream_counters counters = {.struct_size = sizeof counters};
    har_stream_get_counters(stream, &counters);
    har_stream_flush(stream, NULL);
    har_stream_reset(stream, NULL);
}

static void nothing_allocates_with_a_source(void **state)
{
    (void)state;
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;
    config.max_wait_ns = 1000000000;
    har_model *model = open_model(HAR_MODELS "/uci_har_student.har");
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    calls = 0;
    size_t labels = 0;
    run_sensors(stream, &labels);
    run_sensors(stream, &labels);
    assert_int_equal(calls, 0);
    assert_true(labels > 20);
    har_stream_destroy(stream);
    har_model_release(model);
}

static void nothing_allocates_where_windows_are_explained(void **state)
{
    (void)state;
    static const char *const paths[] = {TINY_F32, HAR_GOLDEN "/tiny_recurrent_int8.har",
                                        HAR_GOLDEN "/tiny_attention_f32.har"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        har_model *model = open_model(paths[i]);
        har_model_info info = {.struct_size = sizeof info};
        har_model_get_info(model, &info);
        float *window = calloc((size_t)info.window * info.signal_channel_count, sizeof *window);
        calls = 0;
        har_explainer *explainer = NULL;
        assert_int_equal(har_explainer_create(model, NULL, &explainer, NULL), HAR_OK);
        assert_true(calls > 0);
        calls = 0;
        har_explain_options options;
        har_explain_options_init(&options, sizeof options);
        har_explanation found = {.struct_size = sizeof found};
        har_error error = new_error();
        size_t explained = 0;
        for (; options.method <= HAR_EXPLAIN_ATTENTION; options.method++)
            explained +=
                har_explain_window(explainer, window, info.window, info.signal_channel_count,
                                   &options, &found, &error) == HAR_OK;
        assert_int_equal(calls, 0);
        assert_true(explained >= 2);
        har_explainer_destroy(explainer);
        free(window);
        har_model_release(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_allocates_after_create),
        cmocka_unit_test(nothing_allocates_where_windows_are_skipped),
        cmocka_unit_test(nothing_allocates_with_a_source),
        cmocka_unit_test(nothing_allocates_where_windows_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
