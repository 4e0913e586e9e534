/* Explaining: arguments, memory, streams that are left as they are. */
#include "common.h"

#include <math.h>

typedef struct objects {
    har_model *model;
    har_explainer *explainer;
    float window[WINDOW * CHANNELS];
} objects;

static har_explainer *new_explainer(har_model *model)
{
    har_explainer *explainer = NULL;
    assert_int_equal(har_explainer_create(model, NULL, &explainer, NULL), HAR_OK);
    return explainer;
}

static int setup(void **state)
{
    static objects o;
    o.model = open_model(TINY_F32);
    o.explainer = new_explainer(o.model);
    fill_samples(o.window, WINDOW, 1);
    *state = &o;
    return 0;
}

static int teardown(void **state)
{
    objects *o = *state;
    har_explainer_destroy(o->explainer);
    har_model_release(o->model);
    return 0;
}

static void null_pointers_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_explainer *explainer;
    har_explainer_info info = {.struct_size = sizeof info};
    har_explanation found = {.struct_size = sizeof found};
    har_stream *stream = open_stream(o->model);
    const int32_t statuses[] = {
        har_explainer_get_info(NULL, &info, &error),
        har_explainer_get_info(o->model, NULL, &error),
        har_explainer_create(NULL, NULL, &explainer, &error),
        har_explainer_create(o->model, NULL, NULL, &error),
        har_explain_window(NULL, o->window, WINDOW, CHANNELS, NULL, &found, &error),
        har_explain_window(o->explainer, NULL, WINDOW, CHANNELS, NULL, &found, &error),
        har_explain_window(o->explainer, o->window, WINDOW, CHANNELS, NULL, NULL, &error),
        har_explain_stream(NULL, stream, NULL, &found, &error),
        har_explain_stream(o->explainer, NULL, NULL, &found, &error),
        har_explain_stream(o->explainer, stream, NULL, NULL, &error),
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        assert_int_equal(statuses[i], HAR_ERR_NULL);
    har_explainer_destroy(NULL);
    har_explainer_config_init(NULL, 0);
    har_explain_options_init(NULL, 0);
    har_stream_destroy(stream);
}

static void structs_without_their_size_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_explainer *explainer;
    const har_explainer_config config = {0};
    const har_explain_options options = {0};
    har_explainer_info info = {.struct_size = sizeof info - 1};
    har_explanation found = {.struct_size = sizeof found - 1};
    assert_int_equal(har_explainer_get_info(o->model, &info, &error), HAR_ERR_STRUCT_SIZE);
    assert_int_equal(har_explainer_create(o->model, &config, &explainer, &error),
                     HAR_ERR_STRUCT_SIZE);
    assert_null(explainer);
    assert_int_equal(
        har_explain_window(o->explainer, o->window, WINDOW, CHANNELS, NULL, &found, &error),
        HAR_ERR_STRUCT_SIZE);
    found.struct_size = sizeof found;
    assert_int_equal(
        har_explain_window(o->explainer, o->window, WINDOW, CHANNELS, &options, &found, &error),
        HAR_ERR_STRUCT_SIZE);
    assert_string_equal(error.field, "options.struct_size");
}

static void windows_and_options_that_do_not_fit_are_told(void **state)
{
    objects *o = *state;
    har_error error = new_error();
    har_explanation found = {.struct_size = sizeof found};
    har_explain_options options;
    har_explain_options_init(&options, sizeof options);
    assert_int_equal(
        har_explain_window(o->explainer, o->window, WINDOW - 1, CHANNELS, NULL, &found, &error),
        HAR_ERR_ROWS);
    assert_int_equal(
        har_explain_window(o->explainer, o->window, WINDOW, CHANNELS - 1, NULL, &found, &error),
        HAR_ERR_CHANNELS);
    const har_explain_options defaults = options;
    struct {
        const char *field;
        har_explain_options options;
    } wrong[6];
    for (size_t i = 0; i < 6; i++) wrong[i].options = defaults;
    wrong[0].field = "options.method", wrong[0].options.method = 4;
    wrong[1].field = "options.target", wrong[1].options.target = 3;
    wrong[2].field = "options.at", wrong[2].options.at = 2;
    wrong[3].field = "options.class_index", wrong[3].options.class_index = CLASSES;
    wrong[4].field = "options.class_index", wrong[4].options.class_index = -2;
    wrong[5].field = "options.macs", wrong[5].options.macs = 1;
    wrong[5].options.method = HAR_EXPLAIN_OCCLUSION;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(har_explain_window(o->explainer, o->window, WINDOW, CHANNELS,
                                            &wrong[i].options, &found, &error),
                         HAR_ERR_VALUE);
        assert_string_equal(error.field, wrong[i].field);
    }
    o->window[3] = NAN;
    assert_int_equal(
        har_explain_window(o->explainer, o->window, WINDOW, CHANNELS, NULL, &found, &error),
        HAR_ERR_SAMPLE_NOT_FINITE);
}

static void a_model_without_a_network_has_nothing_to_explain(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_FRONT);
    har_explainer *explainer;
    har_explainer_info info = {.struct_size = sizeof info};
    assert_int_equal(har_explainer_get_info(model, &info, NULL), HAR_ERR_NO_NETWORK);
    assert_int_equal(har_explainer_create(model, NULL, &explainer, NULL), HAR_ERR_NO_NETWORK);
    har_model_release(model);
}

/* As for a stream: at any alignment, and nothing around the arena is written. */
static void an_arena_of_the_told_size_is_enough_at_any_alignment(void **state)
{
    objects *o = *state;
    har_explainer_info info = {.struct_size = sizeof info};
    assert_int_equal(har_explainer_get_info(o->model, &info, NULL), HAR_OK);
    const size_t block_bytes = ((size_t)info.bytes + 191) / 64 * 64;
    unsigned char *block = aligned_alloc(64, block_bytes);
    har_explainer_config config;
    har_explainer_config_init(&config, sizeof config);
    for (size_t place = 0; place < 64; place += 21) {
        const uint64_t least = info.bytes - 63 + (64 - place) % 64;
        memset(block, 0xA5, block_bytes);
        config.arena = block + place;
        config.arena_size = least - 1;
        har_explainer *explainer;
        har_error error = new_error();
        assert_int_equal(har_explainer_create(o->model, &config, &explainer, &error),
                         HAR_ERR_ARENA_TOO_SMALL);
        assert_true(error.bound == (double)least);
        config.arena_size = least;
        assert_int_equal(har_explainer_create(o->model, &config, &explainer, NULL), HAR_OK);
        har_explanation found = {.struct_size = sizeof found};
        har_explanation wanted = {.struct_size = sizeof wanted};
        assert_int_equal(
            har_explain_window(explainer, o->window, WINDOW, CHANNELS, NULL, &found, NULL), HAR_OK);
        assert_int_equal(
            har_explain_window(o->explainer, o->window, WINDOW, CHANNELS, NULL, &wanted, NULL),
            HAR_OK);
        assert_memory_equal(found.values, wanted.values,
                            (size_t)found.rows * found.columns * sizeof *found.values);
        har_explainer_destroy(explainer);
        for (size_t i = 0; i < block_bytes; i++)
            if (i < place || i >= place + least) assert_int_equal(block[i], 0xA5);
    }
    free(block);
}

/* An allocator that fails from a call on, and counts what is out. */
typedef struct failing {
    size_t calls, fail_at, blocks;
} failing;

static void *failing_allocate(void *user, size_t size, size_t alignment)
{
    failing *f = user;
    if (f->calls++ >= f->fail_at) return NULL;
    f->blocks++;
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void failing_release(void *user, void *memory, size_t size)
{
    (void)size;
    ((failing *)user)->blocks--;
    free(memory);
}

static void memory_that_ends_is_told_and_given_back(void **state)
{
    objects *o = *state;
    failing f = {.fail_at = 0};
    har_explainer_config config;
    har_explainer_config_init(&config, sizeof config);
    config.allocator = (har_allocator){&f, failing_allocate, failing_release};
    int32_t status = HAR_ERR_MEMORY;
    har_explainer *explainer = NULL;
    for (; f.fail_at < 1000 && status == HAR_ERR_MEMORY; f.fail_at++) {
        f.calls = 0;
        status = har_explainer_create(o->model, &config, &explainer, NULL);
        if (status != HAR_OK) assert_int_equal(f.blocks, 0);
    }
    assert_int_equal(status, HAR_OK);
    assert_true(f.fail_at > 10);
    har_explainer_destroy(explainer);
    assert_int_equal(f.blocks, 0);
}

/* Scratch comes through the model's allocator, and so does what tells the size. */
static void scratch_that_ends_is_told_and_given_back(void **state)
{
    (void)state;
    failing f = {.fail_at = SIZE_MAX};
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = (har_allocator){&f, failing_allocate, failing_release};
    har_model *model;
    assert_int_equal(har_model_open_file(TINY_F32, &config, &model, NULL), HAR_OK);
    const size_t own = f.blocks;
    har_explainer_info info = {.struct_size = sizeof info};
    int32_t status = HAR_ERR_MEMORY;
    for (f.fail_at = 0; f.fail_at < 1000 && status == HAR_ERR_MEMORY; f.fail_at++) {
        f.calls = 0;
        status = har_explainer_get_info(model, &info, NULL);
        assert_int_equal(f.blocks, own);
    }
    assert_int_equal(status, HAR_OK);
    har_model_release(model);
    assert_int_equal(f.blocks, 0);
}

static size_t feed(har_stream *stream, size_t from, size_t rows, har_event *event)
{
    size_t labels = 0;
    float samples[CHANNELS];
    for (size_t row = from; row < from + rows; row++) {
        size_t taken;
        for (uint32_t c = 0; c < CHANNELS; c++) samples[c] = sample_value(1, row, c);
        assert_int_equal(har_push_samples(stream, samples, 1, CHANNELS, NULL, &taken, NULL),
                         HAR_OK);
        while (har_poll_label(stream, event, NULL) == HAR_OK) labels++;
    }
    return labels;
}

static void a_stream_goes_on_as_if_nothing_was_explained(void **state)
{
    objects *o = *state;
    har_stream *stream = open_stream(o->model);
    har_stream *other = open_stream(o->model);
    har_event event = {.struct_size = sizeof event};
    har_event plain = {.struct_size = sizeof plain};
    har_explanation found = {.struct_size = sizeof found};
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL),
                     HAR_ERR_NO_WINDOW);
    for (size_t row = 0; row < (size_t)4 * WINDOW; row++) {
        const size_t labels = feed(stream, row, 1, &event);
        assert_int_equal(feed(other, row, 1, &plain), labels);
        if (labels == 0) continue;
        assert_memory_equal(event.scores, plain.scores, CLASSES * sizeof *event.scores);
        assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL), HAR_OK);
        assert_int_equal(found.first_sample, event.first_sample);
        assert_int_equal(found.class_index, event.raw_index);
        assert_string_equal(found.name, har_model_class_name(o->model, (uint32_t)event.raw_index));
    }
    har_stream_destroy(stream);
    har_stream_destroy(other);
}

static void windows_that_are_gone_are_told(void **state)
{
    objects *o = *state;
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.queue = 4;
    har_stream *stream;
    assert_int_equal(har_stream_create(o->model, &config, &stream, NULL), HAR_OK);
    har_event event = {.struct_size = sizeof event};
    har_explanation found = {.struct_size = sizeof found};
    size_t row = 0;
    while (feed(stream, row++, 1, &event) == 0) continue;
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL), HAR_OK);
    feed(stream, row, 4, &event);
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL), HAR_OK);
    feed(stream, row + 4, 1, &event); /* takes the place of its first row */
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL),
                     HAR_ERR_NO_WINDOW);
    har_stream_reset(stream, NULL);
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, NULL),
                     HAR_ERR_NO_WINDOW);
    har_stream_destroy(stream);
    har_model *model = open_model(TINY_F32);
    stream = open_stream(model);
    har_error error = new_error();
    assert_int_equal(har_explain_stream(o->explainer, stream, NULL, &found, &error), HAR_ERR_VALUE);
    assert_string_equal(error.text, "stream is of another model");
    har_stream_destroy(stream);
    har_model_release(model);
}

static void an_explainer_keeps_its_model(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_INT8);
    har_explainer *explainer = new_explainer(model);
    har_model_release(model);
    float window[WINDOW * CHANNELS];
    fill_samples(window, WINDOW, 2);
    har_explanation found = {.struct_size = sizeof found};
    assert_int_equal(har_explain_window(explainer, window, WINDOW, CHANNELS, NULL, &found, NULL),
                     HAR_OK);
    assert_true(strlen(found.name) > 0 && found.per_column[0] > 0.0f);
    har_explainer_destroy(explainer);
}

int main(void)
{
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(null_pointers_are_told),
        WITH_MODEL(structs_without_their_size_are_told),
        WITH_MODEL(windows_and_options_that_do_not_fit_are_told),
        cmocka_unit_test(a_model_without_a_network_has_nothing_to_explain),
        WITH_MODEL(an_arena_of_the_told_size_is_enough_at_any_alignment),
        WITH_MODEL(memory_that_ends_is_told_and_given_back),
        cmocka_unit_test(scratch_that_ends_is_told_and_given_back),
        WITH_MODEL(a_stream_goes_on_as_if_nothing_was_explained),
        WITH_MODEL(windows_that_are_gone_are_told),
        cmocka_unit_test(an_explainer_keeps_its_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
