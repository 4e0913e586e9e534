/* How deep the stack of each public call is, measured on a painted stack, and every call on a
 * thread with a tiny one and with a large one. The table is printed; docs/robustness.md has it. */
#include "common.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>

enum { TINY_STACK = 32 << 10, LARGE_STACK = 256 << 20, PAINTED_STACK = 512 << 10, PAINT = 0xC7 };

/* What a call may take of a stack. docs/robustness.md states it. */
enum { MOST_DEEP = 12 << 10 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define IS_PLAIN 0
#elif defined(__has_feature)
#define IS_PLAIN (!__has_feature(address_sanitizer) && !__has_feature(memory_sanitizer))
#else
#define IS_PLAIN 1
#endif

/* Static, so that only the library is on the stack. */
static const char *path;
static har_model *model;
static har_stream *stream;
static har_stream *source_stream;
static har_model_info info;
static har_event event;
static har_selftest report;
static har_error error;
static har_stream_config config;
static har_source source;
static float rows[1024 * 32];
static float output[1024 * 32];
static size_t taken;
static int64_t now;

static void nothing(void) {}
static void open_file(void) { har_model_open_file(path, NULL, &model, &error); }
static void open_nothing(void)
{
    har_model *none;
    har_model_open_file("no/such/file.har", NULL, &none, &error);
    har_model_open_memory(rows, sizeof rows, NULL, &none, &error);
}
static void get_info(void) { har_model_get_info(model, &info); }

static void describe(void)
{
    static char text[160];
    static har_plan_step step;
    static har_overlap_step overlap;
    static har_channel_info channel;
    step.struct_size = sizeof step;
    overlap.struct_size = sizeof overlap;
    channel.struct_size = sizeof channel;
    for (uint32_t i = 0; i < info.plan_step_count; i++) {
        har_model_get_plan_step(model, i, &step);
        har_model_get_overlap_step(model, i, 1, &overlap);
    }
    for (uint32_t i = 0; i < info.signal_step_count; i++)
        har_model_describe_signal_step(model, i, text, sizeof text);
    har_model_get_channel(model, 0, &channel);
}

static void selftest(void)
{
    report.struct_size = sizeof report;
    har_model_selftest(model, &report, &error);
}

static void create(void) { har_stream_create(model, NULL, &stream, &error); }
static void create_with_source(void)
{
    har_stream_config_init(&config, sizeof config);
    har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
    config.source = &source;
    har_stream_create(model, &config, &source_stream, &error);
}

static void push(void)
{
    har_push_samples(stream, rows, info.window + info.latency, info.channel_count, NULL, &taken,
                     &error);
}

static void push_bad(void)
{
    har_push_samples(stream, rows, 1, info.channel_count + 1, NULL, &taken, &error);
}

static void push_sensor(void)
{
    static int64_t times[64];
    if (!source_stream) return;
    for (int64_t i = 0; i < 64; i++) times[i] = now += 7000000;
    for (uint32_t sensor = 0; sensor < source.sensor_count; sensor++)
        har_push_sensor(source_stream, sensor, rows, 64, 3, times, &taken, &error);
}

static void poll(void)
{
    event.struct_size = sizeof event;
    while (har_poll_label(stream, &event, &error) == HAR_OK) continue;
}

static void classify(void)
{
    har_classify_window(stream, rows, info.window, info.signal_channel_count, &event, &error);
}

static void classify_batch(void) { har_classify_batch(model, rows, 1, 1, output, NULL, &error); }

static void preprocess(void)
{
    har_preprocess(model, rows, info.window, info.channel_count, output, &error);
}

static void flush_and_reset(void)
{
    har_stream_flush(stream, &error);
    har_stream_reset(stream, &error);
}

static void destroy(void)
{
    har_stream_destroy(stream);
    har_stream_destroy(source_stream);
    har_model_release(model);
    source_stream = NULL;
}

typedef struct job {
    const char *name;
    void (*run)(void);
    size_t deepest;
    const char *by;
} job;

static job jobs[] = {{"an empty thread", nothing, 0, ""},
                     {"har_model_open_file", open_file, 0, ""},
                     {"a file that is refused", open_nothing, 0, ""},
                     {"har_model_get_info", get_info, 0, ""},
                     {"har_model_get_*", describe, 0, ""},
                     {"har_model_selftest", selftest, 0, ""},
                     {"har_stream_create", create, 0, ""},
                     {"har_stream_create, source", create_with_source, 0, ""},
                     {"har_push_samples", push, 0, ""},
                     {"a push that is refused", push_bad, 0, ""},
                     {"har_poll_label", poll, 0, ""},
                     {"har_push_sensor", push_sensor, 0, ""},
                     {"har_classify_window", classify, 0, ""},
                     {"har_classify_batch", classify_batch, 0, ""},
                     {"har_preprocess", preprocess, 0, ""},
                     {"har_stream_flush, _reset", flush_and_reset, 0, ""},
                     {"har_stream_destroy", destroy, 0, ""}};

enum { JOBS = sizeof jobs / sizeof jobs[0] };

static void *run_job(void *argument)
{
    ((const job *)argument)->run();
    return NULL;
}

static void *run_all(void *argument)
{
    (void)argument;
    for (size_t j = 0; j < JOBS; j++) jobs[j].run();
    return NULL;
}

static void *new_stack(size_t size)
{
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(stack != MAP_FAILED);
    return stack;
}

static void on_stack(void *stack, size_t size, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, stack, size), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run, argument), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

/* Bytes of the stack that were written. */
static size_t measure(job *j)
{
    unsigned char *stack = new_stack(PAINTED_STACK);
    memset(stack, PAINT, PAINTED_STACK);
    on_stack(stack, PAINTED_STACK, run_job, j);
    size_t untouched = 0;
    while (untouched < PAINTED_STACK && stack[untouched] == PAINT) untouched++;
    munmap(stack, PAINTED_STACK);
    return PAINTED_STACK - untouched;
}

static const char *const models[] = {"hapt_gru",
                                     "hapt_gru_int8",
                                     "hapt_lstm",
                                     "hapt_lstm_int8",
                                     "hapt_rnn",
                                     "hapt_rnn_int8",
                                     "mhealth_cnn_lstm_attention",
                                     "mhealth_cnn_lstm_attention_int8",
                                     "mhealth_cnn_lstm_attention_arm",
                                     "mhealth_cnn_lstm_attention_arm_int8",
                                     "opportunity_resnet",
                                     "opportunity_resnet_int8",
                                     "uci_har_cnn",
                                     "uci_har_cnn_int8",
                                     "uci_har_student",
                                     "uci_har_student_int8",
                                     "uci_har_student_paper",
                                     "uci_har_student_paper_int8",
                                     "wisdm_lm_att",
                                     "wisdm_lm_att_int8",
                                     "wisdm_rab_kd",
                                     "wisdm_rab_kd_int8",
                                     "wisdm_teacher",
                                     "wisdm_teacher_int8"};

enum { MODELS = sizeof models / sizeof models[0] };

static void set_model(size_t number)
{
    static char name[1024];
    snprintf(name, sizeof name, "%s/%s.har", HAR_MODELS, models[number]);
    path = name;
    har_error_init(&error, sizeof error);
    info.struct_size = sizeof info;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) rows[i] = sample_value(1, i, 0);
}

static void no_call_is_deeper_than_stated(void **state)
{
    (void)state;
    for (size_t m = 0; m < MODELS; m++) {
        set_model(m);
        for (size_t j = 0; j < JOBS; j++) {
            const size_t deep = measure(&jobs[j]);
            if (deep > jobs[j].deepest) {
                jobs[j].deepest = deep;
                jobs[j].by = models[m];
            }
        }
        assert_int_equal(report.checked, info.golden_count);
    }
    const size_t empty = jobs[0].deepest;
    for (size_t j = 1; j < JOBS; j++) {
        print_message("%-26s %6zu bytes, %s\n", jobs[j].name, jobs[j].deepest - empty, jobs[j].by);
        if (IS_PLAIN) assert_true(jobs[j].deepest - empty <= MOST_DEEP);
    }
}

static void every_call_runs_on_tiny_and_large_stacks(void **state)
{
    (void)state;
    const size_t tiny = IS_PLAIN ? TINY_STACK : PAINTED_STACK;
    void *small = new_stack(tiny);
    void *large = new_stack(LARGE_STACK);
    for (size_t m = 0; m < MODELS; m++) {
        set_model(m);
        on_stack(small, tiny, run_all, NULL);
        assert_int_equal(report.checked, info.golden_count);
        on_stack(large, LARGE_STACK, run_all, NULL);
        assert_int_equal(report.checked, info.golden_count);
    }
    munmap(small, tiny);
    munmap(large, LARGE_STACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_call_is_deeper_than_stated),
        cmocka_unit_test(every_call_runs_on_tiny_and_large_stacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
