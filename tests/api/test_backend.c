/* The choice of a backend, and what does not depend on it. */
#include "common.h"

#include <math.h>
#include <stdbool.h>

#define CNN HAR_MODELS "/uci_har_cnn.har"

static har_model *open_on(const char *path, uint32_t backend)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.backend = backend;
    har_model *model = NULL;
    assert_int_equal(har_model_open_file(path, &config, &model, NULL), HAR_OK);
    return model;
}

static bool has_xnnpack(void) { return (har_backends() & HAR_BACKEND_XNNPACK) != 0; }

static uint32_t steps_on(const har_model *model, const char *backend)
{
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(model, &info), HAR_OK);
    uint32_t count = 0;
    for (uint32_t i = 0; i < info.plan_step_count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        assert_int_equal(har_model_get_plan_step(model, i, &step), HAR_OK);
        count += strcmp(step.backend, backend) == 0;
    }
    return count;
}

static void backends_have_names(void **state)
{
    (void)state;
    assert_true(har_backends() & HAR_BACKEND_NATIVE);
    assert_string_equal(har_backend_name(HAR_BACKEND_AUTO), "auto");
    assert_string_equal(har_backend_name(HAR_BACKEND_NATIVE), "native");
    assert_string_equal(har_backend_name(HAR_BACKEND_XNNPACK), "xnnpack");
    assert_null(har_backend_name(HAR_BACKEND_XNNPACK + 1));
}

static void unknown_backends_are_refused(void **state)
{
    (void)state;
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.backend = 3;
    har_error error = new_error();
    har_model *model = NULL;
    assert_int_equal(har_model_open_file(TINY_F32, &config, &model, &error), HAR_ERR_VALUE);
    assert_null(model);
    assert_string_equal(error.field, "config.backend");
    assert_true(error.value == 3.0 && error.bound == 2.0);
}

static void the_environment_names_a_backend(void **state)
{
    (void)state;
    har_error error = new_error();
    har_model *model = NULL;
    setenv("HAR_BACKEND", "cuda", 1);
    assert_int_equal(har_model_open_file(TINY_F32, NULL, &model, &error), HAR_ERR_VALUE);
    assert_non_null(strstr(error.text, "HAR_BACKEND \"cuda\""));
    setenv("HAR_BACKEND", "xnnpack", 1);
    if (has_xnnpack()) {
        model = open_model(TINY_F32);
        assert_true(steps_on(model, "xnnpack") > 0);
        har_model_release(model);
        model = open_on(TINY_F32, HAR_BACKEND_NATIVE); /* the program's own choice stands */
        assert_int_equal(steps_on(model, "xnnpack"), 0);
        har_model_release(model);
    } else {
        assert_int_equal(har_model_open_file(TINY_F32, NULL, &model, &error), HAR_ERR_VALUE);
        assert_string_equal(error.field, "environment variable HAR_BACKEND");
    }
    setenv("HAR_BACKEND", "native", 1);
    model = open_model(TINY_F32);
    assert_int_equal(steps_on(model, "xnnpack"), 0);
    har_model_release(model);
    unsetenv("HAR_BACKEND");
}

static void xnnpack_is_refused_where_it_is_not(void **state)
{
    (void)state;
    if (has_xnnpack()) return;
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.backend = HAR_BACKEND_XNNPACK;
    har_error error = new_error();
    har_model *model = NULL;
    assert_int_equal(har_model_open_file(TINY_F32, &config, &model, &error), HAR_ERR_VALUE);
    assert_string_equal(error.field, "config.backend");
    assert_non_null(strstr(error.text, "xnnpack"));
}

enum { MOST_WINDOWS = 64 };

typedef struct labels {
    float scores[MOST_WINDOWS * CLASSES];
    int32_t classes[MOST_WINDOWS];
} labels;

static void classify_each(har_stream *stream, const float *windows, size_t count, labels *out)
{
    for (size_t i = 0; i < count; i++) {
        har_event event = {.struct_size = sizeof event};
        const float *window = windows + i * WINDOW * CHANNELS;
        assert_int_equal(har_classify_window(stream, window, WINDOW, CHANNELS, &event, NULL),
                         HAR_OK);
        memcpy(out->scores + i * CLASSES, event.scores, CLASSES * sizeof *event.scores);
        out->classes[i] = event.class_index;
    }
}

static float *new_windows(void)
{
    float *windows = malloc(MOST_WINDOWS * WINDOW * CHANNELS * sizeof *windows);
    assert_non_null(windows);
    fill_samples(windows, MOST_WINDOWS * WINDOW, 5);
    return windows;
}

/* XNNPACK's scores are within the contract's 1e-5 of the native ones; a stream in the caller's
 * arena has the native ones themselves. */
static void backends_agree(void **state)
{
    (void)state;
    if (!has_xnnpack()) return;
    float *windows = new_windows();
    static labels native, other, in_arena;
    har_model *a = open_on(TINY_F32, HAR_BACKEND_NATIVE);
    har_model *b = open_on(TINY_F32, HAR_BACKEND_XNNPACK);
    har_stream *stream = open_stream(a);
    classify_each(stream, windows, MOST_WINDOWS, &native);
    har_stream_destroy(stream);
    stream = open_stream(b);
    classify_each(stream, windows, MOST_WINDOWS, &other);
    har_stream_destroy(stream);
    for (size_t i = 0; i < MOST_WINDOWS * CLASSES; i++)
        assert_true(fabs((double)native.scores[i] - (double)other.scores[i]) <= 1e-5);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    assert_int_equal(har_stream_memory_needed(b, NULL, &config.arena_size, NULL), HAR_OK);
    config.arena = malloc(config.arena_size);
    assert_int_equal(har_stream_create(b, &config, &stream, NULL), HAR_OK);
    classify_each(stream, windows, MOST_WINDOWS, &in_arena);
    har_stream_destroy(stream);
    assert_memory_equal(&in_arena, &native, sizeof native);
    free(config.arena);
    free(windows);
    har_model_release(a);
    har_model_release(b);
}

static void int8_has_the_same_bits_on_any_backend(void **state)
{
    (void)state;
    if (!has_xnnpack()) return;
    float *windows = new_windows();
    static labels found[2];
    for (uint32_t b = 0; b < 2; b++) {
        har_model *model = open_on(TINY_INT8, b == 0 ? HAR_BACKEND_NATIVE : HAR_BACKEND_XNNPACK);
        assert_true((steps_on(model, "xnnpack") > 0) == (b == 1));
        har_stream *stream = open_stream(model);
        classify_each(stream, windows, MOST_WINDOWS, &found[b]);
        har_stream_destroy(stream);
        har_model_release(model);
    }
    assert_memory_equal(&found[0], &found[1], sizeof found[0]);
    free(windows);
}

static void all_of_a_cnn_is_taken(void **state)
{
    (void)state;
    if (!has_xnnpack()) return;
    har_model *model = open_on(CNN, HAR_BACKEND_XNNPACK);
    assert_int_equal(steps_on(model, "native"), 0);
    har_model_release(model);
}

static void check_batch(const char *path, uint32_t backend, uint32_t threads, size_t count)
{
    float *windows = new_windows();
    static labels one_by_one, batch;
    memset(&one_by_one, 0, sizeof one_by_one);
    memset(&batch, 0, sizeof batch);
    har_model *model = open_on(path, backend);
    har_stream *stream = open_stream(model);
    classify_each(stream, windows, count, &one_by_one);
    har_stream_destroy(stream);
    assert_int_equal(
        har_classify_batch(model, windows, count, threads, batch.scores, batch.classes, NULL),
        HAR_OK);
    assert_memory_equal(&one_by_one, &batch, sizeof batch);
    assert_int_equal(har_classify_batch(model, windows, count, threads, NULL, NULL, NULL), HAR_OK);
    har_model_release(model);
    free(windows);
}

static void a_batch_has_the_bits_of_single_windows(void **state)
{
    (void)state;
    static const uint32_t threads[] = {0, 1, 2, 5};
    static const size_t counts[] = {0, 1, 3, MOST_WINDOWS};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            check_batch(TINY_F32, HAR_BACKEND_NATIVE, threads[t], counts[c]);
            check_batch(TINY_INT8, HAR_BACKEND_NATIVE, threads[t], counts[c]);
            if (has_xnnpack()) check_batch(TINY_F32, HAR_BACKEND_XNNPACK, threads[t], counts[c]);
        }
}

static void batches_refuse_what_windows_refuse(void **state)
{
    (void)state;
    float *windows = new_windows();
    float scores[2 * CLASSES] = {7.0f};
    har_model *model = open_model(TINY_F32);
    har_error error = new_error();
    assert_int_equal(har_classify_batch(NULL, windows, 2, 1, scores, NULL, &error), HAR_ERR_NULL);
    assert_int_equal(har_classify_batch(model, NULL, 2, 1, scores, NULL, &error), HAR_ERR_NULL);
    assert_int_equal(har_classify_batch(model, windows, 2, 257, scores, NULL, &error),
                     HAR_ERR_VALUE);
    assert_string_equal(error.field, "threads");
    assert_int_equal(har_classify_batch(model, windows, SIZE_MAX / 8, 1, scores, NULL, &error),
                     HAR_ERR_VALUE);
    assert_string_equal(error.field, "count");
    windows[(WINDOW + 3) * CHANNELS + 2] = NAN;
    assert_int_equal(har_classify_batch(model, windows, 2, 1, scores, NULL, &error),
                     HAR_ERR_SAMPLE_NOT_FINITE);
    assert_string_equal(error.field, "windows[35], channel 2");
    assert_true(scores[0] == 7.0f);
    har_model_release(model);
    model = open_model(TINY_FRONT);
    assert_int_equal(har_classify_batch(model, windows, 1, 1, scores, NULL, &error),
                     HAR_ERR_NO_NETWORK);
    har_model_release(model);
    free(windows);
}

int main(void)
{
    unsetenv("HAR_BACKEND");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backends_have_names),
        cmocka_unit_test(unknown_backends_are_refused),
        cmocka_unit_test(the_environment_names_a_backend),
        cmocka_unit_test(xnnpack_is_refused_where_it_is_not),
        cmocka_unit_test(backends_agree),
        cmocka_unit_test(int8_has_the_same_bits_on_any_backend),
        cmocka_unit_test(all_of_a_cnn_is_taken),
        cmocka_unit_test(a_batch_has_the_bits_of_single_windows),
        cmocka_unit_test(batches_refuse_what_windows_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
