/* har bench: how fast is this model on this machine? */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "command.h"
#include "peak/peak.h"

enum { DEFAULT_SECONDS = 2, MOST_SECONDS = 600, MOST_TIMES = 1 << 20, OPENINGS = 9 };
enum { LEAST_COLD = 15, MOST_COLD = 200, CALLS = 1000, OVERHEADS = 51 };

/* More than the second and third cache of the machines this runs on; walking through it leaves
 * nothing else there. */
static const size_t COLD_BYTES = (size_t)64 << 20;

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static bench_times times_of(double *times, size_t count)
{
    qsort(times, count, sizeof *times, by_size);
    return (bench_times){times[count / 2], times[(count * 99) / 100], (uint32_t)count};
}

/* Touches every line of `bytes` bytes, twice, so that they take the place of what the caches held.
 */
static void make_cold(unsigned char *bytes)
{
    const size_t line = 64;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < COLD_BYTES; i += line) bytes[i]++;
}

/* What one measurement needs: room for times, a window of random values, and a stream: of fresh
 * windows, or of windows `hop` samples apart. */
typedef struct bench {
    har_stream *stream;
    uint32_t hop; /* 0: fresh */
    uint32_t channels;
    float *window;
    uint32_t rows;
    uint32_t columns;
    double *times;
    unsigned char *cold;
    har_event event;
} bench;

/* The time of one window: given whole, or of the samples that it has more than the last and the
 * label. */
static double classify(bench *b)
{
    size_t taken;
    const uint64_t start = peak_clock();
    if (b->hop == 0)
        (void)har_classify_window(b->stream, b->window, b->rows, b->columns, &b->event, NULL);
    else if (har_push_samples(b->stream, b->window, b->hop, b->channels, NULL, &taken, NULL) ==
             HAR_OK)
        (void)har_poll_label(b->stream, &b->event, NULL);
    return (double)(peak_clock() - start);
}

static bench_times time_warm(bench *b, double seconds)
{
    const uint64_t end = peak_clock() + (uint64_t)(seconds * 1e9);
    size_t count = 0;
    for (int i = 0; i < 10; i++) classify(b);
    while (count < MOST_TIMES && (peak_clock() < end || count < LEAST_COLD))
        b->times[count++] = classify(b);
    return times_of(b->times, count);
}

static bench_times time_cold(bench *b, double seconds)
{
    const uint64_t end = peak_clock() + (uint64_t)(seconds * 1e9);
    size_t count = 0;
    while (count < MOST_COLD && (peak_clock() < end || count < LEAST_COLD)) {
        make_cold(b->cold);
        b->times[count++] = classify(b);
    }
    return times_of(b->times, count);
}

/* A call that has nothing to do: a poll when no window is due. */
static double time_overhead(bench *b)
{
    for (int i = 0; i < OVERHEADS; i++) {
        const uint64_t start = peak_clock();
        for (int k = 0; k < CALLS; k++) (void)har_poll_label(b->stream, &b->event, NULL);
        b->times[i] = (double)(peak_clock() - start) / CALLS;
    }
    return times_of(b->times, OVERHEADS).median;
}

static double time_open(const char *path, double *times)
{
    for (int i = 0; i < OPENINGS; i++) {
        har_model *model;
        const uint64_t start = peak_clock();
        if (har_model_open_file(path, NULL, &model, NULL) != HAR_OK) return 0;
        times[i] = (double)(peak_clock() - start);
        har_model_release(model);
    }
    return times_of(times, OPENINGS).median;
}

/* The best instruction set that the steps of the plan use. */
static uint32_t feature_of(const har_model *model, const har_model_info *info)
{
    uint32_t best = HAR_CPU_REF;
    for (uint32_t i = 0; i < info->plan_step_count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        if (har_model_get_plan_step(model, i, &step) != HAR_OK || step.macs == 0) continue;
        for (uint32_t bit = 1; bit < HAR_CPU_REF; bit <<= 1) {
            const char *name = har_cpu_name(bit);
            const bool is_better = best == HAR_CPU_REF || bit > best;
            if (name != NULL && strcmp(name, step.kernel) == 0 && is_better) best = bit;
        }
    }
    return best;
}

static bool fill(bench *b, har_model *model, const har_model_info *info, uint32_t hop)
{
    const uint32_t columns = info->signal_channel_count > info->channel_count
                                 ? info->signal_channel_count
                                 : info->channel_count;
    const size_t values = (size_t)info->window * columns;
    uint32_t random = 1;
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = hop;
    config.reuse = hop > 0 ? HAR_REUSE_AUTO : HAR_REUSE_OFF;
    *b = (bench){.rows = info->window,
                 .columns = info->signal_channel_count,
                 .channels = info->channel_count,
                 .hop = hop,
                 .window = malloc(values * sizeof(float)),
                 .times = malloc(MOST_TIMES * sizeof(double)),
                 .cold = calloc(COLD_BYTES, 1),
                 .event = {.struct_size = sizeof b->event}};
    for (size_t i = 0; b->window && i < values; i++) {
        random = random * 1664525u + 1013904223u; /* Numerical Recipes, ch. 7.1 */
        b->window[i] = (float)(random >> 8) / 8388608.0f - 1.0f;
    }
    if (!b->window || !b->times || !b->cold ||
        har_stream_create(model, &config, &b->stream, NULL) != HAR_OK)
        return false;
    for (uint32_t i = 0; hop > 0 && i < info->window / hop; i++) classify(b); /* the first window */
    return true;
}

static void empty(bench *b)
{
    har_stream_destroy(b->stream);
    free(b->window);
    free(b->times);
    free(b->cold);
}

/* Windows `result->hop` samples apart. */
static bool measure_overlap(har_model *model, const har_model_info *info, double seconds,
                            bench_result *result)
{
    bench b;
    const bool is_filled = fill(&b, model, info, result->hop);
    if (is_filled) {
        har_stream_config config;
        har_stream_config_init(&config, sizeof config);
        config.hop = result->hop;
        (void)har_stream_memory_needed(model, &config, &result->hop_stream_bytes, NULL);
        for (uint32_t i = 0; i < info->plan_step_count; i++) {
            har_overlap_step step = {.struct_size = sizeof step};
            if (har_model_get_overlap_step(model, i, result->hop, &step) == HAR_OK)
                result->hop_macs += step.macs;
        }
        result->hop_warm = time_warm(&b, seconds);
        result->hop_cold = time_cold(&b, seconds);
    }
    empty(&b);
    return is_filled;
}

static int measure(har_model *model, const har_model_info *info, const char *path, uint32_t hop,
                   uint32_t seconds, bool as_json)
{
    bench b;
    bench_result result = {
        .info = info, .model = model, .feature = feature_of(model, info), .hop = hop};
    bool is_filled = fill(&b, model, info, 0);
    if (is_filled && hop > 0) is_filled = measure_overlap(model, info, seconds / 2.0, &result);
    if (!is_filled) {
        empty(&b);
        fprintf(stderr, "har bench: %s: no memory\n", path);
        return EXIT_SYSTEM;
    }
    const bool is_int8 = info->numeric == HAR_NUMERIC_INT8;
    result.peak = is_int8 ? peak_int8(result.feature) : peak_f32(result.feature);
    result.warm = time_warm(&b, seconds / 2.0);
    result.cold = time_cold(&b, seconds / 2.0);
    result.overhead = time_overhead(&b);
    result.open = time_open(path, b.times);
    empty(&b);
    if (as_json)
        write_bench_json(&result);
    else
        write_bench_text(&result);
    return flush_output("bench");
}

int cmd_bench(int count, char **words)
{
    bool as_json = false;
    uint32_t seconds = DEFAULT_SECONDS;
    uint32_t hop = 0;
    const arg_option accepted[] = {
        {.name = "--json", .flag = &as_json},
        {.name = "--seconds", .number = &seconds, .most = MOST_SECONDS},
        {.name = "--hop", .number = &hop, .most = UINT32_MAX},
    };
    static const char *const operand_names[] = {"MODEL"};
    const arg_spec spec = {"bench", accepted, 3, operand_names, 1};
    const char *path;
    if (!parse_args(&spec, count, words, &path)) return EXIT_USAGE;
    har_model_info info;
    int exit_status = EXIT_DONE;
    har_model *model = open_model_for("bench", path, hop, &info, &exit_status);
    if (model == NULL) return exit_status;
    if (info.class_count == 0) {
        fprintf(stderr, "har bench: %s: the model holds no network\n", path);
        exit_status = EXIT_MODEL;
    } else {
        exit_status = measure(model, &info, path, hop, seconds, as_json);
    }
    har_model_release(model);
    return exit_status;
}
