/* The caller's memory: an arena of the size that was told, an allocator that counts.
 * Allocators that fail are in test_failing_memory.c. */
#include "common.h"
#include "failing.h"

/* Streams a window through a stream that was just made. */
static void use_stream(har_stream *stream)
{
    float samples[WINDOW * CHANNELS];
    fill_samples(samples, WINDOW, 1);
    size_t taken;
    assert_int_equal(har_push_samples(stream, samples, WINDOW, CHANNELS, NULL, &taken, NULL),
                     HAR_OK);
    assert_int_equal(har_stream_flush(stream, NULL), HAR_OK);
    har_event event = {.struct_size = sizeof event};
    assert_int_equal(har_poll_label(stream, &event, NULL), HAR_OK);
}

/* At each place the least that is enough is what an aligned stream takes and the way to the first
 * aligned byte; what was told covers the worst place. Nothing around the arena is written. */
static void an_arena_of_the_told_size_is_enough_at_any_alignment(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_INT8);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    uint64_t told;
    assert_int_equal(har_stream_memory_needed(model, &config, &told, NULL), HAR_OK);
    const size_t block_bytes = ((size_t)told + 64 + 64 + 63) / 64 * 64;
    unsigned char *block = aligned_alloc(64, block_bytes);
    for (size_t place = 0; place < 64; place++)
        for (int spare = 0; spare < 2; spare++) {
            const uint64_t least = told - 63 + (64 - place) % 64;
            memset(block, 0xA5, block_bytes);
            config.arena = block + place;
            config.arena_size = least - 1;
            har_stream *stream;
            assert_int_equal(har_stream_create(model, &config, &stream, NULL),
                             HAR_ERR_ARENA_TOO_SMALL);
            config.arena_size = spare ? told : least;
            assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
            use_stream(stream);
            har_stream_destroy(stream);
            for (size_t i = 0; i < block_bytes; i++)
                if (i < place || i >= place + config.arena_size) assert_int_equal(block[i], 0xA5);
        }
    free(block);
    har_model_release(model);
}

static void an_arena_too_small_is_told(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    uint64_t needed;
    assert_int_equal(har_stream_memory_needed(model, &config, &needed, NULL), HAR_OK);
    unsigned char *block = malloc((size_t)needed + 64);
    unsigned char *aligned = block + (64 - (uintptr_t)block % 64) % 64;
    const uint64_t exact = needed - 63; /* what an aligned arena takes */
    har_error error = new_error();
    har_stream *stream = (har_stream *)block;
    config.arena = aligned;
    config.arena_size = exact - 1;
    assert_int_equal(har_stream_create(model, &config, &stream, &error), HAR_ERR_ARENA_TOO_SMALL);
    assert_null(stream);
    assert_true(error.value == (double)(exact - 1) && error.bound == (double)exact);
    config.arena_size = exact;
    assert_int_equal(har_stream_create(model, &config, &stream, &error), HAR_OK);
    har_stream_destroy(stream);
    config.arena_size = 0;
    assert_int_equal(har_stream_create(model, &config, &stream, &error), HAR_ERR_ARENA_TOO_SMALL);
    free(block);
    har_model_release(model);
}

static void half_an_allocator_is_told(void **state)
{
    (void)state;
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator.allocate = failing_allocate;
    har_model *model;
    assert_int_equal(har_model_open_file(TINY_F32, &config, &model, NULL), HAR_ERR_NULL);
}

static void the_stated_memory_is_what_is_taken(void **state)
{
    (void)state;
    failing count = {0};
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = failing_allocator(&count);
    har_model *model;
    assert_int_equal(har_model_open_file(TINY_F32, &config, &model, NULL), HAR_OK);
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(model, &info), HAR_OK);
    assert_int_equal(info.model_bytes, count.bytes);
    assert_true(count.most_bytes <= (1u << 20) + 16 * info.file_bytes);
    har_model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_of_the_told_size_is_enough_at_any_alignment),
        cmocka_unit_test(an_arena_too_small_is_told),
        cmocka_unit_test(half_an_allocator_is_told),
        cmocka_unit_test(the_stated_memory_is_what_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
