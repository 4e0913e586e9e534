/* Opens every truncation of a model and a great many copies with one bit flipped, and measures.
 *
 *     har_sweep MODEL [--truncations EVERY] [--flips COUNT] [--resealed COUNT] [--seed SEED]
 *
 * --truncations: the file cut to every length that is a multiple of EVERY from a place on that SEED
 * draws; each must be refused. --flips: one bit drawn at random is flipped; the file must be
 * refused. --resealed: likewise with the checksum made right again, so that what lies behind it is
 * reached: the file must be refused, or its labels be labels. Each must take less than 10 ms of
 * processor time (a hundred times that under a sanitizer) and no more memory than SECURITY.md
 * states. Progress goes to stderr, the worst of each kind to stdout. tests/fuzz/sweep runs it over
 * all models. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/random.h"
#include "exercise.h"
#include "poison.h"
#include "seal.h"

static const double MOST_MS = HAS_ASAN ? 1000.0 : 10.0;
static const double TELL_SECONDS = 5.0;

typedef struct sweep {
    const char *path;
    uint8_t *bytes;
    size_t size;
    float *samples; /* enough for a window */
    uint64_t random;
} sweep;

/* Of the inputs of one kind. */
typedef struct tally {
    const char *what;
    uint64_t wanted;
    uint64_t tried;
    uint64_t refused;
    uint64_t labelled;
    double total_ms;
    double worst_ms;
    uint64_t worst_input;
    size_t worst_bytes;
    uint64_t failures;
    double told_at;
} tally;

static double now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* A window of the signal; HAR_OK where every label is one of the model's. */
static int32_t label_window(har_model *model, const float *samples)
{
    har_model_info info = {.struct_size = sizeof info};
    har_stream *stream;
    har_model_get_info(model, &info);
    if (har_stream_create(model, NULL, &stream, NULL) != HAR_OK) return HAR_ERR_MEMORY;
    har_event event = {.struct_size = sizeof event};
    int32_t status = HAR_OK;
    size_t taken = 0;
    const size_t rows = (size_t)info.window + info.latency;
    for (size_t row = 0; row < rows && status >= 0; row += taken) {
        status =
            har_push_samples(stream, samples, rows - row, info.channel_count, NULL, &taken, NULL);
        while (status >= 0 && har_poll_label(stream, &event, NULL) == HAR_OK) {
            const bool is_unknown = event.class_index == -1;
            const bool is_label = is_unknown || (event.class_index >= 0 &&
                                                 (uint32_t)event.class_index < event.score_count);
            if (!is_label || event.score_count != info.class_count || !event.name)
                status = HAR_ERR_VALUE;
        }
    }
    har_stream_destroy(stream);
    return status < 0 ? status : HAR_OK;
}

/* What one input did. */
typedef struct result {
    int32_t status;
    bool is_refused;
    size_t most; /* memory; the bound is the model's */
    size_t left;
    double ms;
    har_error error;
} result;

static void run(const sweep *s, size_t size, bool may_open, result *r)
{
    usage memory = {0};
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = counting_allocator(&memory);
    har_error_init(&r->error, sizeof r->error);
    har_model *model = NULL;
    const double start = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    r->status = har_model_open_memory(s->bytes, size, &config, &model, &r->error);
    r->is_refused = r->status < 0 && r->error.status == r->status && strlen(r->error.text) > 5;
    r->most = memory.most;
    if (r->status == HAR_OK && may_open) r->status = label_window(model, s->samples);
    har_model_release(model);
    r->ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - start;
    r->left = memory.bytes;
}

static void try_bytes(const sweep *s, size_t size, bool may_open, tally *t)
{
    static result r;
    run(s, size, may_open, &r);
    double ms = r.ms;
    /* the machine takes its time now and then; the input does so each time */
    for (int again = 0; again < 3 && ms > MOST_MS / 10.0; again++) {
        run(s, size, may_open, &r);
        if (r.ms < ms) ms = r.ms;
    }
    const bool is_right = r.is_refused || (may_open && r.status == HAR_OK);
    if (!is_right || ms > MOST_MS || r.most > most_memory(size) || r.left != 0) {
        if (t->failures++ < 10)
            fprintf(stderr, "FAILED %s %s %llu: status %d, %.2f ms, %zu bytes, %zu left, \"%s\"\n",
                    s->path, t->what, (unsigned long long)t->tried, r.status, ms, r.most, r.left,
                    r.error.text);
    }
    t->refused += r.is_refused;
    t->labelled += !r.is_refused && is_right;
    t->total_ms += ms;
    if (r.most > t->worst_bytes) t->worst_bytes = r.most;
    if (ms > t->worst_ms) {
        t->worst_ms = ms;
        t->worst_input = t->tried;
    }
    t->tried++;
    const double clock = now_ms(CLOCK_MONOTONIC);
    if (clock - t->told_at < TELL_SECONDS * 1e3) return;
    t->told_at = clock;
    fprintf(stderr, "%s: %llu of %llu %s\n", s->path, (unsigned long long)t->tried,
            (unsigned long long)t->wanted, t->what);
}

static tally begin(const char *what, uint64_t wanted)
{
    return (tally){.what = what, .wanted = wanted, .told_at = now_ms(CLOCK_MONOTONIC)};
}

static uint64_t end(const sweep *s, const tally *t)
{
    printf("%s %s: %llu, refused %llu, labelled %llu, mean %.4f ms, worst %.3f ms (number %llu), "
           "most memory %zu of %zu bytes, failures %llu\n",
           s->path, t->what, (unsigned long long)t->tried, (unsigned long long)t->refused,
           (unsigned long long)t->labelled, t->total_ms / (double)(t->tried ? t->tried : 1),
           t->worst_ms, (unsigned long long)t->worst_input, t->worst_bytes, most_memory(s->size),
           (unsigned long long)t->failures);
    fflush(stdout);
    return t->failures;
}

static uint64_t truncate_all(sweep *s, uint64_t every)
{
    if (every == 0) return 0;
    tally t = begin("truncations", s->size / every);
    for (size_t length = random_u64(&s->random) % every; length < s->size; length += every) {
        ASAN_POISON_MEMORY_REGION(s->bytes + length, s->size - length);
        try_bytes(s, length, false, &t);
        ASAN_UNPOISON_MEMORY_REGION(s->bytes + length, s->size - length);
    }
    return end(s, &t);
}

static uint64_t flip_bits(sweep *s, uint64_t count, size_t checksum_at)
{
    if (count == 0) return 0;
    tally t = begin(checksum_at ? "resealed flips" : "flips", count);
    uint8_t sealed[4];
    memcpy(sealed, s->bytes + checksum_at, sizeof sealed);
    for (uint64_t i = 0; i < count; i++) {
        const size_t at = random_u64(&s->random) % s->size;
        const uint8_t bit = (uint8_t)(1u << random_u64(&s->random) % 8);
        s->bytes[at] ^= bit;
        if (checksum_at) reseal(s->bytes, s->size, checksum_at);
        try_bytes(s, s->size, checksum_at != 0, &t);
        if (checksum_at) memcpy(s->bytes + checksum_at, sealed, sizeof sealed);
        if (!checksum_at || at < checksum_at || at >= checksum_at + 4) s->bytes[at] ^= bit;
    }
    return end(s, &t);
}

/* Enough samples for a window of the undamaged model. */
static float *make_samples(const sweep *s)
{
    har_model *model;
    har_model_info info = {.struct_size = sizeof info};
    if (har_model_open_memory(s->bytes, s->size, NULL, &model, NULL) != HAR_OK) return NULL;
    har_model_get_info(model, &info);
    har_model_release(model);
    const size_t most = (size_t)1 << 24; /* a flip may ask for a longer window */
    float *samples = calloc(most, sizeof *samples);
    uint64_t random = 7;
    for (size_t i = 0; samples && i < (size_t)(info.window + info.latency) * info.channel_count;
         i++)
        samples[i] = (float)random_unit(&random);
    return samples;
}

int main(int argc, char **argv)
{
    uint64_t every = 0;
    uint64_t flips = 0;
    uint64_t resealed = 0;
    sweep s = {.path = argc > 1 ? argv[1] : "", .random = 1};
    for (int i = 2; i + 1 < argc; i += 2) {
        const uint64_t value = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--truncations") == 0) every = value;
        if (strcmp(argv[i], "--flips") == 0) flips = value;
        if (strcmp(argv[i], "--resealed") == 0) resealed = value;
        if (strcmp(argv[i], "--seed") == 0) s.random = value;
    }
    s.bytes = argc > 1 ? read_file(argv[1], &s.size) : NULL;
    s.samples = s.bytes ? make_samples(&s) : NULL;
    if (!s.samples) {
        fprintf(stderr, "usage: har_sweep MODEL [--truncations EVERY] [--flips COUNT] "
                        "[--resealed COUNT] [--seed SEED]; MODEL must open\n");
        return 2;
    }
    uint64_t failures = truncate_all(&s, every);
    failures += flip_bits(&s, flips, 0);
    failures += flip_bits(&s, resealed, find_checksum(s.bytes, s.size));
    free(s.samples);
    free(s.bytes);
    return failures > 0;
}
