/* A program of version 0.1: compiled with the headers of that version (tests/abi/0.1/include), run
 * with the library of today. It calls every function of 0.1 and checks what was promised then:
 *
 *  - structs of its size are taken, larger ones too (of a caller newer than the library), ones too
 *    small for any version are refused, and no byte behind a caller's struct is written;
 *  - files of format 1.0 open and reproduce their golden vectors, and the INT8 ones give the labels
 *    and scores of 0.1, bit for bit.
 *
 *     client_0_1 FOLDER_OF_FILES [LABELS]     without LABELS it prints them
 *
 * It is never changed: a new version gets a client of its own. */
#include <har/har.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEHIND = 64, ROWS = 160, MOST_CHANNELS = 8 };

#define EXPECT(holds)                                                                 \
    do {                                                                              \
        if (!(holds)) {                                                               \
            fprintf(stderr, "%s:%d: no longer so: %s\n", __FILE__, __LINE__, #holds); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

/* A struct of 0.1, of zeros, with bytes behind it that must stay. */
#define GUARDED(type, name)                 \
    struct {                                \
        type it;                            \
        unsigned char behind[BEHIND];       \
    } name;                                 \
    memset(&(name).it, 0, sizeof(name).it); \
    memset((name).behind, 0xA5, sizeof(name).behind)

static void expect_untouched(const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) EXPECT(((const unsigned char *)bytes)[i] == 0xA5);
}

/* `call` with the size of 0.1, with a larger one, and with one that holds nothing. */
#define SIZES(guarded, call)                                    \
    do {                                                        \
        (guarded).it.struct_size = sizeof(guarded).it;          \
        EXPECT((call) == HAR_OK);                               \
        EXPECT((guarded).it.struct_size == sizeof(guarded).it); \
        expect_untouched((guarded).behind, BEHIND);             \
        (guarded).it.struct_size = sizeof(guarded).it + BEHIND; \
        EXPECT((call) == HAR_OK);                               \
        memset((guarded).behind, 0xA5, BEHIND);                 \
        (guarded).it.struct_size = 4;                           \
        EXPECT((call) == HAR_ERR_STRUCT_SIZE);                  \
        (guarded).it.struct_size = sizeof(guarded).it;          \
    } while (0)

static char *path_of(const char *folder, const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s.har", folder, name);
    return path;
}

static har_model *open_model(const char *path)
{
    GUARDED(har_model_config, config);
    GUARDED(har_error, error);
    har_model_config_init(&config.it, sizeof config.it);
    EXPECT(config.it.struct_size == sizeof config.it && config.it.cpu_allowed == 0);
    har_error_init(&error.it, sizeof error.it);
    EXPECT(error.it.struct_size == sizeof error.it && error.it.byte == HAR_NO_BYTE);
    config.it.backend = HAR_BACKEND_NATIVE;
    har_model *model = NULL;
    EXPECT(har_model_open_file("absent.har", &config.it, &model, &error.it) == HAR_ERR_FILE_OPEN);
    EXPECT(model == NULL && error.it.status == HAR_ERR_FILE_OPEN && strlen(error.it.text) > 5);
    int32_t status = har_model_open_file(path, &config.it, &model, &error.it);
    if (status != HAR_OK) fprintf(stderr, "%s: %s\n", path, error.it.text);
    EXPECT(status == HAR_OK);
    expect_untouched(config.behind, BEHIND);
    expect_untouched(error.behind, BEHIND);
    config.it.struct_size = 4;
    har_model *none = model;
    EXPECT(har_model_open_file(path, &config.it, &none, NULL) == HAR_ERR_STRUCT_SIZE && !none);
    return model;
}

/* The struct as it was before it had an interval: nothing from `low` on is written. */
static void ask_measurement(const har_model *model)
{
    GUARDED(har_measurement, measurement);
    SIZES(measurement, har_model_get_measurement(model, 0, &measurement.it));
    const size_t kept = sizeof measurement.it - offsetof(har_measurement, low);
    measurement.it.struct_size = offsetof(har_measurement, low);
    memset(&measurement.it.low, 0xA5, kept);
    EXPECT(har_model_get_measurement(model, 0, &measurement.it) == HAR_OK);
    expect_untouched((const char *)&measurement.it + offsetof(har_measurement, low), kept);
}

static har_model_info ask_model(const har_model *model)
{
    GUARDED(har_model_info, info);
    GUARDED(har_channel_info, channel);
    GUARDED(har_plan_step, step);
    GUARDED(har_overlap_step, overlap);
    GUARDED(har_selftest, report);
    char text[160] = "";
    SIZES(info, har_model_get_info(model, &info.it));
    EXPECT(info.it.format_major == 1 && info.it.format_minor == 0 && info.it.hop > 0);
    SIZES(channel, har_model_get_channel(model, 0, &channel.it));
    EXPECT(strlen(channel.it.name) > 0 && strlen(channel.it.unit) > 0);
    EXPECT(har_model_get_channel(model, info.it.channel_count, &channel.it) == HAR_ERR_VALUE);
    for (int32_t which = HAR_TEXT_NAME; which <= HAR_TEXT_DEVICES; which++)
        EXPECT(har_model_text(model, which) != NULL);
    EXPECT(har_model_class_name(model, info.it.class_count) == NULL);
    if (info.it.measurement_count > 0) ask_measurement(model);
    if (info.it.signal_step_count > 0)
        EXPECT(har_model_describe_signal_step(model, 0, text, sizeof text) == HAR_OK && text[0]);
    if (info.it.class_count == 0) return info.it;
    SIZES(step, har_model_get_plan_step(model, 0, &step.it));
    SIZES(overlap, har_model_get_overlap_step(model, 0, 1, &overlap.it));
    SIZES(report, har_model_selftest(model, &report.it, NULL));
    EXPECT(report.it.checked == info.it.golden_count && report.it.golden == NULL);
    return info.it;
}

/* The same values on every machine: multiples of 1/256. */
static const float *signal_of(uint32_t channels)
{
    static float samples[ROWS * MOST_CHANNELS];
    uint32_t random = 1;
    EXPECT(channels <= MOST_CHANNELS);
    for (uint32_t i = 0; i < ROWS * channels; i++) {
        random = random * 1664525u + 1013904223u;
        samples[i] = (float)((int32_t)(random >> 23) - 256) / 256.0f;
    }
    return samples;
}

static void configs(const har_model *model, har_stream_config *config)
{
    GUARDED(har_stream_config, fresh);
    GUARDED(har_decision_config, decision);
    GUARDED(har_source, source);
    har_stream_config_init(&fresh.it, sizeof fresh.it);
    EXPECT(fresh.it.struct_size == sizeof fresh.it && fresh.it.reuse == HAR_REUSE_AUTO);
    EXPECT(har_decision_config_init(&decision.it, sizeof decision.it, model) == HAR_OK);
    EXPECT(decision.it.struct_size == sizeof decision.it && decision.it.temperature > 0.0f);
    EXPECT(har_decision_config_init(&decision.it, 4, model) == HAR_ERR_STRUCT_SIZE);
    har_source_init(&source.it, sizeof source.it, HAR_PRESET_UCI_HAR);
    EXPECT(source.it.struct_size == sizeof source.it && source.it.sensor_count == 2);
    expect_untouched(fresh.behind, BEHIND);
    expect_untouched(decision.behind, BEHIND);
    expect_untouched(source.behind, BEHIND);
    *config = fresh.it;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void show_event(FILE *labels, const har_event *event, const har_model_info *info)
{
    EXPECT(event->score_count == info->class_count && strlen(event->name) > 0);
    if (info->numeric != HAR_NUMERIC_INT8) return;
    fprintf(labels, "%d %llu %lld", (int)event->class_index,
            (unsigned long long)event->first_sample, (long long)event->t_end_ns);
    for (uint32_t i = 0; i < event->score_count; i++)
        fprintf(labels, " %08lx", (unsigned long)bits_of(event->scores[i]));
    fprintf(labels, "\n");
}

static uint32_t poll(har_stream *stream, const har_model_info *info, FILE *labels)
{
    GUARDED(har_event, event);
    uint32_t count = 0;
    event.it.struct_size = 4;
    EXPECT(har_poll_label(stream, &event.it, NULL) == HAR_ERR_STRUCT_SIZE);
    event.it.struct_size = sizeof event.it;
    int32_t status;
    while ((status = har_poll_label(stream, &event.it, NULL)) == HAR_OK) {
        show_event(labels, &event.it, info);
        count++;
    }
    EXPECT(status == HAR_AGAIN);
    expect_untouched(event.behind, BEHIND);
    EXPECT(event.it.struct_size == sizeof event.it);
    return count;
}

static void stream_model(har_model *model, const har_model_info *info, FILE *labels)
{
    GUARDED(har_stream_counters, counters);
    har_stream_config config;
    configs(model, &config);
    uint64_t needed = 0;
    EXPECT(har_stream_memory_needed(model, &config, &needed, NULL) == HAR_OK && needed > 0);
    config.arena = malloc((size_t)needed);
    config.arena_size = needed;
    har_stream *stream = NULL;
    EXPECT(config.arena && har_stream_create(model, &config, &stream, NULL) == HAR_OK);
    const float *samples = signal_of(info->channel_count);
    uint32_t events = 0;
    for (size_t row = 0; row < ROWS;) {
        size_t taken = 0;
        const size_t most = ROWS - row < 10 ? ROWS - row : 10;
        EXPECT(har_push_samples(stream, samples + row * info->channel_count, most,
                                info->channel_count, NULL, &taken, NULL) >= 0);
        row += taken;
        events += poll(stream, info, labels);
    }
    EXPECT(har_stream_flush(stream, NULL) == HAR_OK);
    events += poll(stream, info, labels);
    EXPECT(events == (ROWS - info->window) / info->hop + 1);
    SIZES(counters, har_stream_get_counters(stream, &counters.it));
    EXPECT(counters.it.windows == events && counters.it.samples == ROWS);
    EXPECT(har_push_samples(stream, samples, 1, info->channel_count, NULL, &(size_t){0}, NULL) ==
           HAR_ERR_FLUSHED);
    EXPECT(har_stream_reset(stream, NULL) == HAR_OK);
    EXPECT(har_push_sensor(stream, 0, samples, 1, 3, (const int64_t[]){0}, &(size_t){0}, NULL) ==
           HAR_ERR_SOURCE);
    har_stream_destroy(stream);
    free(config.arena);
}

/* What a stream gives for a window, at once and one by one. */
static void classify(har_model *model, const har_model_info *info)
{
    float scores[64];
    int32_t label = -2;
    GUARDED(har_event, event);
    har_stream *stream = NULL;
    EXPECT(info->class_count <= 64 && har_stream_create(model, NULL, &stream, NULL) == HAR_OK);
    float *window = calloc(ROWS * info->signal_channel_count, sizeof *window);
    EXPECT(window && har_preprocess(model, signal_of(info->channel_count), ROWS,
                                    info->channel_count, window, NULL) == HAR_OK);
    EXPECT(har_classify_batch(model, window, 1, 1, scores, &label, NULL) == HAR_OK);
    SIZES(event, har_classify_window(stream, window, info->window, info->signal_channel_count,
                                     &event.it, NULL));
    event.it.struct_size = sizeof event.it;
    EXPECT(har_classify_window(stream, window, info->window, info->signal_channel_count, &event.it,
                               NULL) == HAR_OK);
    EXPECT(label == event.it.class_index);
    EXPECT(memcmp(scores, event.it.scores, info->class_count * sizeof *scores) == 0);
    free(window);
    har_stream_destroy(stream);
}

static void run_file(const char *path, FILE *labels)
{
    har_model *model = open_model(path);
    const har_model_info info = ask_model(model);
    if (info.class_count > 0) {
        stream_model(model, &info, labels);
        classify(model, &info);
    }
    EXPECT(har_model_retain(model) == model);
    har_model_release(model);
    har_model_release(model);
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc((size_t)info.file_bytes);
    EXPECT(file && bytes && fread(bytes, 1, (size_t)info.file_bytes, file) == info.file_bytes);
    fclose(file);
    EXPECT(har_model_open_memory(bytes, (size_t)info.file_bytes, NULL, &model, NULL) == HAR_OK);
    har_model_release(model);
    free(bytes);
}

static void ask_library(void)
{
    EXPECT(har_version() >= 0x000100);
    EXPECT(har_backends() & HAR_BACKEND_NATIVE);
    EXPECT(strcmp(har_backend_name(HAR_BACKEND_NATIVE), "native") == 0);
    EXPECT(har_cpu_features() & HAR_CPU_REF);
    EXPECT(strcmp(har_cpu_name(HAR_CPU_REF), "ref") == 0 && har_cpu_name(0) == NULL);
    EXPECT(strcmp(har_status_name(HAR_ERR_FILE_CHECKSUM), "HAR_ERR_FILE_CHECKSUM") == 0);
    EXPECT(strcmp(har_status_name(-1000), "HAR_ERR_UNKNOWN") == 0);
    EXPECT(strlen(har_status_text(HAR_PARTIAL)) > 5);
    EXPECT(strcmp(har_reason_name(HAR_REASON_SENSOR_SILENT), "sensor_silent") == 0);
}

static void expect_same(FILE *found, const char *path)
{
    FILE *expected = fopen(path, "r");
    EXPECT(expected != NULL);
    rewind(found);
    int here = 0;
    for (long at = 0; here != EOF; at++) {
        here = fgetc(found);
        const int there = fgetc(expected);
        if (here != there) fprintf(stderr, "%s: another byte at %ld\n", path, at);
        EXPECT(here == there);
    }
    fclose(expected);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        "tiny_front",          "tiny_f32",           "tiny_int8",          "tiny_recurrent_f32",
        "tiny_recurrent_int8", "tiny_attention_f32", "tiny_attention_int8"};
    EXPECT(argc == 2 || argc == 3);
    FILE *labels = argc == 3 ? tmpfile() : stdout;
    EXPECT(labels != NULL);
    ask_library();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        run_file(path_of(argv[1], names[i]), labels);
    if (argc == 3) expect_same(labels, argv[2]);
    return 0;
}
