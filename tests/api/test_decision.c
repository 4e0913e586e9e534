/* The decision of a stream, the still gate, stretching and the counters through the public API. */
#include "common.h"

enum { ROWS = 40 * WINDOW };

/* Still for a while, then moving, and so on: every row of a piece is its first for the still. */
static void fill(float *samples)
{
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < CHANNELS; c++) {
            const int piece = r / (8 * WINDOW), moves = piece % 2;
            samples[r * CHANNELS + c] =
                (float)piece + (moves ? (float)((r * 7 + c * 5) % 13) : 0.0f);
        }
}

static har_stream *open_with(har_model *model, const har_decision_config *decision,
                             uint32_t still_gate, uint32_t max_stretch)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.decision = decision;
    config.still_gate = still_gate;
    config.max_stretch = max_stretch;
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
    return stream;
}

typedef struct tally {
    uint64_t events, repeated, entered, left;
    uint64_t last_first;
} tally;

static void poll_all(har_stream *stream, tally *t)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, NULL) == HAR_OK) {
        if (event.flags & HAR_EVENT_REPEATED) assert_true(t->events > 0);
        t->events++;
        t->repeated += (event.flags & HAR_EVENT_REPEATED) != 0;
        t->entered += (event.flags & HAR_EVENT_ENTER) != 0;
        t->left += (event.flags & HAR_EVENT_EXIT) != 0;
        assert_int_equal((event.flags & HAR_EVENT_EXIT) != 0, event.left_index >= 0);
        assert_true(event.since_ns <= event.t_start_ns);
        t->last_first = event.first_sample;
    }
}

static tally run(har_stream *stream)
{
    static float samples[ROWS * CHANNELS];
    fill(samples);
    tally t = {0};
    for (size_t row = 0, taken; row < ROWS; row += taken) {
        assert_true(har_push_samples(stream, samples + row * CHANNELS, ROWS - row, CHANNELS, NULL,
                                     &taken, NULL) >= 0);
        poll_all(stream, &t);
    }
    while (har_stream_flush(stream, NULL) == HAR_PARTIAL) poll_all(stream, &t);
    poll_all(stream, &t);
    return t;
}

static har_stream_counters counters_of(const har_stream *stream)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(stream, &counters), HAR_OK);
    return counters;
}

static void counters_say_what_was_saved(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    har_model_info info = {.struct_size = sizeof info};
    assert_int_equal(har_model_get_info(model, &info), HAR_OK);
    const uint64_t due = (ROWS - WINDOW) / HOP + 1;
    for (uint32_t turn = 0; turn < 4; turn++) {
        har_stream *stream = open_with(model, NULL, turn & 1, turn & 2 ? 4 : 0);
        const tally t = run(stream);
        const har_stream_counters c = counters_of(stream);
        assert_int_equal(c.samples, ROWS);
        assert_int_equal(c.windows, t.events);
        assert_int_equal(c.windows_skipped, t.repeated);
        assert_int_equal(c.windows + c.windows_stretched, due);
        assert_int_equal(c.windows_skipped > 0, turn & 1);
        assert_int_equal(c.windows_stretched > 0, (turn & 2) != 0);
        assert_int_equal(c.macs, (c.windows - c.windows_skipped) * info.macs);
        assert_int_equal(c.macs_fresh, due * info.macs);
        assert_int_equal(c.gaps, 0);
        assert_int_equal(har_stream_reset(stream, NULL), HAR_OK);
        assert_int_equal(counters_of(stream).windows, 0);
        har_stream_destroy(stream);
    }
    har_model_release(model);
}

/* A stream with the model's own decision stated does what a stream without does; one that abstains
 * from everything says nothing else. */
static void a_stream_takes_its_own_decision(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    har_decision_config decision;
    assert_int_equal(har_decision_config_init(&decision, sizeof decision, model), HAR_OK);
    assert_true(decision.smoothing == 0.25f && decision.abstain_below == 0.2f);
    har_stream *plain = open_with(model, NULL, 0, 0);
    har_stream *same = open_with(model, &decision, 0, 0);
    const tally a = run(plain), b = run(same);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.entered > 0);
    decision.abstain_below = 1.0f;
    har_stream *silent = open_with(model, &decision, 0, 0);
    const tally c = run(silent);
    assert_int_equal(c.entered + c.left, 0);
    har_stream_destroy(plain);
    har_stream_destroy(same);
    har_stream_destroy(silent);
    har_model_release(model);
}

static int32_t create_with(const har_stream_config *config, har_error *error)
{
    har_model *model = open_model(TINY_F32);
    har_stream *stream = (har_stream *)1;
    const int32_t status = har_stream_create(model, config, &stream, error);
    assert_null(stream);
    uint64_t bytes;
    assert_int_equal(har_stream_memory_needed(model, config, &bytes, NULL), status);
    har_model_release(model);
    return status;
}

static void what_is_out_of_bounds_is_refused(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32), *front = open_model(TINY_FRONT);
    har_decision_config decision;
    assert_int_equal(har_decision_config_init(NULL, sizeof decision, model), HAR_ERR_NULL);
    assert_int_equal(har_decision_config_init(&decision, sizeof decision, NULL), HAR_ERR_NULL);
    assert_int_equal(har_decision_config_init(&decision, sizeof decision - 1, model),
                     HAR_ERR_STRUCT_SIZE);
    assert_int_equal(har_decision_config_init(&decision, sizeof decision, front),
                     HAR_ERR_NO_NETWORK);
    assert_int_equal(har_decision_config_init(&decision, sizeof decision, model), HAR_OK);
    har_model_release(model);
    har_model_release(front);

    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    har_error error = new_error();
    config.still_gate = 2;
    assert_int_equal(create_with(&config, &error), HAR_ERR_VALUE);
    assert_string_equal(error.field, "config.still_gate");
    config.still_gate = 0;
    config.max_stretch = 65;
    assert_int_equal(create_with(&config, &error), HAR_ERR_VALUE);
    assert_string_equal(error.field, "config.max_stretch");
    config.max_stretch = 64;
    config.decision = &decision;
    decision.smoothing = 1.0f;
    assert_int_equal(create_with(&config, &error), HAR_ERR_VALUE);
    assert_string_equal(error.field, "config.decision.smoothing");
    decision.struct_size = 4;
    assert_int_equal(create_with(&config, &error), HAR_ERR_STRUCT_SIZE);
}

static void counters_need_a_struct_of_their_size(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    har_stream *stream = open_stream(model);
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(NULL, &counters), HAR_ERR_NULL);
    assert_int_equal(har_stream_get_counters(stream, NULL), HAR_ERR_NULL);
    counters.struct_size = sizeof counters - 1;
    assert_int_equal(har_stream_get_counters(stream, &counters), HAR_ERR_STRUCT_SIZE);
    har_stream_destroy(stream);
    har_model_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_say_what_was_saved),
        cmocka_unit_test(a_stream_takes_its_own_decision),
        cmocka_unit_test(what_is_out_of_bounds_is_refused),
        cmocka_unit_test(counters_need_a_struct_of_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
