/* Arguments that no sane caller gives: arrays that are not aligned, sizes beyond memory, values at
 * the ends of their types, files and mappings that change or may not be written. Missing pointers,
 * sizes and indices are in test_arguments.c, calls in a wrong order in test_states.c. */
#include "common.h"

#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 3 };

_Alignas(64) static float window[BATCH * WINDOW * CHANNELS];

static void fill_window(void) { fill_samples(window, (size_t)BATCH * WINDOW, 5); }

/* `values` one byte further on, as a packet that was received may hold them. */
static float *misaligned(void *room, const void *values, size_t size)
{
    memcpy((char *)room + 1, values, size);
    return (float *)(void *)((char *)room + 1);
}

static void arrays_that_are_not_aligned_are_told(void **state)
{
    (void)state;
    static float room[BATCH * WINDOW * CHANNELS + 2];
    fill_window();
    har_model *model = open_model(TINY_F32);
    har_stream *stream = open_stream(model);
    har_stream *with_source;
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_UCI_HAR);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;
    har_model *waist = open_model(HAR_MODELS "/hapt_gru.har");
    assert_int_equal(har_stream_create(waist, &config, &with_source, NULL), HAR_OK);
    har_model_release(waist);
    const float *bad = misaligned(room, window, sizeof window);
    const int64_t times[4] = {10, 20, 30, 40};
    int64_t time_room[5];
    const int64_t *bad_times = (const int64_t *)(void *)misaligned(time_room, times, sizeof times);
    float output[CLASSES * BATCH + 1];
    int32_t classes[BATCH + 1];
    float *bad_output = (float *)(void *)((char *)output + 2);
    int32_t *bad_classes = (int32_t *)(void *)((char *)classes + 3);
    size_t taken = 99;
    har_event event = {.struct_size = sizeof event};
    har_error error = new_error();
    const int32_t statuses[] = {
        har_push_samples(stream, bad, 2, CHANNELS, NULL, &taken, &error),
        har_push_samples(stream, window, 2, CHANNELS, bad_times, &taken, &error),
        har_push_sensor(with_source, 0, bad, 2, 3, times, &taken, &error),
        har_push_sensor(with_source, 0, window, 2, 3, bad_times, &taken, &error),
        har_classify_window(stream, bad, WINDOW, CHANNELS, &event, &error),
        har_classify_batch(model, bad, BATCH, 1, output, classes, &error),
        har_classify_batch(model, window, BATCH, 1, bad_output, classes, &error),
        har_classify_batch(model, window, BATCH, 1, output, bad_classes, &error),
        har_preprocess(model, bad, 2, CHANNELS, output, &error),
        har_preprocess(model, window, 2, CHANNELS, bad_output, &error),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_int_equal(statuses[i], HAR_ERR_VALUE);
    assert_int_equal(taken, 0);
    assert_string_equal(error.text, "output is not aligned as its type is");
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(stream, &counters), HAR_OK);
    assert_int_equal(counters.samples, 0);
    /* no rows, nothing to be read */
    assert_int_equal(har_push_samples(stream, bad, 0, CHANNELS, bad_times, &taken, NULL), HAR_OK);
    har_stream_destroy(with_source);
    har_stream_destroy(stream);
    har_model_release(model);
}

/* More rows than memory has bytes; a push reads no more of them than it can take. */
static void sizes_beyond_memory_are_told(void **state)
{
    (void)state;
    fill_window();
    har_model *model = open_model(TINY_F32);
    har_stream *stream = open_stream(model);
    float output[8];
    size_t taken;
    har_event event = {.struct_size = sizeof event};
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 4 + 1, SIZE_MAX / 4 / CHANNELS + 1,
                                   SIZE_MAX / CHANNELS + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(har_preprocess(model, window, sizes[i], CHANNELS, output, NULL),
                         HAR_ERR_VALUE);
        assert_int_equal(har_classify_batch(model, window, sizes[i], 1, NULL, NULL, NULL),
                         HAR_ERR_VALUE);
        assert_int_equal(har_classify_window(stream, window, sizes[i], CHANNELS, &event, NULL),
                         HAR_ERR_ROWS);
        assert_int_equal(har_push_samples(stream, window, sizes[i], CHANNELS, NULL, &taken, NULL),
                         HAR_PARTIAL);
        assert_int_equal(taken, 2 * WINDOW); /* the window that is due, and the queue */
        assert_int_equal(har_stream_reset(stream, NULL), HAR_OK);
        assert_int_equal(
            har_model_open_memory(window, sizes[i], NULL, &(har_model *){NULL}, NULL) < 0, 1);
    }
    har_stream_destroy(stream);
    har_model_release(model);
}

/* Configurations at the ends of their types are taken or told; what is taken works. */
static void configurations_at_the_ends_are_told_or_work(void **state)
{
    (void)state;
    static const int64_t ends[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    static const uint32_t numbers[] = {0, 1, INT32_MAX, 0x80000000u, UINT32_MAX};
    static const float reals[] = {0.0f,    -0.0f,    FLT_TRUE_MIN, FLT_MIN,   1.0f, -1.0f,
                                  FLT_MAX, -FLT_MAX, INFINITY,     -INFINITY, NAN,  FLT_EPSILON};
    har_model *model = open_model(TINY_F32);
    size_t worked = 0;
    for (int field = 0; field < 14; field++)
        for (size_t v = 0; v < sizeof reals / sizeof reals[0]; v++) {
            har_stream_config config;
            har_decision_config decision;
            har_source source;
            har_stream_config_init(&config, sizeof config);
            har_source_init(&source, sizeof source, HAR_PRESET_UCI_HAR);
            assert_int_equal(har_decision_config_init(&decision, sizeof decision, model), HAR_OK);
            config.decision = &decision;
            if (field >= 11) config.source = &source;
            switch (field) {
            case 0: config.hop = numbers[v % 5]; break;
            case 1: config.queue = numbers[v % 5]; break;
            case 2: config.max_gap_ns = ends[v % 5]; break;
            case 3: config.reuse = numbers[v % 5]; break;
            case 4: config.still_gate = numbers[v % 5]; break;
            case 5: config.max_stretch = numbers[v % 5]; break;
            case 6: decision.temperature = reals[v]; break;
            case 7: decision.smoothing = reals[v]; break;
            case 8: decision.enter_above = decision.abstain_below = reals[v]; break;
            case 9: decision.majority = numbers[v % 5]; break;
            case 10: decision.min_duration_ns = ends[v % 5]; break;
            case 11: config.max_wait_ns = ends[v % 5]; break;
            case 12: source.sensors[0].rate_hz = source.sensors[0].range = (double)reals[v]; break;
            default: source.mount = HAR_MOUNT_MATRIX, source.matrix[v % 9] = (double)reals[v];
            }
            har_error error = new_error();
            har_stream *stream = (har_stream *)&error;
            uint64_t bytes = 0;
            const int32_t status = har_stream_create(model, &config, &stream, &error);
            assert_int_equal(har_stream_memory_needed(model, &config, &bytes, NULL), status);
            if (status != HAR_OK) {
                assert_true(status == HAR_ERR_VALUE && error.status == status && !stream);
                assert_true(strlen(error.text) > 10);
                continue;
            }
            har_event event = {.struct_size = sizeof event};
            assert_int_equal(har_classify_window(stream, window, WINDOW, CHANNELS, &event, &error),
                             HAR_OK);
            assert_true(event.confidence >= 0.0f && event.confidence <= 1.0001f);
            har_stream_destroy(stream);
            worked++;
        }
    assert_true(worked > 30);
    har_model_release(model);
}

/* Sample `row` of channel `c`: all the same, turned about, one axis alone, a single peak. */
static float extreme(int pattern, float value, size_t row, uint32_t c)
{
    switch (pattern) {
    case 0: return value;
    case 1: return (row + c) % 3 ? value : -value;
    case 2: return c % 3 == 0 ? value : 0.0f;
    default: return row == 3 && c == 1 ? value : 0.01f * (float)(row % 7);
    }
}

static void push_extremes(har_model *model, int pattern, float value)
{
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(model, &info), HAR_OK);
    har_stream *stream = open_stream(model);
    har_event event = {.struct_size = sizeof event};
    size_t labels = 0;
    size_t taken;
    for (size_t row = 0; row < (size_t)info.window + 2 * info.hop; row++) {
        float sample[128];
        assert_true(info.channel_count <= 128);
        for (uint32_t c = 0; c < info.channel_count; c++)
            sample[c] = extreme(pattern, value, row, c);
        assert_int_equal(
            har_push_samples(stream, sample, 1, info.channel_count, NULL, &taken, NULL), HAR_OK);
        while (har_poll_label(stream, &event, NULL) == HAR_OK) {
            assert_in_range(event.class_index + 1, 0, info.class_count);
            assert_true(event.class_index >= 0 || (event.flags & HAR_EVENT_UNKNOWN));
            assert_true(event.confidence >= 0.0f && event.confidence <= 1.0001f);
            labels++;
        }
    }
    assert_true(labels >= 2);
    har_stream_destroy(stream);
}

/* The largest and smallest numbers there are, through every kind of network and check. */
static void samples_at_the_ends_give_labels(void **state)
{
    (void)state;
    static const char *const paths[] = {TINY_F32,
                                        TINY_INT8,
                                        HAR_GOLDEN "/tiny_recurrent_f32.har",
                                        HAR_GOLDEN "/tiny_recurrent_int8.har",
                                        HAR_GOLDEN "/tiny_attention_f32.har",
                                        HAR_GOLDEN "/tiny_attention_int8.har",
                                        HAR_MODELS "/uci_har_student_int8.har",
                                        HAR_MODELS "/hapt_gru_int8.har",
                                        HAR_MODELS "/opportunity_resnet_int8.har",
                                        HAR_MODELS "/wisdm_lm_att.har",
                                        HAR_MODELS "/mhealth_cnn_lstm_attention_leg_int8.har"};
    static const float values[] = {0.0f,         FLT_MAX,       -FLT_MAX, FLT_MIN,
                                   FLT_TRUE_MIN, -FLT_TRUE_MIN, 1e30f,    1e-30f};
    for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
        har_model *model = open_model(paths[p]);
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
            for (int pattern = 0; pattern < 4; pattern++) push_extremes(model, pattern, values[v]);
        har_model_release(model);
    }
}

/* The bytes of a file, with nothing readable behind the last, in pages that may not be written. */
static void *map_at_end(const char *path, size_t *size, void **pages, size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t whole = (*size + page - 1) / page * page;
    *length = whole + page;
    *pages = mmap(NULL, *length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(*pages != MAP_FAILED);
    char *bytes = (char *)*pages + whole - *size;
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    assert_int_equal(mprotect(*pages, whole, PROT_READ), 0);
    assert_int_equal(mprotect((char *)*pages + whole, page, PROT_NONE), 0);
    return bytes;
}

/* Opens, describes, streams; gives the confidence of a window. */
static float use_model(har_model *model)
{
    fill_window();
    har_stream *stream = open_stream(model);
    har_event event = {.struct_size = sizeof event};
    har_selftest report = {.struct_size = sizeof report};
    assert_int_equal(har_model_selftest(model, &report, NULL), HAR_OK);
    assert_int_equal(har_classify_window(stream, window, WINDOW, CHANNELS, &event, NULL), HAR_OK);
    const float confidence = event.confidence;
    har_stream_destroy(stream);
    return confidence;
}

static void a_mapping_that_may_not_be_written_is_enough(void **state)
{
    (void)state;
    static const char *const paths[] = {TINY_F32, TINY_INT8};
    for (size_t p = 0; p < 2; p++) {
        har_model *plain = open_model(paths[p]);
        size_t size;
        size_t length;
        void *pages;
        void *bytes = map_at_end(paths[p], &size, &pages, &length);
        assert_int_equal((uintptr_t)bytes % 64, 0); /* files are whole lines: used in place */
        har_model *model;
        assert_int_equal(har_model_open_memory(bytes, size, NULL, &model, NULL), HAR_OK);
        assert_true(use_model(model) == use_model(plain));
        har_model_release(model);
        har_model_release(plain);
        munmap(pages, length);
    }
}

/* A copy of `from` that the test may spoil. */
static void copy_file(const char *from, const char *to)
{
    char bytes[4096];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_true(in && out);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(in);
    fclose(out);
}

static void a_file_that_changes_after_open_changes_nothing(void **state)
{
    (void)state;
    char path[] = "/tmp/har_changes_"
                  "XX"
                  "XX"
                  "XX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    copy_file(TINY_INT8, path);
    har_model *model = open_model(path);
    const float before = use_model(model);
    assert_int_equal(lseek(fd, 300, SEEK_SET), 300);
    assert_int_equal(write(fd, "changed", 7), 7);
    assert_true(use_model(model) == before);
    har_model *second;
    assert_true(har_model_open_file(path, NULL, &second, NULL) < 0);
    assert_int_equal(ftruncate(fd, 100), 0);
    assert_true(use_model(model) == before);
    assert_true(har_model_open_file(path, NULL, &second, NULL) < 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(har_model_open_file(path, NULL, &second, NULL), HAR_ERR_FILE_TRUNCATED);
    assert_int_equal(unlink(path), 0);
    assert_true(use_model(model) == before);
    assert_int_equal(har_model_open_file(path, NULL, &second, NULL), HAR_ERR_FILE_OPEN);
    close(fd);
    har_model_release(model);
}

static void what_is_no_file_is_told(void **state)
{
    (void)state;
    har_model *model = (har_model *)state;
    har_error error = new_error();
    const int32_t of_folder = har_model_open_file("/", NULL, &model, &error);
    assert_true(of_folder == HAR_ERR_FILE_READ || of_folder == HAR_ERR_FILE_OPEN);
    assert_null(model);
    assert_true(har_model_open_file("", NULL, &model, &error) < 0);
    assert_true(har_model_open_file("/dev/null", NULL, &model, &error) < 0);
    assert_true(har_model_open_file("/dev/zero", NULL, &model, &error) < 0);
    assert_true(strlen(error.text) > 10);
    char path[] = "/tmp/har_pipe_"
                  "XX"
                  "XX"
                  "XX"; /* a pipe has no length */
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    const int pipe_end = open(path, O_RDWR | O_NONBLOCK);
    assert_int_equal(har_model_open_file(path, NULL, &model, &error), HAR_ERR_FILE_READ);
    close(pipe_end);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_that_are_not_aligned_are_told),
        cmocka_unit_test(sizes_beyond_memory_are_told),
        cmocka_unit_test(configurations_at_the_ends_are_told_or_work),
        cmocka_unit_test(samples_at_the_ends_give_labels),
        cmocka_unit_test(a_mapping_that_may_not_be_written_is_enough),
        cmocka_unit_test(a_file_that_changes_after_open_changes_nothing),
        cmocka_unit_test(what_is_no_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
