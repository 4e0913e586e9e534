/* After create nothing allocates: the linker sends the library's malloc, calloc, realloc and free
 * through the counters here (-Wl,--wrap). On x86-64 Linux besides the kernel ends a process that
 * makes any system call between create and destroy. */
#include <math.h>
#if defined(__linux__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__has_feature)
#define CAN_FORBID 1
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <stdbool.h>

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

/* Everything that a model says of itself, and a struct or name that needs none. */
static size_t ask_everything(har_model *model)
{
    size_t letters = 0;
    char text[160];
    har_model_info info = {.struct_size = sizeof info};
    har_channel_info channel = {.struct_size = sizeof channel};
    har_measurement measurement = {.struct_size = sizeof measurement};
    har_plan_step step = {.struct_size = sizeof step};
    har_overlap_step overlap = {.struct_size = sizeof overlap};
    har_decision_config decision;
    har_model_config config;
    har_stream_config stream_config;
    har_source source;
    uint64_t bytes = 0;
    har_error error = new_error();
    har_model_get_info(model, &info);
    for (int32_t t = HAR_TEXT_NAME; t <= HAR_TEXT_DEVICES; t++)
        letters += strlen(har_model_text(model, t));
    for (uint32_t i = 0; i < info.class_count; i++)
        letters += strlen(har_model_class_name(model, i));
    for (uint32_t i = 0; i <= info.channel_count; i++) har_model_get_channel(model, i, &channel);
    for (uint32_t i = 0; i <= info.measurement_count; i++)
        har_model_get_measurement(model, i, &measurement);
    for (uint32_t i = 0; i <= info.signal_step_count; i++)
        har_model_describe_signal_step(model, i, text, sizeof text);
    for (uint32_t i = 0; i <= info.plan_step_count; i++) {
        har_model_get_plan_step(model, i, &step);
        har_model_get_overlap_step(model, i, 1, &overlap);
    }
    har_decision_config_init(&decision, sizeof decision, model);
    har_model_config_init(&config, sizeof config);
    har_stream_config_init(&stream_config, sizeof stream_config);
    har_source_init(&source, sizeof source, HAR_PRESET_IOS_DEVICE_MOTION);
    har_stream_memory_needed(model, &stream_config, &bytes, &error);
    stream_config.hop = UINT32_MAX; /* refused, with a text */
    har_stream_memory_needed(model, &stream_config, &bytes, &error);
    har_model_release(har_model_retain(model));
    letters += strlen(har_status_name(HAR_AGAIN)) + strlen(har_status_text(HAR_AGAIN)) +
               strlen(har_reason_name(1)) + strlen(har_backend_name(1)) +
               strlen(har_cpu_name(HAR_CPU_REF)) + har_version() + har_backends() +
               strlen(error.text);
    return letters + (har_cpu_features() & 1u);
}

/* Streams of any shipped model: signal steps, recurrent layers, attention, with and without what
 * windows share, with a window by itself between. */
static void stream_shipped(har_model *model, har_stream *stream, size_t *labels)
{
    static float rows[1024 * 16];
    har_model_info info = {.struct_size = sizeof info};
    har_event event = {.struct_size = sizeof event};
    har_stream_counters counters = {.struct_size = sizeof counters};
    har_model_get_info(model, &info);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) rows[i] = sample_value(2, i, 0);
    const size_t count = (size_t)info.window + 3 * info.hop;
    for (size_t r = 0, taken; r < count; r++) {
        const size_t at = r * info.channel_count % (1000 * 15);
        har_push_samples(stream, rows + at, 1, info.channel_count, NULL, &taken, NULL);
        while (har_poll_label(stream, &event, NULL) == HAR_OK) ++*labels;
    }
    if ((size_t)info.window * info.signal_channel_count <= sizeof rows / sizeof rows[0])
        har_classify_window(stream, rows, info.window, info.signal_channel_count, &event, NULL);
    har_stream_get_counters(stream, &counters);
    har_stream_flush(stream, NULL);
    har_stream_reset(stream, NULL);
}

static const char *const shipped[] = {
    HAR_MODELS "/hapt_gru.har",           HAR_MODELS "/hapt_lstm_int8.har",
    HAR_MODELS "/hapt_rnn_int8.har",      HAR_MODELS "/mhealth_cnn_lstm_attention.har",
    HAR_MODELS "/uci_har_cnn.har",        HAR_MODELS "/mhealth_cnn_lstm_attention_arm_int8.har",
    HAR_MODELS "/uci_har_cnn_int8.har",   HAR_MODELS "/opportunity_resnet.har",
    HAR_MODELS "/wisdm_lm_att_int8.har",  HAR_MODELS "/opportunity_resnet_int8.har",
    HAR_MODELS "/uci_har_student.har",    HAR_MODELS "/wisdm_rab_kd.har",
    HAR_GOLDEN "/tiny_attention_f32.har", HAR_GOLDEN "/tiny_recurrent_f32.har"};

enum { SHIPPED = sizeof shipped / sizeof shipped[0] };

static har_stream *open_reusing(har_model *model, uint32_t reuse)
{
    har_stream *stream;
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.reuse = reuse;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    return stream;
}

static void nothing_allocates_in_any_call_of_any_model(void **state)
{
    (void)state;
    for (size_t m = 0; m < SHIPPED; m++)
        for (uint32_t reuse = HAR_REUSE_AUTO; reuse <= HAR_REUSE_OFF; reuse++) {
            har_model *model = open_model(shipped[m]);
            har_stream *stream = open_reusing(model, reuse);
            size_t labels = 0;
            calls = 0;
            stream_shipped(model, stream, &labels);
            assert_true(ask_everything(model) > 50);
            assert_int_equal(calls, 0);
            assert_true(labels >= 3);
            har_stream_destroy(stream);
            har_model_release(model);
        }
}

#ifdef CAN_FORBID
/* In a process of its own, which any system call ends; says whether it came to its end. */
static bool runs_without_system_calls(har_model *model, har_stream *stream, bool asks_for_one)
{
    const pid_t child = fork();
    if (child == 0) {
        size_t labels = 0;
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(2);
        if (asks_for_one) (void)getppid();
        stream_shipped(model, stream, &labels);
        ask_everything(model);
        syscall(SYS_exit, labels >= 3 ? 0 : 3); /* the one call that is allowed */
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) skip(); /* no seccomp here */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#endif

static void no_call_of_a_stream_asks_the_system(void **state)
{
    (void)state;
#ifdef CAN_FORBID
    for (size_t m = 0; m < SHIPPED; m++) {
        har_model *model = open_model(shipped[m]);
        har_stream *stream = open_reusing(model, HAR_REUSE_AUTO);
        assert_true(runs_without_system_calls(model, stream, false));
        assert_false(runs_without_system_calls(model, stream, true)); /* the guard is at work */
        har_stream_destroy(stream);
        har_model_release(model);
    }
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_allocates_after_create),
        cmocka_unit_test(nothing_allocates_where_windows_are_skipped),
        cmocka_unit_test(nothing_allocates_with_a_source),
        cmocka_unit_test(nothing_allocates_where_windows_are_explained),
        cmocka_unit_test(nothing_allocates_in_any_call_of_any_model),
        cmocka_unit_test(no_call_of_a_stream_asks_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
