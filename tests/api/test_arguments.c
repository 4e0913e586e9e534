/* Wrong arguments: each has its own status and text, and changes nothing. */
#include "common.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct objects {
    har_model *model;
    har_stream *stream;
} objects;

static int setup(void **state)
{
    static objects o;
    o.model = open_model(TINY_F32);
    o.stream = open_stream(o.model);
    *state = &o;
    return 0;
}

static int teardown(void **state)
{
    objects *o = *state;
    har_stream_destroy(o->stream);
    har_model_release(o->model);
    return 0;
}

static void null_pointers_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_model *model = o->model;
    har_stream *stream = o->stream;
    har_event event = {.struct_size = sizeof event};
    har_selftest report = {.struct_size = sizeof report};
    float sample[CHANNELS] = {0};
    uint64_t bytes;
    size_t taken;
    const int32_t statuses[] = {
        har_model_open_file(NULL, NULL, &model, &error),
        har_model_open_file(TINY_F32, NULL, NULL, &error),
        har_model_open_memory(NULL, 4, NULL, &model, &error),
        har_model_open_memory(sample, 4, NULL, NULL, &error),
        har_model_selftest(NULL, &report, &error),
        har_model_selftest(o->model, NULL, &error),
        har_model_get_info(NULL, NULL),
        har_model_get_info(o->model, NULL),
        har_model_get_channel(o->model, 0, NULL),
        har_model_get_measurement(o->model, 0, NULL),
        har_model_get_plan_step(o->model, 0, NULL),
        har_model_get_overlap_step(o->model, 0, 0, NULL),
        har_model_describe_signal_step(NULL, 0, NULL, 0),
        har_model_describe_signal_step(o->model, 0, NULL, 3),
        har_stream_memory_needed(NULL, NULL, &bytes, &error),
        har_stream_memory_needed(o->model, NULL, NULL, &error),
        har_stream_create(NULL, NULL, &stream, &error),
        har_stream_create(o->model, NULL, NULL, &error),
        har_push_samples(NULL, sample, 1, CHANNELS, NULL, &taken, &error),
        har_push_samples(o->stream, NULL, 1, CHANNELS, NULL, &taken, &error),
        har_push_samples(o->stream, sample, 1, CHANNELS, NULL, NULL, &error),
        har_poll_label(NULL, &event, &error),
        har_poll_label(o->stream, NULL, &error),
        har_classify_window(NULL, sample, 1, CHANNELS, &event, &error),
        har_classify_window(o->stream, NULL, WINDOW, CHANNELS, &event, &error),
        har_stream_flush(NULL, &error),
        har_stream_reset(NULL, &error),
        har_preprocess(NULL, sample, 1, CHANNELS, sample, &error),
        har_preprocess(o->model, NULL, 1, CHANNELS, sample, &error),
        har_preprocess(o->model, sample, 1, CHANNELS, NULL, &error),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_int_equal(statuses[i], HAR_ERR_NULL);
    assert_int_equal(error.status, HAR_ERR_NULL);
    assert_null(har_model_text(NULL, HAR_TEXT_NAME));
    assert_null(har_model_class_name(NULL, 0));
    assert_null(har_model_retain(NULL));
    har_model_release(NULL);
    har_stream_destroy(NULL);
    har_error_init(NULL, 0);
    har_model_config_init(NULL, 0);
    har_stream_config_init(NULL, 0);
}

static void structs_without_their_size_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_model *model;
    har_stream *stream;
    uint64_t bytes;
    const har_model_config model_config = {0};
    const har_stream_config stream_config = {0};
    har_event event = {0};
    har_selftest report = {0};
    har_model_info info = {.struct_size = sizeof info - 1};
    har_channel_info channel = {0};
    har_plan_step step = {0};
    har_overlap_step overlap = {0};
    har_measurement measurement = {0};
    float window[WINDOW * CHANNELS] = {0};
    const int32_t statuses[] = {
        har_model_open_file(TINY_F32, &model_config, &model, &error),
        har_stream_create(o->model, &stream_config, &stream, &error),
        har_stream_memory_needed(o->model, &stream_config, &bytes, &error),
        har_poll_label(o->stream, &event, &error),
        har_classify_window(o->stream, window, WINDOW, CHANNELS, &event, &error),
        har_model_selftest(o->model, &report, &error),
        har_model_get_info(o->model, &info),
        har_model_get_channel(o->model, 0, &channel),
        har_model_get_plan_step(o->model, 0, &step),
        har_model_get_overlap_step(o->model, 0, 0, &overlap),
        har_model_get_measurement(o->model, 0, &measurement),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_int_equal(statuses[i], HAR_ERR_STRUCT_SIZE);
}

static void files_that_are_no_models_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        int32_t status;
    } cases[] = {
        {"", 0, HAR_ERR_FILE_TRUNCATED},
        {"HARM", 4, HAR_ERR_FILE_TRUNCATED},
        {"\x10\0\0\0NOPE\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, HAR_ERR_FILE_IDENTIFIER},
        {"\x10\0\0\0HARM\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, HAR_ERR_FILE_WIRE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        har_error error = new_error();
        har_model *model = (har_model *)&error;
        assert_int_equal(har_model_open_memory(cases[i].bytes, cases[i].size, NULL, &model, &error),
                         cases[i].status);
        assert_null(model);
        assert_int_equal(error.status, cases[i].status);
        assert_true(strlen(error.text) > 10);
    }
    har_error error = new_error();
    har_model *model;
    assert_int_equal(har_model_open_file("no/such/file.har", NULL, &model, &error),
                     HAR_ERR_FILE_OPEN);
    assert_non_null(strstr(error.text, "no/such/file.har"));
}

static void samples_that_cannot_be_taken_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    float samples[3 * CHANNELS] = {0};
    size_t taken = 99;
    assert_int_equal(har_push_samples(o->stream, samples, 1, 0, NULL, &taken, &error),
                     HAR_ERR_CHANNELS);
    assert_string_equal(error.text, "channels is 0, must be equal to 6");
    assert_int_equal(taken, 0);
    assert_int_equal(har_push_samples(o->stream, samples, 1, 5, NULL, &taken, &error),
                     HAR_ERR_CHANNELS);
    samples[2 * CHANNELS + 4] = NAN;
    assert_int_equal(har_push_samples(o->stream, samples, 3, CHANNELS, NULL, &taken, &error),
                     HAR_ERR_SAMPLE_NOT_FINITE);
    assert_string_equal(error.field, "samples[2], channel 4");
    assert_int_equal(taken, 0);
    const int64_t backwards[] = {5, 5};
    samples[2 * CHANNELS + 4] = 0;
    assert_int_equal(har_push_samples(o->stream, samples, 2, CHANNELS, backwards, &taken, &error),
                     HAR_ERR_TIME_BACKWARDS);
    assert_string_equal(error.field, "times_ns[1]");
    assert_int_equal(har_push_samples(o->stream, samples, 0, CHANNELS, backwards, &taken, &error),
                     HAR_OK);
    assert_int_equal(har_push_samples(o->stream, samples, 2, CHANNELS, NULL, &taken, &error),
                     HAR_OK);
    assert_int_equal(taken, 2);
    const int64_t times[] = {100, 200};
    assert_int_equal(har_push_samples(o->stream, samples, 2, CHANNELS, times, &taken, &error),
                     HAR_ERR_TIME_MIXED);
    assert_int_equal(har_stream_flush(o->stream, &error), HAR_OK);
    assert_int_equal(har_push_samples(o->stream, samples, 2, CHANNELS, NULL, &taken, &error),
                     HAR_ERR_FLUSHED);
    assert_int_equal(har_stream_reset(o->stream, &error), HAR_OK);
    assert_int_equal(har_push_samples(o->stream, samples, 2, CHANNELS, times, &taken, &error),
                     HAR_OK);
}

static void windows_that_do_not_fit_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_event event = {.struct_size = sizeof event};
    float window[WINDOW * CHANNELS] = {0};
    assert_int_equal(har_classify_window(o->stream, window, WINDOW - 1, CHANNELS, &event, &error),
                     HAR_ERR_ROWS);
    assert_int_equal(har_classify_window(o->stream, window, WINDOW, CHANNELS + 1, &event, &error),
                     HAR_ERR_CHANNELS);
    window[7] = INFINITY;
    assert_int_equal(har_classify_window(o->stream, window, WINDOW, CHANNELS, &event, &error),
                     HAR_ERR_SAMPLE_NOT_FINITE);
    assert_string_equal(error.field, "window[1], channel 1");
    window[7] = 0;
    assert_int_equal(har_classify_window(o->stream, window, WINDOW, CHANNELS, &event, &error),
                     HAR_OK);
    assert_int_equal(event.score_count, CLASSES);
}

/* A caller that was compiled before the struct grew has no room for the interval. */
static void an_older_caller_gets_what_its_struct_holds(void **state)
{
    objects *o = *state;
    har_measurement whole = {.struct_size = sizeof whole};
    assert_int_equal(har_model_get_measurement(o->model, 0, &whole), HAR_OK);
    assert_string_equal(whole.metric, "accuracy");
    assert_string_equal(whole.interval, "for tests");
    assert_true(whole.value == 0.5 && whole.low == 0.25 && whole.high == 0.625);
    har_measurement older;
    memset(&older, 0x5A, sizeof older);
    older.struct_size = offsetof(har_measurement, low);
    older.reserved = 0;
    assert_int_equal(har_model_get_measurement(o->model, 0, &older), HAR_OK);
    assert_int_equal(older.struct_size, offsetof(har_measurement, low));
    assert_true(older.metric == whole.metric && older.split == whole.split);
    assert_true(older.value == whole.value);
    char untouched[sizeof older - offsetof(har_measurement, low)];
    memset(untouched, 0x5A, sizeof untouched);
    assert_memory_equal(&older.low, untouched, sizeof untouched);
    older.struct_size--;
    assert_int_equal(har_model_get_measurement(o->model, 0, &older), HAR_ERR_STRUCT_SIZE);
}

static void indices_past_the_end_are_told(void **state)
{
    objects *o = *state;
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(o->model, &info), HAR_OK);
    har_channel_info channel = {.struct_size = sizeof channel};
    har_plan_step step = {.struct_size = sizeof step};
    har_overlap_step overlap = {.struct_size = sizeof overlap};
    har_measurement measurement = {.struct_size = sizeof measurement};
    char text[80];
    for (uint32_t i = 0; i < info.channel_count; i++)
        assert_int_equal(har_model_get_channel(o->model, i, &channel), HAR_OK);
    for (uint32_t i = 0; i < info.plan_step_count; i++)
        assert_int_equal(har_model_get_plan_step(o->model, i, &step), HAR_OK);
    for (uint32_t i = 0; i < info.plan_step_count; i++)
        assert_int_equal(har_model_get_overlap_step(o->model, i, 1, &overlap), HAR_OK);
    assert_int_equal(har_model_get_overlap_step(o->model, info.plan_step_count, 1, &overlap),
                     HAR_ERR_VALUE);
    assert_int_equal(har_model_get_overlap_step(o->model, 0, WINDOW + 1, &overlap), HAR_ERR_VALUE);
    for (uint32_t i = 0; i < info.signal_step_count; i++)
        assert_int_equal(har_model_describe_signal_step(o->model, i, text, sizeof text), HAR_OK);
    assert_int_equal(har_model_get_channel(o->model, info.channel_count, &channel), HAR_ERR_VALUE);
    assert_int_equal(har_model_get_plan_step(o->model, info.plan_step_count, &step), HAR_ERR_VALUE);
    assert_int_equal(har_model_get_measurement(o->model, info.measurement_count, &measurement),
                     HAR_ERR_VALUE);
    assert_int_equal(
        har_model_describe_signal_step(o->model, info.signal_step_count, text, sizeof text),
        HAR_ERR_VALUE);
    assert_null(har_model_class_name(o->model, info.class_count));
    assert_null(har_model_text(o->model, 99));
}

static void a_model_of_signal_steps_alone_has_no_labels(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_FRONT);
    har_stream *stream;
    har_selftest report = {.struct_size = sizeof report};
    assert_int_equal(har_stream_create(model, NULL, &stream, NULL), HAR_ERR_NO_NETWORK);
    assert_null(stream);
    assert_int_equal(har_model_selftest(model, &report, NULL), HAR_ERR_NO_NETWORK);
    float raw[4 * CHANNELS];
    float out[4 * 6];
    fill_samples(raw, 4, 0);
    assert_int_equal(har_preprocess(model, raw, 4, CHANNELS, out, NULL), HAR_OK);
    har_model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(null_pointers_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(structs_without_their_size_are_told, setup, teardown),
        cmocka_unit_test(files_that_are_no_models_are_told),
        cmocka_unit_test_setup_teardown(samples_that_cannot_be_taken_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(windows_that_do_not_fit_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_caller_gets_what_its_struct_holds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(indices_past_the_end_are_told, setup, teardown),
        cmocka_unit_test(a_model_of_signal_steps_alone_has_no_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
