/* All due windows at once: the events of one by one, on any number of threads and in an arena. */
#include "common.h"

enum { ROWS = 900, MOST = ROWS / HOP };

typedef struct found {
    har_event events[MOST];
    float scores[MOST][CLASSES];
    size_t count;
} found;

/* A stream that holds all of a recording, in `arena` where there is one. */
static har_stream *full_stream(har_model *model, void *arena, uint64_t arena_size)
{
    static float samples[ROWS * CHANNELS];
    fill_samples(samples, ROWS, 3);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.queue = ROWS;
    config.arena = arena;
    config.arena_size = arena_size;
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    size_t taken;
    assert_int_equal(har_push_samples(stream, samples, ROWS, CHANNELS, NULL, &taken, NULL), HAR_OK);
    return stream;
}

static void one_by_one(har_stream *stream, found *f)
{
    f->count = 0;
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, NULL) == HAR_OK) {
        memcpy(f->scores[f->count], event.scores, sizeof f->scores[0]);
        f->events[f->count++] = event;
    }
}

static void same(const found *a, const found *b, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        har_event left = a->events[first + i];
        har_event right = b->events[i];
        assert_memory_equal(a->scores[first + i], right.scores, sizeof a->scores[0]);
        left.scores = right.scores = NULL;
        assert_memory_equal(&left, &right, sizeof left);
    }
}

static void check(const char *path, uint32_t threads, size_t capacity)
{
    static found expected, many;
    har_model *model = open_model(path);
    har_stream *stream = full_stream(model, NULL, 0);
    one_by_one(stream, &expected);
    assert_true(expected.count > 80);
    har_stream_destroy(stream);
    stream = full_stream(model, NULL, 0);
    for (size_t first = 0; first < expected.count; first += many.count) {
        many.events[0].struct_size = sizeof many.events[0];
        assert_int_equal(har_poll_labels(stream, threads, many.events, many.scores[0], capacity,
                                         &many.count, NULL),
                         HAR_OK);
        const size_t left = expected.count - first;
        assert_int_equal(many.count, left < capacity ? left : capacity);
        same(&expected, &many, first, many.count);
    }
    har_stream_destroy(stream);
    har_model_release(model);
}

static void many_have_the_bits_of_one_by_one(void **state)
{
    (void)state;
    static const uint32_t threads[] = {0, 1, 3};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        check(TINY_F32, threads[t], MOST);
        check(TINY_INT8, threads[t], MOST);
        check(TINY_F32, threads[t], 25);
    }
}

static void no_more_threads_than_windows(void **state)
{
    (void)state;
    check(TINY_INT8, 256, 2);
    check(TINY_INT8, 2, 1);
}

static void a_callers_arena_is_enough(void **state)
{
    (void)state;
    static found expected, many;
    har_model *model = open_model(TINY_F32);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.queue = ROWS;
    uint64_t bytes;
    assert_int_equal(har_stream_memory_needed(model, &config, &bytes, NULL), HAR_OK);
    void *arena = malloc((size_t)bytes);
    assert_non_null(arena);
    har_stream *stream = full_stream(model, arena, bytes);
    one_by_one(stream, &expected);
    har_stream_destroy(stream);
    stream = full_stream(model, arena, bytes);
    many.events[0].struct_size = sizeof many.events[0];
    assert_int_equal(
        har_poll_labels(stream, 4, many.events, many.scores[0], MOST, &many.count, NULL), HAR_OK);
    assert_int_equal(many.count, expected.count);
    same(&expected, &many, 0, many.count);
    har_stream_destroy(stream);
    free(arena);
    har_model_release(model);
}

static void wrong_arguments_are_told(void **state)
{
    (void)state;
    static found f;
    f.events[0].struct_size = sizeof f.events[0];
    har_error error = new_error();
    har_model *model = open_model(TINY_F32);
    har_stream *s = full_stream(model, NULL, 0);
    float *scores = f.scores[0];
    assert_int_equal(har_poll_labels(NULL, 1, f.events, scores, 1, &f.count, &error), HAR_ERR_NULL);
    assert_int_equal(har_poll_labels(s, 1, NULL, scores, 1, &f.count, &error), HAR_ERR_NULL);
    assert_int_equal(har_poll_labels(s, 1, f.events, NULL, 1, &f.count, &error), HAR_ERR_NULL);
    assert_int_equal(har_poll_labels(s, 1, f.events, scores, 1, NULL, &error), HAR_ERR_NULL);
    assert_int_equal(har_poll_labels(s, 257, f.events, scores, 1, &f.count, &error), HAR_ERR_VALUE);
    assert_string_equal(error.field, "threads");
    f.events[0].struct_size = 8;
    assert_int_equal(har_poll_labels(s, 1, f.events, scores, 1, &f.count, &error),
                     HAR_ERR_STRUCT_SIZE);
    assert_string_equal(error.field, "events[0].struct_size");
    assert_int_equal(har_poll_labels(s, 1, NULL, NULL, 0, &f.count, &error), HAR_OK);
    assert_int_equal(f.count, 0);
    har_event event = {.struct_size = sizeof event};
    assert_int_equal(har_poll_label(s, &event, NULL), HAR_OK);
    assert_int_equal(event.first_sample, 0);
    har_stream_destroy(s);
    har_model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_have_the_bits_of_one_by_one),
        cmocka_unit_test(no_more_threads_than_windows),
        cmocka_unit_test(a_callers_arena_is_enough),
        cmocka_unit_test(wrong_arguments_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
