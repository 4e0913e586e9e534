/* How long a push and a poll take at worst.
 *
 *     har_latency MODEL [WINDOWS] [REPEATS]
 *
 * Pushes of one sample and of a hop of them, and polls that compute a window (with what windows
 * share, and afresh), each timed by itself over WINDOWS windows (default 2000). The same calls are
 * made REPEATS times (default 7) from a reset on, and the least time of each is kept: what is left
 * is what the library does, not what the machine does in between. Prints median, 99.9th percentile,
 * largest and the ratio of the second to the first; the times as they were in one repeat besides.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <har/har.h>

#include "../unit/random.h"

enum { CYCLE = 4096 };

typedef enum kind { PUSH_ONE, PUSH_HOP, POLL, KINDS } kind;

static const char *const names[KINDS] = {"push of a sample", "push of a hop", "poll of a window"};

typedef struct times {
    double *least; /* of each call, over the repeats */
    double *once;  /* of the last repeat */
    size_t count;
} times;

typedef struct latency {
    har_model_info info;
    float *signal;
    size_t windows;
    times of[KINDS];
} latency;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void add(times *t, double us, bool is_first)
{
    const size_t i = t->count++;
    t->once[i] = us;
    if (is_first || us < t->least[i]) t->least[i] = us;
}

static size_t push(latency *l, har_stream *stream, size_t row, size_t rows, kind of, bool is_first)
{
    size_t taken = 0;
    const float *samples = l->signal + row % CYCLE * l->info.channel_count;
    const double start = now_us();
    const int32_t status =
        har_push_samples(stream, samples, rows, l->info.channel_count, NULL, &taken, NULL);
    add(&l->of[of], now_us() - start, is_first);
    if (status != HAR_OK) abort();
    return taken;
}

/* A hop of single samples, and a hop at once, in turns; a poll after each. */
static void run(latency *l, har_stream *stream, bool is_first)
{
    har_event event = {.struct_size = sizeof event};
    size_t row = 0;
    for (kind k = 0; k < KINDS; k++) l->of[k].count = 0;
    for (size_t w = 0; w < l->windows; w++) {
        if (w % 2)
            row += push(l, stream, row, l->info.hop, PUSH_HOP, is_first);
        else
            for (uint32_t i = 0; i < l->info.hop; i++)
                row += push(l, stream, row, 1, PUSH_ONE, is_first);
        const double start = now_us();
        const int32_t status = har_poll_label(stream, &event, NULL);
        const double us = now_us() - start;
        if (status == HAR_OK) add(&l->of[POLL], us, is_first);
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t count, double share)
{
    const size_t i = (size_t)(share * (double)count);
    return sorted[i < count ? i : count - 1];
}

static void print(const char *model, const char *how, const char *what, double *us, size_t count)
{
    qsort(us, count, sizeof *us, compare);
    const double median = percentile(us, count, 0.5);
    const double high = percentile(us, count, 0.999);
    printf("%s, %s, %s: %zu, median %.3f us, p99.9 %.3f us (%.1f times), largest %.3f us\n", model,
           what, how, count, median, high, high / median, us[count - 1]);
}

static void measure(latency *l, har_model *model, const char *path, uint32_t reuse, int repeats)
{
    har_stream_config config;
    har_stream *stream;
    har_stream_config_init(&config, sizeof config);
    config.reuse = reuse;
    if (har_stream_create(model, &config, &stream, NULL) != HAR_OK) abort();
    for (int r = 0; r < repeats; r++) {
        if (har_stream_reset(stream, NULL) != HAR_OK) abort();
        run(l, stream, r == 0);
    }
    har_stream_destroy(stream);
    const char *how = reuse == HAR_REUSE_AUTO ? "least of the repeats" : "least, afresh";
    for (kind k = reuse == HAR_REUSE_AUTO ? 0 : POLL; k < KINDS; k++) {
        print(path, how, names[k], l->of[k].least, l->of[k].count);
        if (reuse == HAR_REUSE_AUTO)
            print(path, "one repeat", names[k], l->of[k].once, l->of[k].count);
    }
}

int main(int argc, char **argv)
{
    latency l = {.info = {.struct_size = sizeof l.info},
                 .windows = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000};
    const int repeats = argc > 3 ? atoi(argv[3]) : 7;
    har_model *model;
    if (argc < 2 || l.windows < 2 || repeats < 1 ||
        har_model_open_file(argv[1], NULL, &model, NULL) != HAR_OK) {
        fprintf(stderr, "usage: har_latency MODEL [WINDOWS] [REPEATS]\n");
        return 2;
    }
    har_model_get_info(model, &l.info);
    const size_t values = (size_t)(CYCLE + l.info.window) * l.info.channel_count;
    l.signal = malloc(values * sizeof *l.signal);
    for (kind k = 0; k < KINDS; k++) {
        const size_t most = k == PUSH_ONE ? l.windows * l.info.hop : l.windows;
        l.of[k].least = malloc(most * sizeof(double));
        l.of[k].once = malloc(most * sizeof(double));
        if (!l.signal || !l.of[k].least || !l.of[k].once) return 2;
    }
    uint64_t random = 3;
    for (size_t i = 0; i < values; i++) l.signal[i] = (float)random_unit(&random);
    measure(&l, model, argv[1], HAR_REUSE_AUTO, repeats);
    measure(&l, model, argv[1], HAR_REUSE_OFF, repeats);
    for (kind k = 0; k < KINDS; k++) {
        free(l.of[k].least);
        free(l.of[k].once);
    }
    free(l.signal);
    har_model_release(model);
    return 0;
}
