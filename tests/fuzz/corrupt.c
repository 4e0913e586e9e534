/* Damages a model file in every way that is quick to try, and expects a clear error or the same
 * labels.
 *
 *     har_corrupt MODEL COUNT SEED [--reseal]
 *
 * Without --reseal: every truncation, then COUNT random corruptions; each must be refused with a
 * text, or give the scores of the undamaged file. With --reseal: COUNT corruptions with the
 * checksum made right again, which reach the checks behind it; any labels will do, but nothing may
 * crash, hang or take more memory than stated. Under AddressSanitizer the bytes past a truncation
 * are poisoned. */
#define _POSIX_C_SOURCE 200112L /* posix_memalign */

#include <har/har.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crc32.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

enum { ROWS = 160, MOST_SCORES = 4096, MOST_CHANGES = 8, MOST_CHANNELS = 256 };

static const double MOST_SECONDS = 1.0;

/* Scores of all labels of the fixed signal, and the number of them. */
typedef struct outcome {
    int32_t status;
    size_t count;
    float scores[MOST_SCORES];
    har_error error;
} outcome;

/* Memory that the allocator of this program has given. */
typedef struct usage {
    size_t bytes;
    size_t most;
} usage;

static void *count_allocate(void *user, size_t size, size_t alignment)
{
    usage *u = user;
    void *memory = NULL;
    if (size > ((size_t)1 << 31) || posix_memalign(&memory, alignment, size) != 0) return NULL;
    u->bytes += size;
    if (u->bytes > u->most) u->most = u->bytes;
    return memory;
}

static void count_release(void *user, void *memory, size_t size)
{
    usage *u = user;
    u->bytes -= size;
    free(memory);
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void take_labels(har_stream *stream, outcome *o)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, &o->error) == HAR_OK)
        for (uint32_t i = 0; i < event.score_count && o->count < MOST_SCORES; i++)
            o->scores[o->count++] = event.scores[i];
}

/* The signal steps alone, of a model that has no network. */
static void run_preprocess(har_model *model, const float *samples, const har_model_info *info,
                           outcome *o)
{
    float *rows = calloc((size_t)ROWS * info->signal_channel_count, sizeof *rows);
    if (!rows) return;
    o->status = har_preprocess(model, samples, ROWS, info->channel_count, rows, &o->error);
    o->count = (size_t)ROWS * info->signal_channel_count;
    if (o->count > MOST_SCORES) o->count = MOST_SCORES;
    memcpy(o->scores, rows, o->count * sizeof *rows);
    free(rows);
}

/* Streams the fixed signal through a model. */
static void run_model(har_model *model, outcome *o)
{
    har_model_info info = {.struct_size = sizeof info};
    har_model_get_info(model, &info);
    static float samples[ROWS * MOST_CHANNELS];
    uint64_t random = 7;
    for (size_t i = 0; i < (size_t)ROWS * info.channel_count; i++)
        samples[i] = (float)(next_random(&random) % 2001) * 0.001f - 1.0f;
    if (info.class_count == 0) {
        run_preprocess(model, samples, &info, o);
        return;
    }
    har_stream *stream;
    o->status = har_stream_create(model, NULL, &stream, &o->error);
    if (o->status != HAR_OK) return;
    for (size_t row = 0; row < ROWS;) {
        size_t taken = 0;
        o->status = har_push_samples(stream, samples + row * info.channel_count, ROWS - row,
                                     info.channel_count, NULL, &taken, &o->error);
        if (o->status < 0) break;
        row += taken;
        take_labels(stream, o);
        o->status = HAR_OK;
    }
    har_stream_destroy(stream);
}

/* Asks the model for all that it can say of itself. */
static void describe_model(const har_model *model)
{
    char text[160];
    har_model_info info = {.struct_size = sizeof info};
    har_channel_info channel = {.struct_size = sizeof channel};
    har_measurement measurement = {.struct_size = sizeof measurement};
    har_plan_step step = {.struct_size = sizeof step};
    har_overlap_step overlap = {.struct_size = sizeof overlap};
    har_selftest report = {.struct_size = sizeof report};
    size_t letters = 0;
    har_model_get_info(model, &info);
    for (int32_t which = HAR_TEXT_NAME; which <= HAR_TEXT_SOURCE; which++)
        letters += strlen(har_model_text(model, which));
    for (uint32_t i = 0; i < info.class_count; i++)
        letters += strlen(har_model_class_name(model, i));
    for (uint32_t i = 0; har_model_get_channel(model, i, &channel) == HAR_OK; i++)
        letters += strlen(channel.name) + strlen(channel.kind) + strlen(channel.axis) +
                   strlen(channel.unit) + strlen(channel.placement);
    for (uint32_t i = 0; har_model_get_measurement(model, i, &measurement) == HAR_OK; i++)
        letters += strlen(measurement.metric) + strlen(measurement.split);
    for (uint32_t i = 0; har_model_get_plan_step(model, i, &step) == HAR_OK; i++)
        letters += strlen(step.name) + strlen(step.op) + strlen(step.fused) + strlen(step.kernel);
    for (uint32_t i = 0; har_model_get_overlap_step(model, i, 1, &overlap) == HAR_OK; i++)
        letters += strlen(overlap.note) + strlen(overlap.kernel);
    for (uint32_t i = 0; i < info.signal_step_count; i++)
        har_model_describe_signal_step(model, i, text, sizeof text);
    har_model_selftest(model, &report, NULL);
    if (letters == SIZE_MAX) abort(); /* every text was read */
}

/* Explains the model's last window in every way, and gives it no say in the scores. */
static void explain_model(har_model *model)
{
    har_model_info info = {.struct_size = sizeof info};
    har_explainer *explainer;
    if (har_model_get_info(model, &info) != HAR_OK || info.class_count == 0) return;
    if (har_explainer_create(model, NULL, &explainer, NULL) != HAR_OK) return;
    const size_t values = (size_t)info.window * info.signal_channel_count;
    float *window = calloc(values, sizeof *window);
    uint64_t random = 7;
    for (size_t i = 0; window && i < values; i++)
        window[i] = (float)(next_random(&random) % 2001) * 0.001f - 1.0f;
    har_explain_options options;
    har_explain_options_init(&options, sizeof options);
    float sum = 0.0f;
    for (uint32_t method = 0; window && method <= HAR_EXPLAIN_ATTENTION; method++) {
        if (method == HAR_EXPLAIN_OCCLUSION) continue; /* as many windows as it has columns */
        options.method = method;
        har_explanation found = {.struct_size = sizeof found};
        if (har_explain_window(explainer, window, info.window, info.signal_channel_count, &options,
                               &found, NULL) != HAR_OK)
            continue;
        for (size_t i = 0; i < (size_t)found.rows * found.columns; i++) sum += found.values[i];
    }
    if (sum == 0x1p100f) abort(); /* every value was read */
    free(window);
    har_explainer_destroy(explainer);
}

static void run_bytes(const uint8_t *bytes, size_t size, usage *memory, outcome *o)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = (har_allocator){memory, count_allocate, count_release};
    har_error_init(&o->error, sizeof o->error);
    o->count = 0;
    har_model *model = NULL;
    o->status = har_model_open_memory(bytes, size, &config, &model, &o->error);
    if (o->status == HAR_OK) {
        const size_t most = memory->most; /* the bound is the model's; a self-test makes a stream */
        describe_model(model);
        run_model(model, o);
        explain_model(model);
        memory->most = most;
    }
    har_model_release(model);
}

static bool is_refused(const outcome *o)
{
    return o->status < 0 && o->error.status == o->status && strlen(o->error.text) > 5;
}

static bool is_same(const outcome *o, const outcome *pristine)
{
    return o->status == HAR_OK && o->count == pristine->count &&
           memcmp(o->scores, pristine->scores, o->count * sizeof o->scores[0]) == 0;
}

/* One change of a few bytes at a place drawn at random. */
static void damage(uint8_t *bytes, size_t size, uint64_t *random)
{
    const size_t at = next_random(random) % size;
    const size_t word = at & ~(size_t)3;
    uint32_t value;
    switch (next_random(random) % 6) {
    case 0: bytes[at] ^= (uint8_t)(1u << next_random(random) % 8); break;
    case 1: bytes[at] = 0; break;
    case 2: bytes[at] = 0xFF; break;
    case 3: bytes[at] = (uint8_t)next_random(random); break;
    case 4: {
        const size_t other = next_random(random) % size;
        const uint8_t kept = bytes[at];
        bytes[at] = bytes[other];
        bytes[other] = kept;
        break;
    }
    default: /* an integer off by a little */
        if (word + 4 > size) break;
        memcpy(&value, bytes + word, 4);
        value += (uint32_t)(next_random(random) % 9) - 4u;
        memcpy(bytes + word, &value, 4);
    }
}

/* Where the checksum stands: found by looking for its value. */
static size_t find_checksum(const uint8_t *bytes, size_t size, const hari_crc32_table *table)
{
    const uint8_t zeros[4] = {0};
    for (size_t at = 0; at + 4 <= size && at < 4096; at += 4) {
        uint32_t crc = hari_crc32(table, 0, bytes, at);
        crc = hari_crc32(table, crc, zeros, 4);
        crc = hari_crc32(table, crc, bytes + at + 4, size - at - 4);
        if (memcmp(&crc, bytes + at, 4) == 0) return at;
    }
    return 0;
}

static void reseal(uint8_t *bytes, size_t size, size_t at, const hari_crc32_table *table)
{
    memset(bytes + at, 0, 4);
    const uint32_t crc = hari_crc32(table, 0, bytes, size);
    memcpy(bytes + at, &crc, 4);
}

static int report(const char *what, size_t number, const outcome *o)
{
    fprintf(stderr, "FAILED %s %zu: status %d (%s), %zu scores, text \"%s\"\n", what, number,
            o->status, har_status_name(o->status), o->count, o->error.text);
    return 1;
}

static int try_truncations(uint8_t *bytes, size_t size, const outcome *pristine)
{
    static outcome o;
    int failures = 0;
    usage memory = {0};
    for (size_t length = size; length-- > 0 && failures < 10;) {
        ASAN_POISON_MEMORY_REGION(bytes + length, size - length);
        run_bytes(bytes, length, &memory, &o);
        if (!is_refused(&o) && !is_same(&o, pristine)) failures += report("truncation", length, &o);
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes, size);
    printf("%zu truncations, %d failures\n", size, failures);
    return failures;
}

static int try_corruptions(const uint8_t *original, uint8_t *bytes, size_t size, size_t count,
                           uint64_t seed, bool reseals, const outcome *pristine)
{
    static outcome o;
    static hari_crc32_table table;
    hari_crc32_table_init(&table);
    const size_t checksum_at = reseals ? find_checksum(original, size, &table) : 0;
    if (reseals && checksum_at == 0) return report("finding the checksum", 0, pristine);
    size_t refused = 0;
    int failures = 0;
    for (size_t i = 0; i < count && failures < 10; i++) {
        uint64_t random = seed * 1000003u + i;
        memcpy(bytes, original, size);
        do {
            const size_t changes = 1 + next_random(&random) % MOST_CHANGES;
            for (size_t c = 0; c < changes; c++) damage(bytes, size, &random);
        } while (memcmp(bytes, original, size) == 0); /* a zero made zero is no damage */
        if (reseals) reseal(bytes, size, checksum_at, &table);
        usage memory = {0};
        const clock_t start = clock();
        run_bytes(bytes, size, &memory, &o);
        const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        const bool is_right =
            is_refused(&o) || (reseals ? o.status == HAR_OK : is_same(&o, pristine));
        const bool is_bounded = memory.bytes == 0 && memory.most <= ((size_t)1 << 20) + 16 * size &&
                                seconds < MOST_SECONDS;
        if (!is_right || !is_bounded) failures += report("corruption", i, &o);
        refused += o.status < 0;
    }
    printf("%zu corruptions, %zu refused, %d failures\n", count, refused, failures);
    return failures;
}

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    fseek(file, 0, SEEK_SET);
    void *bytes = NULL;
    if (posix_memalign(&bytes, 64, *size) != 0 || fread(bytes, 1, *size, file) != *size)
        bytes = NULL;
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: har_corrupt MODEL COUNT SEED [--reseal]\n");
        return 2;
    }
    const size_t count = strtoull(argv[2], NULL, 10);
    const uint64_t seed = strtoull(argv[3], NULL, 10);
    const bool reseals = argc > 4 && strcmp(argv[4], "--reseal") == 0;
    size_t size;
    uint8_t *original = read_file(argv[1], &size);
    uint8_t *bytes = original ? read_file(argv[1], &size) : NULL;
    if (!bytes) {
        fprintf(stderr, "%s cannot be read\n", argv[1]);
        return 2;
    }
    static outcome pristine;
    usage memory = {0};
    run_bytes(original, size, &memory, &pristine);
    if (pristine.status != HAR_OK) return report("opening", 0, &pristine);
    printf("%s: seed %llu, %zu scores\n", argv[1], (unsigned long long)seed, pristine.count);
    int failures = reseals ? 0 : try_truncations(bytes, size, &pristine);
    failures += try_corruptions(original, bytes, size, count, seed, reseals, &pristine);
    free(original);
    free(bytes);
    return failures > 0;
}
