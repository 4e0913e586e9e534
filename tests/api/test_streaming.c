/* Streams against windows cut from the preprocessed recording: pushes of any length, queues of any
 * size, gaps, flush and reset give the same bits. Python tests say the same of more models; this
 * one runs under the sanitizers. */
#include "common.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>

enum { ROUNDS = 60, MOST_ROWS = 260, MOST_LABELS = 600, STEP_NS = 20000000, GAP_NS = 200000000 };

static uint64_t seed;

static uint32_t draw(uint64_t *state, uint32_t low, uint32_t high)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth */
    return low + (uint32_t)(*state >> 33) % (high - low + 1u);
}

typedef struct recording {
    float samples[MOST_ROWS * CHANNELS];
    int64_t times[MOST_ROWS];
    bool has_times;
    size_t rows;
} recording;

typedef struct labels {
    size_t count;
    struct {
        float scores[CLASSES];
        int32_t class_index;
        uint64_t first_sample;
        int64_t t_start_ns, t_end_ns;
        int64_t since_ns;
        int32_t left_index;
        uint32_t flags;
    } label[MOST_LABELS];
} labels;

static void make_recording(recording *r, uint64_t *random)
{
    r->rows = draw(random, 0, MOST_ROWS);
    r->has_times = draw(random, 0, 1);
    int64_t now = (int64_t)draw(random, 0, 1000) - 500;
    for (size_t i = 0; i < r->rows; i++) {
        /* a step as long as the largest gap allowed is no gap yet */
        const uint32_t kind = draw(random, 0, 60);
        now += kind == 0 ? GAP_NS + 1 : kind == 1 ? GAP_NS : STEP_NS;
        r->times[i] = r->has_times ? now : (int64_t)i * STEP_NS;
        for (uint32_t c = 0; c < CHANNELS; c++)
            r->samples[i * CHANNELS + c] = (float)draw(random, 0, 4000) * 0.001f - 2.0f;
    }
}

static void add_label(labels *l, const har_event *event)
{
    assert_true(l->count < MOST_LABELS);
    memset(&l->label[l->count], 0, sizeof l->label[0]); /* padding is compared too */
    memcpy(l->label[l->count].scores, event->scores, sizeof l->label[0].scores);
    l->label[l->count].class_index = event->class_index;
    l->label[l->count].first_sample = event->first_sample;
    l->label[l->count].t_start_ns = event->t_start_ns;
    l->label[l->count].t_end_ns = event->t_end_ns;
    l->label[l->count].since_ns = event->since_ns;
    l->label[l->count].left_index = event->left_index;
    l->label[l->count].flags = event->flags;
    l->count++;
}

static void poll_all(har_stream *stream, labels *l)
{
    har_event event = {.struct_size = sizeof event};
    int32_t status;
    while ((status = har_poll_label(stream, &event, NULL)) == HAR_OK) add_label(l, &event);
    assert_int_equal(status, HAR_AGAIN);
}

/* Pushes in random pieces, polls now and then, and flushes. */
static void stream_it(har_stream *stream, const recording *r, uint64_t *random, labels *l)
{
    l->count = 0;
    for (size_t row = 0; row < r->rows;) {
        size_t rows = draw(random, 0, 90);
        if (rows > r->rows - row) rows = r->rows - row;
        size_t taken = rows + 1;
        const int32_t status = har_push_samples(stream, r->samples + row * CHANNELS, rows, CHANNELS,
                                                r->has_times ? r->times + row : NULL, &taken, NULL);
        assert_true(taken <= rows);
        assert_int_equal(status, taken == rows ? HAR_OK : HAR_PARTIAL);
        if (status == HAR_PARTIAL || draw(random, 0, 1)) poll_all(stream, l);
        row += taken;
    }
    int32_t status;
    while ((status = har_stream_flush(stream, NULL)) == HAR_PARTIAL) poll_all(stream, l);
    assert_int_equal(status, HAR_OK);
    poll_all(stream, l);
}

/* The labels of one piece without gaps, from its preprocessed rows, window by window. The model's
 * smoothing is 0.25, its threshold 0.2. */
static void expect_piece(har_model *model, har_stream *stream, const recording *r, size_t first,
                         size_t end, uint32_t hop, labels *l)
{
    static float rows[MOST_ROWS * CHANNELS];
    assert_int_equal(
        har_preprocess(model, r->samples + first * CHANNELS, end - first, CHANNELS, rows, NULL),
        HAR_OK);
    float scores[CLASSES];
    for (size_t start = first; start + WINDOW <= end; start += hop) {
        har_event event = {.struct_size = sizeof event};
        assert_int_equal(har_classify_window(stream, rows + (start - first) * CHANNELS, WINDOW,
                                             CHANNELS, &event, NULL),
                         HAR_OK);
        for (int c = 0; c < CLASSES; c++)
            scores[c] = start == first ? event.scores[c]
                                       : 0.25f * scores[c] + (1.0f - 0.25f) * event.scores[c];
        event.class_index = 0;
        for (int c = 1; c < CLASSES; c++)
            if (scores[c] > scores[event.class_index]) event.class_index = c;
        if (scores[event.class_index] < 0.2f) {
            event.class_index = -1;
            event.flags |= HAR_EVENT_UNKNOWN;
        }
        event.scores = scores;
        event.first_sample = start;
        event.t_start_ns = r->times[start];
        event.t_end_ns = r->times[start + WINDOW - 1];
        add_label(l, &event);
    }
}

/* What changes from label to label; a piece closes what was before it and enters anew. */
static void add_changes(labels *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const int32_t class_index = l->label[i].class_index;
        const int32_t before = i > 0 ? l->label[i - 1].class_index : -1;
        const bool is_first = i == 0 || (l->label[i].flags & HAR_EVENT_AFTER_GAP);
        const bool changes = is_first || class_index != before;
        l->label[i].since_ns = changes ? l->label[i].t_start_ns : l->label[i - 1].since_ns;
        l->label[i].left_index = changes ? before : -1;
        if (changes && before >= 0) l->label[i].flags |= HAR_EVENT_EXIT;
        if (changes && class_index >= 0) l->label[i].flags |= HAR_EVENT_ENTER;
    }
}

static void expect(har_model *model, har_stream *stream, const recording *r, uint32_t hop,
                   labels *l)
{
    l->count = 0;
    for (size_t first = 0, end; first < r->rows; first = end) {
        for (end = first + 1; end < r->rows; end++)
            if (r->has_times && r->times[end] - r->times[end - 1] > GAP_NS) break;
        const size_t before = l->count;
        expect_piece(model, stream, r, first, end, hop, l);
        if (first > 0 && l->count > before) l->label[before].flags |= HAR_EVENT_AFTER_GAP;
    }
    add_changes(l);
}

static void assert_same_labels(const labels *found, const labels *wanted)
{
    assert_int_equal(found->count, wanted->count);
    for (size_t i = 0; i < found->count; i++)
        if (memcmp(&found->label[i], &wanted->label[i], sizeof found->label[0]) != 0)
            fail_msg("label %zu of sample %llu differs", i,
                     (unsigned long long)found->label[i].first_sample);
}

static void labels_do_not_depend_on_the_pushes(void **state)
{
    (void)state;
    static recording r;
    static labels found;
    static labels wanted;
    static const char *const paths[] = {TINY_F32, TINY_INT8};
    size_t labels_seen = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint64_t random = seed + round;
        har_model *model = open_model(paths[round % 2]);
        har_stream *other = open_stream(model);
        har_stream_config config;
        har_stream_config_init(&config, sizeof config);
        config.hop = draw(&random, 0, WINDOW);
        config.queue = draw(&random, 0, 50);
        har_stream *stream;
        assert_int_equal(har_stream_create(model, &config, &stream, NULL), HAR_OK);
        for (int turn = 0; turn < 3; turn++) { /* a stream that was reset is as good as new */
            make_recording(&r, &random);
            expect(model, other, &r, config.hop ? config.hop : HOP, &wanted);
            stream_it(stream, &r, &random, &found);
            assert_same_labels(&found, &wanted);
            labels_seen += found.count;
            assert_int_equal(har_stream_reset(stream, NULL), HAR_OK);
        }
        har_stream_destroy(stream);
        har_stream_destroy(other);
        har_model_release(model);
    }
    assert_true(labels_seen > ROUNDS * 5);
}

/* What is refused between two pushes changes no label. */
static void refused_calls_change_nothing(void **state)
{
    (void)state;
    static recording r;
    static labels found;
    static labels wanted;
    har_model *model = open_model(TINY_F32);
    har_stream *stream = open_stream(model);
    uint64_t random = seed;
    do make_recording(&r, &random);
    while (r.rows < 3 * WINDOW || !r.has_times);
    expect(model, stream, &r, HOP, &wanted);
    found.count = 0;
    for (size_t row = 0; row < r.rows; row++) {
        float bad[2 * CHANNELS] = {0};
        const int64_t later[2] = {r.times[row], r.times[row]};
        size_t taken = 9;
        bad[CHANNELS + row % CHANNELS] = row % 2 ? NAN : -INFINITY;
        assert_int_equal(har_push_samples(stream, bad, 2, CHANNELS, r.times, &taken, NULL),
                         HAR_ERR_SAMPLE_NOT_FINITE);
        assert_int_equal(taken, 0);
        memset(bad, 0, sizeof bad);
        assert_int_equal(har_push_samples(stream, bad, 2, CHANNELS, later, &taken, NULL),
                         HAR_ERR_TIME_BACKWARDS);
        assert_int_equal(har_push_samples(stream, bad, 1, CHANNELS + 1, later, &taken, NULL),
                         HAR_ERR_CHANNELS);
        if (row > 0)
            assert_int_equal(har_push_samples(stream, bad, 1, CHANNELS, NULL, &taken, NULL),
                             HAR_ERR_TIME_MIXED);
        do { /* the end of a piece before a gap may fill a window first */
            poll_all(stream, &found);
            har_push_samples(stream, r.samples + row * CHANNELS, 1, CHANNELS, r.times + row, &taken,
                             NULL);
        } while (taken == 0);
    }
    poll_all(stream, &found);
    assert_int_equal(har_stream_flush(stream, NULL), HAR_OK);
    poll_all(stream, &found);
    assert_same_labels(&found, &wanted);
    har_stream_destroy(stream);
    har_model_release(model);
}

int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_do_not_depend_on_the_pushes),
        cmocka_unit_test(refused_calls_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
