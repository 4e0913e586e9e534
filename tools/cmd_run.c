/* har run: a recording in, labels out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flight/har_flight.h"
#include "args.h"
#include "command.h"
#include "labels.h"
#include "recording.h"
#include "source_names.h"
#include "truth.h"

enum {
    LARGEST_HOP = 65536,     /* of the file format */
    LARGEST_CHUNK = 1048576, /* samples */
    LARGEST_RING = 1 << 30,  /* bytes */
    USUAL_RING = 1 << 24,
    FILE_CHUNK = 256, /* of a recording that lies in a file */
    LIVE_CHUNK = 1    /* of one that is still arriving */
};

/* With --source: a sensor this far behind another is silent. Longer than any burst of a phone. */
static const int64_t MAX_WAIT_NS = 2000000000;

typedef struct run_options {
    bool json;
    bool ignore_extra;
    bool changes;
    bool each_window;
    uint32_t hop;   /* 0: the model's */
    uint32_t chunk; /* 0: the default */
    const char *source;
    const char *record; /* NULL: no flight file */
    uint32_t ring;      /* bytes of its memory; 0: the default */
} run_options;

/* Everything between the opened files and the last label. */
typedef struct run {
    const char *model_path;
    har_model *model;
    har_model_info info;
    recording *input;
    har_source source;
    bool has_source;    /* a row of the recording is one reading of a sensor */
    har_stream *stream; /* NULL where the flight recorder has one */
    har_flight *flight; /* NULL: nothing is recorded */
    void *ring;
    truth truth;
    label_writer labels;
    uint32_t chunk;
    uint32_t waiting; /* rows in `samples` and `times_ns` */
    uint32_t sensor;  /* with a source: of the one waiting row */
    float *samples;
    int64_t *times_ns;
    uint64_t row_count;
} run;

static int report_recording(const run *self, recording_result result)
{
    if (result == RECORDING_NO_MEMORY) return report_no_memory("run");
    fprintf(stderr, "har run: %s\n", recording_message(self->input));
    return EXIT_RECORDING;
}

/* Shows every label that is due. */
static int32_t show_due_labels(run *self, har_error *error)
{
    har_event event = {.struct_size = sizeof event};
    int32_t status;
    while ((status = self->flight != NULL
                         ? har_flight_poll_label(self->flight, &event, error)
                         : har_poll_label(self->stream, &event, error)) == HAR_OK) {
        int32_t number = TRUTH_NONE;
        if (self->labels.show_truth)
            number = truth_of_window(&self->truth, event.first_sample, self->info.window);
        const char *name = number == TRUTH_NONE ? NULL : self->truth.names[number];
        labels_write(&self->labels, &event, number, name);
    }
    return status == HAR_AGAIN ? HAR_OK : status;
}

static int32_t push_rows(run *self, size_t from, size_t *taken, har_error *error)
{
    const int64_t *times_ns = recording_has_times(self->input) ? self->times_ns + from : NULL;
    uint32_t columns = self->has_source ? 3 : self->info.channel_count;
    const float *rows = self->samples + from * columns;
    if (self->flight != NULL && self->has_source)
        return har_flight_push_sensor(self->flight, self->sensor, rows, self->waiting - from,
                                      columns, times_ns, taken, error);
    if (self->flight != NULL)
        return har_flight_push_samples(self->flight, rows, self->waiting - from, columns, times_ns,
                                       taken, error);
    if (self->has_source)
        return har_push_sensor(self->stream, self->sensor, rows, self->waiting - from, columns,
                               times_ns, taken, error);
    return har_push_samples(self->stream, rows, self->waiting - from, columns, times_ns, taken,
                            error);
}

/* Pushes the waiting rows, showing labels in between where the stream's queue is full. */
static int push_waiting(run *self)
{
    har_error error;
    har_error_init(&error, sizeof error);
    size_t done = 0;
    while (done < self->waiting) {
        size_t taken = 0;
        int32_t status = push_rows(self, done, &taken, &error);
        if (status >= 0) status = show_due_labels(self, &error);
        if (status < 0) return report_error("run", self->model_path, status, &error);
        done += taken;
    }
    self->row_count += self->waiting;
    self->waiting = 0;
    return flush_output("run");
}

static int flush_stream(run *self)
{
    har_error error;
    har_error_init(&error, sizeof error);
    int32_t status;
    do {
        status = self->flight != NULL ? har_flight_flush(self->flight, &error)
                                      : har_stream_flush(self->stream, &error);
        bool more = status == HAR_PARTIAL;
        if (status >= 0) status = show_due_labels(self, &error);
        if (status >= 0 && more) status = HAR_PARTIAL;
    } while (status == HAR_PARTIAL);
    return status < 0 ? report_error("run", self->model_path, status, &error) : EXIT_DONE;
}

static int add_truth(run *self, const char *label)
{
    switch (truth_add(&self->truth, label)) {
    case TRUTH_NO_MEMORY: return report_no_memory("run");
    case TRUTH_TOO_MANY:
        fprintf(stderr, "har run: label '%.60s' is one too many: at most %d that are no class\n",
                label, TRUTH_MOST_NAMES);
        return EXIT_RECORDING;
    case TRUTH_DONE: break;
    }
    return EXIT_DONE;
}

/* Reads row after row to the end. What was read before a bad row is pushed and its labels are
 * shown first, so that the chunk size changes nothing in the output. */
static int stream_recording(run *self)
{
    for (;;) {
        recording_row row = {.values =
                                 self->samples + (size_t)self->waiting * self->info.channel_count};
        recording_result result = recording_read(self->input, &row);
        int exit_status = EXIT_DONE;
        if (result == RECORDING_ROW) {
            if (self->row_count == 0 && self->waiting == 0) self->labels.origin_ns = row.time_ns;
            self->times_ns[self->waiting++] = row.time_ns;
            self->sensor = row.sensor;
            if (self->labels.show_truth) exit_status = add_truth(self, row.label);
        }
        if (exit_status == EXIT_DONE && (result != RECORDING_ROW || self->waiting == self->chunk))
            exit_status = push_waiting(self);
        if (exit_status != EXIT_DONE) return exit_status;
        if (result == RECORDING_END) return flush_stream(self);
        if (result != RECORDING_ROW) return report_recording(self, result);
    }
}

/* The model's temperature, and nothing that looks at other windows. */
static har_decision_config decide_alone(const har_model *model)
{
    har_decision_config its;
    har_decision_config_init(&its, sizeof its, model);
    har_decision_config alone = {.struct_size = sizeof alone};
    alone.temperature = its.temperature;
    alone.abstain_below = its.abstain_below;
    return alone;
}

/* In a ring of `bytes`, 0 for the usual ones, or as many as it takes. */
static int32_t begin_flight(run *self, const har_stream_config *config, uint32_t bytes,
                            har_error *error)
{
    uint64_t least = 0;
    int32_t status = har_flight_memory_needed(self->model, config, &least, error);
    if (status != HAR_OK) return status;
    const uint64_t size = bytes != 0 ? bytes : least > USUAL_RING ? least : USUAL_RING;
    self->ring = malloc((size_t)size);
    if (self->ring == NULL) return HAR_ERR_MEMORY;
    return har_flight_begin(self->model, config, self->ring, (size_t)size, &self->flight, error);
}

static int create_stream(run *self, const run_options *options)
{
    har_error error;
    har_error_init(&error, sizeof error);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = options->hop;
    const har_decision_config alone = decide_alone(self->model);
    if (options->each_window) config.decision = &alone;
    if (self->has_source) {
        config.source = &self->source;
        config.max_wait_ns = MAX_WAIT_NS;
    }
    int32_t status = options->record != NULL
                         ? begin_flight(self, &config, options->ring, &error)
                         : har_stream_create(self->model, &config, &self->stream, &error);
    if (status == HAR_ERR_ARENA_TOO_SMALL && options->record != NULL) {
        fprintf(stderr, "har run: --ring %.0f: must be at least %.0f\n", error.value, error.bound);
        return EXIT_USAGE;
    }
    return status < 0 ? report_error("run", self->model_path, status, &error) : EXIT_DONE;
}

static int open_all(run *self, const char *recording_path, const run_options *options)
{
    int exit_status = EXIT_DONE;
    self->model = open_model("run", self->model_path, &self->info, &exit_status);
    if (self->model == NULL) return exit_status;
    if (self->info.class_count == 0) {
        har_error none = {.text = ""};
        return report_error("run", self->model_path, HAR_ERR_NO_NETWORK, &none);
    }
    if (options->hop > self->info.window) {
        fprintf(stderr, "har run: --hop %" PRIu32 ": the window of the model is %" PRIu32 "\n",
                options->hop, self->info.window);
        return EXIT_USAGE;
    }
    exit_status = create_stream(self, options);
    if (exit_status != EXIT_DONE) return exit_status;
    size_t columns = self->has_source ? 3 : self->info.channel_count;
    self->samples = calloc(self->chunk * columns, sizeof(float));
    self->times_ns = calloc(self->chunk, sizeof(int64_t));
    if (self->samples == NULL || self->times_ns == NULL ||
        !truth_begin(&self->truth, self->model, self->info.class_count))
        return report_no_memory("run");
    recording_result result =
        recording_open(recording_path, self->model, self->has_source ? &self->source : NULL,
                       options->ignore_extra, &self->input);
    return result == RECORDING_ROW ? EXIT_DONE : report_recording(self, result);
}

static void close_all(run *self)
{
    truth_end(&self->truth);
    recording_close(self->input);
    free(self->samples);
    free(self->times_ns);
    har_flight_end(self->flight);
    free(self->ring);
    har_stream_destroy(self->stream);
    har_model_release(self->model);
}

/* Also of a run that failed: what it did until then. */
static int save_flight(const run *self, const char *path, int exit_status)
{
    if (har_flight_save(self->flight, path, NULL) == HAR_OK) return exit_status;
    fprintf(stderr, "har run: %s: the flight file cannot be written\n", path);
    return EXIT_SYSTEM;
}

static int run_opened(run *self, const run_options *options)
{
    self->labels.json = options->json;
    self->labels.only_changes = options->changes;
    self->labels.class_count = self->info.class_count;
    self->labels.show_truth = recording_has_labels(self->input);
    labels_begin(&self->labels, self->model, &self->info,
                 options->hop != 0 ? options->hop : self->info.hop);
    int exit_status = stream_recording(self);
    if (self->flight != NULL) exit_status = save_flight(self, options->record, exit_status);
    if (exit_status == EXIT_DONE)
        labels_end(&self->labels, self->row_count, self->has_source ? "readings" : "samples");
    int output_status = flush_output("run");
    return exit_status != EXIT_DONE ? exit_status : output_status;
}

/* Readings go one by one: how bursts were cut changes nothing, and each may be of another sensor.
 */
static bool take_source(run *self, const char *name)
{
    self->has_source = source_named(name, &self->source);
    self->chunk = 1;
    if (!self->has_source)
        fprintf(stderr, "har run: --source %s: one of %s is expected\n", name, preset_names);
    return self->has_source;
}

/* A flight file is of its own. */
static bool check_record(const run_options *options, const char *const *paths)
{
    if (options->record == NULL) {
        if (options->ring != 0) fprintf(stderr, "har run: --ring: --record FLIGHT is missing\n");
        return options->ring == 0;
    }
    for (int i = 0; i < 2; i++) {
        if (strcmp(options->record, paths[i]) != 0) continue;
        fprintf(stderr, "har run: --record %s: that is the %s\n", options->record,
                i == 0 ? "model" : "recording");
        return false;
    }
    return true;
}

int cmd_run(int count, char **words)
{
    run_options options = {0};
    const arg_option accepted[] = {
        {.name = "--json", .flag = &options.json},
        {.name = "--ignore-extra", .flag = &options.ignore_extra},
        {.name = "--changes", .flag = &options.changes},
        {.name = "--each-window", .flag = &options.each_window},
        {.name = "--hop", .number = &options.hop, .most = LARGEST_HOP},
        {.name = "--chunk", .number = &options.chunk, .most = LARGEST_CHUNK},
        {.name = "--source", .text = &options.source},
        {.name = "--record", .text = &options.record},
        {.name = "--ring", .number = &options.ring, .most = LARGEST_RING},
    };
    static const char *const operand_names[] = {"MODEL", "RECORDING.csv"};
    const arg_spec spec = {"run", accepted, sizeof accepted / sizeof accepted[0], operand_names, 2};
    const char *paths[2];
    if (!parse_args(&spec, count, words, paths)) return EXIT_USAGE;

    if (!check_record(&options, paths)) return EXIT_USAGE;
    run self = {.model_path = paths[0]};
    uint32_t usual = strcmp(paths[1], "-") == 0 ? LIVE_CHUNK : FILE_CHUNK;
    self.chunk = options.chunk != 0 ? options.chunk : usual;
    if (options.source != NULL && !take_source(&self, options.source)) return EXIT_USAGE;
    int exit_status = open_all(&self, paths[1], &options);
    if (exit_status == EXIT_DONE) exit_status = run_opened(&self, &options);
    close_all(&self);
    return exit_status;
}
