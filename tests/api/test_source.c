/* Sources through the public API: arguments, arena, no allocation is in test_no_allocation.c. */
#include "common.h"

static har_source waist_source(void)
{
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_UCI_HAR);
    return source;
}

static har_stream *open_with(har_model *model, const har_source *source)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = source;
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    return stream;
}

#define MODEL HAR_MODELS "/hapt_gru.har"

static void null_and_small_arguments_are_refused(void **state)
{
    (void)state;
    har_model *model = open_model(MODEL);
    har_source source = waist_source();
    har_stream *stream = open_with(model, &source);
    float values[3] = {0};
    int64_t time = 0;
    size_t taken = 9;
    assert_int_equal(har_push_sensor(NULL, 0, values, 1, 3, &time, &taken, NULL), HAR_ERR_NULL);
    assert_int_equal(har_push_sensor(stream, 0, values, 1, 3, &time, NULL, NULL), HAR_ERR_NULL);
    assert_int_equal(har_push_sensor(stream, 0, NULL, 1, 3, &time, &taken, NULL), HAR_ERR_NULL);
    assert_int_equal(har_push_sensor(stream, 0, values, 1, 3, NULL, &taken, NULL), HAR_ERR_NULL);
    assert_int_equal(har_push_sensor(stream, 2, values, 1, 3, &time, &taken, NULL), HAR_ERR_VALUE);
    assert_int_equal(har_push_sensor(stream, 0, values, 1, 1, &time, &taken, NULL),
                     HAR_ERR_CHANNELS);
    assert_int_equal(taken, 0);
    assert_int_equal(har_push_sensor(stream, 0, NULL, 0, 3, NULL, &taken, NULL), HAR_OK);
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(NULL, &counters), HAR_ERR_NULL);
    assert_int_equal(har_stream_get_counters(stream, NULL), HAR_ERR_NULL);
    counters.struct_size--;
    assert_int_equal(har_stream_get_counters(stream, &counters), HAR_ERR_STRUCT_SIZE);
    har_stream_destroy(stream);
    stream = open_stream(model);
    assert_int_equal(har_push_sensor(stream, 0, values, 1, 3, &time, &taken, NULL), HAR_ERR_SOURCE);
    har_stream_destroy(stream);
    source.struct_size--;
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_ERR_STRUCT_SIZE);
    source = waist_source();
    source.mount = HAR_MOUNT_MATRIX + 1;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_ERR_VALUE);
    har_model_release(model);
}

static void an_unknown_preset_has_no_sensors(void **state)
{
    (void)state;
    har_source source = {.sensor_count = 7};
    har_source_init(&source, sizeof source - 1, HAR_PRESET_UCI_HAR);
    assert_int_equal(source.sensor_count, 7);
    har_source_init(&source, sizeof source, 99);
    assert_int_equal(source.sensor_count, 0);
    har_source_init(NULL, sizeof source, 0);
    assert_string_equal(har_reason_name(HAR_REASON_ROTATION), "rotation");
    assert_null(har_reason_name(3));
    assert_null(har_reason_name(1u << 20));
}

static void the_arena_is_as_large_as_told_and_not_larger(void **state)
{
    (void)state;
    har_model *model = open_model(MODEL);
    const har_source source = waist_source();
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    uint64_t plain;
    uint64_t bytes;
    assert_int_equal(har_stream_memory_needed(model, &config, &plain, NULL), HAR_OK);
    config.source = &source;
    assert_int_equal(har_stream_memory_needed(model, &config, &bytes, NULL), HAR_OK);
    assert_true(bytes > plain);
    unsigned char *block = malloc((size_t)bytes + 1);
    assert_non_null(block);
    config.arena = (void *)(((uintptr_t)block & 63u) == 1 ? block : block + 1);
    config.arena_size = bytes;
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    har_stream_destroy(stream);
    const uintptr_t skip = (uintptr_t)(-(uintptr_t)config.arena & 63u);
    config.arena_size = bytes - 63 + skip - 1; /* a byte less than it takes at this address */
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_ERR_ARENA_TOO_SMALL);
    free(block);
    har_model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_and_small_arguments_are_refused),
        cmocka_unit_test(an_unknown_preset_has_no_sensors),
        cmocka_unit_test(the_arena_is_as_large_as_told_and_not_larger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
