/* Every call of a stream in every order, with right and wrong arguments, against a model that only
 * counts: which samples the stream has taken, which rows wait, which window is next. What the
 * labels are is in test_streaming.c. The seed is printed; it may be given. */
#include "common.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <time.h>

#include "../unit/random.h"

enum {
    ROUNDS = 16,
    STEPS = 1000,
    MOST_ROWS = 300,
    MOST_CHANNELS = 9,
    MOST_SAMPLES = 60000,
    MOST_WINDOW = 160
};

static uint64_t seed;

typedef enum clock_kind { OPEN, BY_RATE, BY_TIMES } clock_kind;

/* What a stream must be like. */
typedef struct state {
    har_stream *stream;
    har_model_info info;
    uint32_t hop;
    uint64_t capacity; /* rows that may wait, the window that is due among them */
    int64_t max_gap_ns;
    uint64_t taken;
    uint64_t piece; /* first sample of the piece of recording */
    uint64_t end;   /* rows that the signal steps have brought out */
    uint64_t start; /* first row of the next window */
    clock_kind clock;
    bool ending; /* a gap was met; the windows before it come first */
    bool after_gap;
    bool flushed;
    uint64_t windows;
    uint64_t gaps;
    uint64_t all_windows; /* over all resets */
    uint64_t all_gaps;
    bool has_decided;
    int32_t decided;
    int64_t *times; /* MOST_SAMPLES */
    uint64_t *random;
} state;

static void forget(state *s)
{
    s->taken = s->piece = s->end = s->start = s->windows = s->gaps = 0;
    s->clock = OPEN;
    s->ending = s->after_gap = s->flushed = s->has_decided = false;
    s->decided = -1;
}

static bool is_due(const state *s) { return s->end - s->start >= s->info.window; }
static bool has_room(const state *s) { return s->end - s->start < s->capacity; }

/* The rows that the signal steps hold come out as far as there is room; false: not all. */
static bool drain(state *s)
{
    while (s->end < s->taken && has_room(s)) s->end++;
    return has_room(s);
}

static bool take(state *s, const int64_t *time)
{
    const int64_t last = s->taken > 0 ? s->times[s->taken - 1] : 0;
    const bool is_gap =
        time && s->clock == BY_TIMES && (uint64_t)*time - (uint64_t)last > (uint64_t)s->max_gap_ns;
    if (is_gap || s->ending) {
        s->ending = true;
        if (!drain(s) || is_due(s)) return false;
        s->ending = false;
        s->start = s->end = s->piece = s->taken;
        s->after_gap = true;
        s->gaps++;
        s->all_gaps++;
    }
    if (!has_room(s)) return false;
    s->times[s->taken] = time ? *time : (int64_t)llround((double)s->taken * 1e9 / s->info.rate_hz);
    s->clock = time ? BY_TIMES : BY_RATE;
    s->taken++;
    if (s->taken - s->piece > s->info.latency) s->end++;
    return true;
}

static void expect_counters(const state *s)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    assert_int_equal(har_stream_get_counters(s->stream, &counters), HAR_OK);
    assert_int_equal(counters.samples, s->taken);
    assert_int_equal(counters.rows, s->taken);
    assert_int_equal(counters.windows, s->windows);
    assert_int_equal(counters.gaps, s->gaps);
    assert_int_equal(counters.windows_skipped + counters.windows_stretched, 0);
    assert_true(counters.macs <= counters.macs_fresh);
}

/* A step of time: most often a period, else anything up to the end of the clock. */
static int64_t later(state *s, int64_t time)
{
    const uint64_t left = (uint64_t)INT64_MAX - (uint64_t)time;
    uint64_t step = (uint64_t)(1e9 / s->info.rate_hz);
    switch (random_range(s->random, 0, 199)) {
    case 0: step = (uint64_t)s->max_gap_ns; break;
    case 1: step = (uint64_t)s->max_gap_ns + 1u; break;
    case 2: step = 1; break;
    case 3: step = random_u64(s->random) >> random_range(s->random, 0, 63); break;
    default: break;
    }
    if (step > left) step = left;
    return (int64_t)((uint64_t)time + step);
}

static float any_value(state *s)
{
    switch (random_range(s->random, 0, 99)) {
    case 0: return FLT_MAX;
    case 1: return -FLT_MAX;
    case 2: return FLT_TRUE_MIN;
    case 3: return -0.0f;
    default: return (float)random_unit(s->random);
    }
}

/* Pushes rows with at most one thing wrong. */
static void push(state *s)
{
    static float samples[MOST_ROWS * MOST_CHANNELS];
    static int64_t times[MOST_ROWS];
    const uint32_t channels = s->info.channel_count;
    size_t rows = random_range(s->random, 0, 3) ? random_range(s->random, 0, 40)
                                                : random_range(s->random, 0, MOST_ROWS);
    const bool has_times = s->clock == OPEN ? random_range(s->random, 0, 1) : s->clock == BY_TIMES;
    int64_t time = s->taken > 0 ? s->times[s->taken - 1] : INT64_MIN;
    if (s->taken == 0 && random_range(s->random, 0, 3)) time = -1000;
    for (size_t r = 0; r < rows; r++) {
        times[r] = time = later(s, time);
        if (has_times && r > 0 && times[r] == times[r - 1]) rows = r; /* the clock has ended */
        for (uint32_t c = 0; c < channels; c++) samples[r * channels + c] = any_value(s);
    }
    if (has_times && rows > 0 && s->taken > 0 && times[0] <= s->times[s->taken - 1]) rows = 0;
    int32_t wanted = s->flushed ? HAR_ERR_FLUSHED : HAR_OK;
    const bool breaks = !s->flushed && rows > 0 && random_range(s->random, 0, 9) == 0;
    const size_t at =
        rows > 0 ? random_u64(s->random) % (rows < s->capacity ? rows : s->capacity) : 0;
    const int64_t *given = has_times ? times : NULL;
    uint32_t width = channels;
    if (breaks) switch (random_range(s->random, 0, 3)) {
        case 0:
            samples[at * channels] = random_range(s->random, 0, 1) ? NAN : -INFINITY;
            wanted = HAR_ERR_SAMPLE_NOT_FINITE;
            break;
        case 1:
            width = random_range(s->random, 0, 1) ? channels + 1 : 0;
            wanted = HAR_ERR_CHANNELS;
            break;
        case 2:
            if (s->clock == OPEN) break;
            given = has_times ? NULL : times;
            wanted = HAR_ERR_TIME_MIXED;
            break;
        default:
            if (!has_times || (at == 0 && s->taken == 0)) break;
            times[at] = at > 0 ? times[at - 1] : s->times[s->taken - 1];
            wanted = HAR_ERR_TIME_BACKWARDS;
        }
    size_t taken = SIZE_MAX;
    har_error error = new_error();
    const int32_t status = har_push_samples(s->stream, samples, rows, width, given, &taken, &error);
    size_t expected = 0;
    if (wanted == HAR_OK) {
        const size_t most = rows < s->capacity ? rows : (size_t)s->capacity;
        while (expected < most && take(s, given ? given + expected : NULL)) expected++;
        wanted = expected == rows ? HAR_OK : HAR_PARTIAL;
    }
    assert_int_equal(status, wanted);
    assert_int_equal(taken, expected);
    assert_int_equal(error.status, wanted < 0 ? wanted : 0);
}

static void expect_changes(state *s, const har_event *event)
{
    const bool begins = !s->has_decided || s->after_gap;
    const bool changes = begins || event->class_index != s->decided;
    assert_int_equal(event->left_index, changes ? s->decided : -1);
    assert_true(((event->flags & HAR_EVENT_EXIT) != 0) == (event->left_index >= 0));
    assert_true(((event->flags & HAR_EVENT_ENTER) != 0) == (changes && event->class_index >= 0));
    assert_true(((event->flags & HAR_EVENT_UNKNOWN) != 0) == (event->class_index < 0));
    assert_true(event->since_ns <= event->t_end_ns);
    s->has_decided = true;
    s->decided = event->class_index;
}

static void poll(state *s)
{
    har_event event = {.struct_size = sizeof event};
    const int32_t status = har_poll_label(s->stream, &event, NULL);
    assert_int_equal(status, is_due(s) ? HAR_OK : HAR_AGAIN);
    if (status != HAR_OK) return;
    assert_int_equal(event.first_sample, s->start);
    assert_int_equal(event.t_start_ns, s->times[s->start]);
    assert_int_equal(event.t_end_ns, s->times[s->start + s->info.window - 1]);
    assert_true(((event.flags & HAR_EVENT_AFTER_GAP) != 0) == s->after_gap);
    assert_int_equal(event.score_count, s->info.class_count);
    assert_in_range(event.class_index + 1, 0, s->info.class_count);
    assert_non_null(event.name);
    expect_changes(s, &event);
    s->after_gap = false;
    s->windows++;
    s->all_windows++;
    s->start += s->hop;
}

static void poll_all(state *s)
{
    while (is_due(s)) poll(s);
    poll(s);
}

static void flush(state *s)
{
    const int32_t status = har_stream_flush(s->stream, NULL);
    s->flushed = true;
    assert_int_equal(status, drain(s) ? HAR_OK : HAR_PARTIAL);
}

static void reset(state *s)
{
    assert_int_equal(har_stream_reset(s->stream, NULL), HAR_OK);
    forget(s);
}

static void classify(state *s)
{
    static float window[MOST_WINDOW * MOST_CHANNELS];
    const size_t values = (size_t)s->info.window * s->info.signal_channel_count;
    for (size_t i = 0; i < values; i++) window[i] = (float)random_unit(s->random);
    const uint32_t wrong = random_range(s->random, 0, 9);
    har_event event = {.struct_size = wrong == 0 ? 4u : (uint32_t)sizeof event};
    const int32_t status =
        har_classify_window(s->stream, window, s->info.window - (wrong == 1),
                            s->info.signal_channel_count + (wrong == 2), &event, NULL);
    assert_int_equal(status, wrong == 0   ? HAR_ERR_STRUCT_SIZE
                             : wrong == 1 ? HAR_ERR_ROWS
                             : wrong == 2 ? HAR_ERR_CHANNELS
                                          : HAR_OK);
}

/* What another kind of stream takes. */
static void push_sensor(state *s)
{
    const float value[3] = {0};
    const int64_t time = 0;
    size_t taken = 9;
    assert_int_equal(har_push_sensor(s->stream, 0, value, 1, 3, &time, &taken, NULL),
                     HAR_ERR_SOURCE);
    assert_int_equal(taken, 0);
}

static void step(state *s)
{
    static void (*const steps[])(state *) = {push,     push,  push, push,     push,       push,
                                             poll,     poll,  poll, poll_all, poll_all,   poll_all,
                                             classify, flush, push, push,     push_sensor};
    const uint32_t drawn = random_range(s->random, 0, 4 * sizeof steps / sizeof steps[0]);
    if (s->taken + MOST_ROWS >= MOST_SAMPLES || drawn == 0 || (s->flushed && drawn % 4 == 0))
        reset(s);
    else
        steps[drawn % (sizeof steps / sizeof steps[0])](s);
    expect_counters(s);
}

static void run(const char *path, uint64_t *random, uint64_t *windows, uint64_t *gaps)
{
    static int64_t times[MOST_SAMPLES];
    har_model *model = open_model(path);
    state s = {.info = {.struct_size = sizeof s.info}, .times = times, .random = random};
    assert_int_equal(har_model_get_info(model, &s.info), HAR_OK);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = random_range(random, 0, s.info.window);
    config.queue = random_range(random, 0, 2) ? random_range(random, 0, 60) : 1;
    config.reuse = random_range(random, 0, 1);
    static const int64_t max_gaps[] = {0, 0, 1, 100000000, INT64_MAX};
    config.max_gap_ns = max_gaps[random_range(random, 0, 4)];
    assert_int_equal(har_stream_create(model, &config, &s.stream, NULL), HAR_OK);
    har_model_release(model); /* the stream keeps it */
    s.hop = config.hop ? config.hop : s.info.hop;
    s.capacity = s.info.window + (config.queue ? config.queue : s.info.window);
    s.max_gap_ns = config.max_gap_ns ? config.max_gap_ns : (int64_t)(10e9 / s.info.rate_hz);
    forget(&s);
    for (int i = 0; i < STEPS; i++) step(&s);
    *windows += s.all_windows;
    *gaps += s.all_gaps;
    har_stream_destroy(s.stream);
}

static void every_order_of_calls_is_as_the_model_says(void **unused)
{
    (void)unused;
    static const char *const paths[] = {TINY_F32, TINY_INT8, HAR_GOLDEN "/tiny_recurrent_int8.har",
                                        HAR_MODELS "/uci_har_student_int8.har"};
    uint64_t windows = 0;
    uint64_t gaps = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t random = seed + round;
        run(paths[round % 4], &random, &windows, &gaps);
    }
    print_message("%llu windows, %llu gaps\n", (unsigned long long)windows,
                  (unsigned long long)gaps);
    assert_true(windows > 1000 && gaps > 100);
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_calls_is_as_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
