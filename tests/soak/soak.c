/* A long time of samples through a model, as fast as they go.
 *
 *     har_soak MODEL SAMPLES DAYS
 *
 * Two streams get the same samples, still and moving in turns. One has no timestamps, nor a gap;
 * the other has, over DAYS, with a gap now and then. Both pass over what the still gate and
 * stretched hops let them pass over. Checked all along: times and numbers of windows, without
 * drift; every sixteenth piece between gaps against a stream that is new and computes every window
 * afresh, INT8 with the plain C kernels, bit for bit; likewise windows of the first stream where
 * the model has no signal steps. At the end: the counters, and that memory is what it was. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <har/har.h>

#include "../unit/random.h"

enum { CYCLE = 1 << 14, MOST_CHANNELS = 128, MOST_CLASSES = 64, CHECK_EVERY = 16 };

static const double TELL_SECONDS = 10.0;

#define EXPECT(condition)                                                   \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

/* A stream and what its next event must be. */
typedef struct runner {
    har_stream *stream;
    bool has_times;
    uint64_t events;
    uint64_t gaps;
    uint64_t repeated;
    uint64_t next;  /* first sample of the earliest window that may be next */
    uint64_t piece; /* first sample since the last gap */
    float last_scores[MOST_CLASSES];
    uint64_t last_first;
    uint32_t last_flags;
} runner;

typedef struct soak {
    har_model *model;
    har_model *plain; /* of plain C kernels where the bits are the same, else `model` */
    har_model_info info;
    uint32_t hop;
    bool gated;
    float *signal; /* [CYCLE][channels], said again and again */
    uint64_t samples;
    int64_t step_ns;
    int64_t gap_ns;
    uint64_t piece_samples;
    uint64_t checked;
} soak;

static const float *sample_at(const soak *s, uint64_t number)
{
    return s->signal + number % CYCLE * s->info.channel_count;
}

/* With a gap before each piece. */
static int64_t time_at(const soak *s, uint64_t number)
{
    return (int64_t)number * s->step_ns + (int64_t)(number / s->piece_samples) * s->gap_ns;
}

static void make_signal(soak *s)
{
    const uint32_t channels = s->info.channel_count;
    uint64_t random = 11;
    s->signal = malloc(sizeof *s->signal * CYCLE * channels);
    EXPECT(s->signal);
    for (uint32_t i = 0; i < CYCLE; i++) {
        const float amount = i / 2048 % 2 ? 0.001f : 0.7f;
        for (uint32_t c = 0; c < channels; c++)
            s->signal[i * channels + c] =
                (c % 3 == 2 ? 1.0f : 0.0f) + amount * (float)random_unit(&random);
    }
}

/* HAR_REUSE_OFF: a stream to compare with, of windows computed afresh. */
static har_stream *open_stream(const soak *s, har_model *model, bool has_times, uint32_t reuse)
{
    har_stream_config config;
    har_decision_config decision;
    har_stream *stream;
    har_stream_config_init(&config, sizeof config);
    EXPECT(har_decision_config_init(&decision, sizeof decision, model) == HAR_OK);
    decision.smoothing = 0.0f; /* each window's own scores */
    config.decision = &decision;
    config.hop = s->hop;
    config.still_gate = s->gated;
    config.max_stretch = has_times ? 4 : 64;
    config.reuse = reuse;
    if (has_times) config.max_gap_ns = s->step_ns;
    EXPECT(har_stream_create(model, &config, &stream, NULL) == HAR_OK);
    return stream;
}

/* INT8 networks give the same bits in any kernel; FP32 ones in the same kernels. */
static void expect_scores(const soak *s, const float *found, const float *wanted)
{
    EXPECT(memcmp(found, wanted, s->info.class_count * sizeof *found) == 0);
}

static void take_last(runner *r)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(r->stream, &event, NULL) == HAR_OK) {
        r->last_first = event.first_sample;
        memcpy(r->last_scores, event.scores, event.score_count * sizeof(float));
    }
}

/* The last event of a piece, by a new stream that gets this piece alone. */
static void check_piece(soak *s, const runner *r, uint64_t end)
{
    const uint32_t reuse = s->plain != s->model ? HAR_REUSE_OFF : HAR_REUSE_AUTO;
    runner again = {.stream = open_stream(s, s->plain, true, reuse)};
    for (uint64_t n = r->piece; n < end; n++) {
        const int64_t time = time_at(s, n);
        size_t taken;
        EXPECT(har_push_samples(again.stream, sample_at(s, n), 1, s->info.channel_count, &time,
                                &taken, NULL) == HAR_OK);
        take_last(&again);
    }
    EXPECT(har_stream_flush(again.stream, NULL) == HAR_OK);
    take_last(&again);
    EXPECT(again.last_first + r->piece == r->last_first);
    expect_scores(s, r->last_scores, again.last_scores);
    har_stream_destroy(again.stream);
    s->checked++;
}

/* The last event of the stream that never had a gap: its window by itself. */
static void check_window(soak *s, const runner *r)
{
    if (s->info.signal_step_count > 0 || (r->last_flags & HAR_EVENT_REPEATED)) return;
    float *window = malloc(sizeof *window * s->info.window * s->info.channel_count);
    EXPECT(window);
    for (uint32_t i = 0; i < s->info.window; i++)
        memcpy(window + (size_t)i * s->info.channel_count, sample_at(s, r->last_first + i),
               s->info.channel_count * sizeof *window);
    const uint32_t reuse = s->plain != s->model ? HAR_REUSE_OFF : HAR_REUSE_AUTO;
    har_stream *stream = open_stream(s, s->plain, false, reuse);
    har_event event = {.struct_size = sizeof event};
    EXPECT(har_classify_window(stream, window, s->info.window, s->info.channel_count, &event,
                               NULL) == HAR_OK);
    expect_scores(s, r->last_scores, event.scores);
    har_stream_destroy(stream);
    free(window);
    s->checked++;
}

/* The first event after a gap: all of the piece before it have come. */
static void begin_piece(soak *s, runner *r)
{
    EXPECT(r->has_times);
    if (r->gaps % CHECK_EVERY == 0) check_piece(s, r, r->piece + s->piece_samples);
    r->gaps++;
    r->piece += s->piece_samples;
    r->next = r->piece;
}

static void expect_event(soak *s, runner *r, const har_event *event)
{
    const uint64_t first = event->first_sample;
    const uint64_t last = first + s->info.window - 1;
    if (event->flags & HAR_EVENT_AFTER_GAP) begin_piece(s, r);
    EXPECT(first >= r->next && (first - r->piece) % s->hop == 0);
    if (r->has_times) {
        EXPECT(event->t_start_ns == time_at(s, first) && event->t_end_ns == time_at(s, last));
    } else {
        const long double exact = (long double)first * 1e9L / (long double)s->info.rate_hz;
        EXPECT(fabsl((long double)event->t_start_ns - exact) <= 4.5L); /* a double of a year */
    }
    EXPECT(event->class_index >= -1 && event->class_index < (int32_t)s->info.class_count);
    r->next = first + s->hop;
    r->events++;
    r->repeated += (event->flags & HAR_EVENT_REPEATED) != 0;
    memcpy(r->last_scores, event->scores, event->score_count * sizeof(float));
    r->last_first = first;
    r->last_flags = event->flags;
}

static void take_events(soak *s, runner *r)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(r->stream, &event, NULL) == HAR_OK) expect_event(s, r, &event);
}

static void push(soak *s, runner *r, uint64_t number, size_t rows)
{
    int64_t times[64];
    for (size_t i = 0; r->has_times && i < rows; i++) times[i] = time_at(s, number + i);
    for (size_t at = 0, taken; at < rows; at += taken) {
        EXPECT(har_push_samples(r->stream, sample_at(s, number + at), rows - at,
                                s->info.channel_count, r->has_times ? times + at : NULL, &taken,
                                NULL) >= 0);
        take_events(s, r);
    }
}

/* Pages that the process has in memory. */
static long resident_pages(void)
{
    long size = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    if (file) fclose(file);
    return resident;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void expect_counters(const soak *s, const runner *r)
{
    har_stream_counters counters = {.struct_size = sizeof counters};
    EXPECT(har_stream_get_counters(r->stream, &counters) == HAR_OK);
    EXPECT(counters.samples == s->samples && counters.rows == s->samples);
    EXPECT(counters.windows == r->events && counters.gaps == r->gaps);
    EXPECT(counters.windows_skipped == r->repeated);
    EXPECT(counters.macs <= counters.macs_fresh);
    if (!r->has_times)
        EXPECT(counters.windows + counters.windows_stretched >=
               (s->samples - s->info.window - s->info.latency) / s->hop);
}

static void run(soak *s, runner *plain, runner *timed)
{
    enum { ROWS = 64 };
    const double begin = seconds_now();
    double told = begin;
    long pages = 0;
    for (uint64_t n = 0; n < s->samples; n += ROWS) {
        push(s, plain, n, ROWS);
        push(s, timed, n, ROWS);
        if (n / ROWS % (CHECK_EVERY * CYCLE / ROWS) == CYCLE / ROWS) check_window(s, plain);
        if (n / ROWS == s->samples / ROWS / 8) pages = resident_pages();
        if (n % (1 << 16) != 0 || seconds_now() - told < TELL_SECONDS) continue;
        told = seconds_now();
        fprintf(stderr, "%.1f %% of the samples after %.0f s\n",
                100.0 * (double)n / (double)s->samples, told - begin);
    }
    const long more = resident_pages() - pages;
#if !defined(__SANITIZE_ADDRESS__) /* which keeps for a while what was given back */
    EXPECT(more <= 64);
#endif
    expect_counters(s, plain);
    expect_counters(s, timed);
    printf("%" PRIu64 " samples (%.1f days by the rate, %.1f by the timestamps), %" PRIu64
           " + %" PRIu64 " windows, %" PRIu64 " gaps, %" PRIu64
           " recomputed, %ld pages more, %.0f s\n",
           s->samples, (double)s->samples / s->info.rate_hz / 86400.0,
           (double)time_at(s, s->samples) * 1e-9 / 86400.0, plain->events, timed->events,
           timed->gaps, s->checked, more, seconds_now() - begin);
}

static har_model *open_model(const char *path, uint32_t cpu)
{
    har_model *model;
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.cpu_allowed = cpu;
    config.backend = HAR_BACKEND_NATIVE;
    EXPECT(har_model_open_file(path, &config, &model, NULL) == HAR_OK);
    return model;
}

int main(int argc, char **argv)
{
    const double days = argc > 3 ? strtod(argv[3], NULL) : 0.0;
    soak s = {.samples = argc > 2 ? strtoull(argv[2], NULL, 10) / CYCLE * CYCLE : 0,
              .info = {.struct_size = sizeof s.info}};
    if (s.samples == 0 || !(days > 0.0 && days < 36500.0)) {
        fprintf(stderr, "usage: har_soak MODEL SAMPLES DAYS, at least %d samples\n", CYCLE);
        return 2;
    }
    s.model = open_model(argv[1], 0);
    EXPECT(har_model_get_info(s.model, &s.info) == HAR_OK && s.info.class_count <= MOST_CLASSES);
    s.plain = s.info.numeric == HAR_NUMERIC_INT8 ? open_model(argv[1], HAR_CPU_REF)
                                                 : har_model_retain(s.model);
    s.hop = s.info.hop;
    s.piece_samples = CYCLE;
    while (s.piece_samples < 8ull * s.info.window) s.piece_samples *= 2;
    s.step_ns = (int64_t)(days * 86400e9 / (double)s.samples * 0.99);
    s.gap_ns = (int64_t)(days * 86400e9 / (double)s.samples * 0.01 * (double)s.piece_samples);
    make_signal(&s);
    har_stream_config config; /* whether the model has a gate */
    har_stream_config_init(&config, sizeof config);
    config.still_gate = 1;
    uint64_t bytes;
    s.gated = har_stream_memory_needed(s.model, &config, &bytes, NULL) == HAR_OK;
    runner plain = {.stream = open_stream(&s, s.model, false, HAR_REUSE_AUTO)};
    runner timed = {.stream = open_stream(&s, s.model, true, HAR_REUSE_AUTO), .has_times = true};
    printf("%s: ", argv[1]);
    fflush(stdout);
    run(&s, &plain, &timed);
    har_stream_destroy(plain.stream);
    har_stream_destroy(timed.stream);
    har_model_release(s.plain);
    har_model_release(s.model);
    free(s.signal);
    return 0;
}
