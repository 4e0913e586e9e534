#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "number.h"

/* A column holds the channel of that number, or one of these. */
enum { COLUMN_TIME = -1, COLUMN_LABEL = -2, COLUMN_EXTRA = -3 };

enum { MESSAGE_BYTES = 1024 };

struct recording {
    const char *name;
    const har_model *model;
    FILE *file;
    bool has_times;
    bool has_labels;
    bool has_rows;
    uint64_t last_line; /* of the row before */
    int64_t last_time_ns;
    size_t column_count;
    int columns[CSV_MAX_CELLS];
    char message[MESSAGE_BYTES];
    csv_reader csv;
};

static recording_result bad(recording *self, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(self->message, sizeof self->message, format, values);
    va_end(values);
    return RECORDING_BAD;
}

static recording_result bad_line(recording *self, const char *problem)
{
    return bad(self, "%s line %" PRIu64 ": %s", self->name, self->csv.line, problem);
}

static recording_result bad_cell(recording *self, const char *column, const char *value,
                                 const char *expected)
{
    if (*value == '\0') value = "an empty cell";
    return bad(self, "%s line %" PRIu64 ", column %s: found %.60s, expected %s", self->name,
               self->csv.line, column, value, expected);
}

static uint32_t channel_count(const recording *self)
{
    har_model_info info = {.struct_size = sizeof info};
    return har_model_get_info(self->model, &info) == HAR_OK ? info.channel_count : 0;
}

static har_channel_info channel_at(const recording *self, uint32_t index)
{
    har_channel_info channel = {.struct_size = sizeof channel, .name = "", .unit = ""};
    (void)har_model_get_channel(self->model, index, &channel);
    return channel;
}

static int column_of(const recording *self, const char *name)
{
    uint32_t channels = channel_count(self);
    for (uint32_t i = 0; i < channels; i++) {
        if (strcmp(name, channel_at(self, i).name) == 0) return (int)i;
    }
    if (strcmp(name, "t_ns") == 0) return COLUMN_TIME;
    if (strcmp(name, "label") == 0) return COLUMN_LABEL;
    return COLUMN_EXTRA;
}

/* The first of `count` columns that holds `wanted`, or `count`. */
static size_t find_column(const recording *self, size_t count, int wanted)
{
    size_t i = 0;
    while (i < count && self->columns[i] != wanted) i++;
    return i;
}

static recording_result read_columns(recording *self, bool ignore_extra)
{
    for (size_t i = 0; i < self->csv.cell_count; i++) {
        const char *name = self->csv.cells[i];
        int column = column_of(self, name);
        size_t earlier = find_column(self, i, column);
        if (column == COLUMN_EXTRA && !ignore_extra) {
            return bad(self,
                       "%s line %" PRIu64 ": column %zu, '%.60s', is no channel of the model, nor "
                       "t_ns or label (--ignore-extra passes over such columns)",
                       self->name, self->csv.line, i + 1, name);
        }
        if (column != COLUMN_EXTRA && earlier < i) {
            return bad(self, "%s line %" PRIu64 ": column '%s' is there twice, as %zu and %zu",
                       self->name, self->csv.line, name, earlier + 1, i + 1);
        }
        self->columns[i] = column;
    }
    self->column_count = self->csv.cell_count;
    return RECORDING_ROW;
}

static recording_result check_all_channels(recording *self)
{
    uint32_t channels = channel_count(self);
    for (uint32_t i = 0; i < channels; i++) {
        if (find_column(self, self->column_count, (int)i) == self->column_count) {
            har_channel_info channel = channel_at(self, i);
            return bad(self,
                       "%s line %" PRIu64 ": column '%s' is missing; the model needs it in %s",
                       self->name, self->csv.line, channel.name, channel.unit);
        }
    }
    return RECORDING_ROW;
}

static recording_result read_header(recording *self, bool ignore_extra)
{
    csv_result line = csv_read(&self->csv);
    if (line == CSV_ERROR) return bad_line(self, self->csv.message);
    if (line == CSV_END)
        return bad(self, "%s: is empty; a line that names the columns is expected", self->name);
    recording_result result = read_columns(self, ignore_extra);
    if (result == RECORDING_ROW) result = check_all_channels(self);
    if (result == RECORDING_BAD) return result;
    self->has_times = find_column(self, self->column_count, COLUMN_TIME) < self->column_count;
    self->has_labels = find_column(self, self->column_count, COLUMN_LABEL) < self->column_count;
    return result;
}

recording_result recording_open(const char *path, const har_model *model, bool ignore_extra,
                                recording **opened)
{
    recording *self = malloc(sizeof *self);
    *opened = self;
    if (self == NULL) return RECORDING_NO_MEMORY;
    bool standard_input = strcmp(path, "-") == 0;
    self->name = standard_input ? "standard input" : path;
    self->model = model;
    self->has_rows = false;
    self->file = standard_input ? stdin : fopen(path, "rb");
    if (self->file == NULL)
        return bad(self, "%s: cannot be opened: %s", self->name, strerror(errno));
    csv_begin(&self->csv, self->file);
    return read_header(self, ignore_extra);
}

void recording_close(recording *opened)
{
    if (opened == NULL) return;
    if (opened->file != NULL && opened->file != stdin) fclose(opened->file);
    free(opened);
}

bool recording_has_times(const recording *opened) { return opened->has_times; }

bool recording_has_labels(const recording *opened) { return opened->has_labels; }

const char *recording_message(const recording *opened) { return opened->message; }

static recording_result read_time(recording *self, const char *cell, int64_t *time_ns)
{
    if (!parse_int64(cell, time_ns))
        return bad_cell(self, "t_ns", cell, "a whole number of nanoseconds");
    if (self->has_rows && *time_ns <= self->last_time_ns) {
        return bad(self,
                   "%s line %" PRIu64 ", column t_ns: found %" PRId64
                   ", expected a time later than %" PRId64 " of line %" PRIu64,
                   self->name, self->csv.line, *time_ns, self->last_time_ns, self->last_line);
    }
    self->last_time_ns = *time_ns;
    return RECORDING_ROW;
}

static recording_result read_cell(recording *self, size_t index, float *sample, int64_t *time_ns,
                                  const char **label)
{
    const char *cell = self->csv.cells[index];
    int column = self->columns[index];
    if (column == COLUMN_TIME) return read_time(self, cell, time_ns);
    if (column == COLUMN_LABEL) *label = cell;
    if (column >= 0 && !parse_float(cell, &sample[column])) {
        return bad_cell(self, channel_at(self, (uint32_t)column).name, cell,
                        "a finite decimal number such as -0.25 or 1e-3");
    }
    return RECORDING_ROW;
}

recording_result recording_read(recording *opened, float *sample, int64_t *time_ns,
                                const char **label)
{
    csv_result line = csv_read(&opened->csv);
    if (line == CSV_ERROR) return bad_line(opened, opened->csv.message);
    if (line == CSV_END) {
        if (opened->has_rows) return RECORDING_END;
        return bad(opened, "%s: holds no sample after its header", opened->name);
    }
    if (opened->csv.cell_count != opened->column_count) {
        return bad(opened, "%s line %" PRIu64 ": found %zu cells, expected %zu as in the header",
                   opened->name, opened->csv.line, opened->csv.cell_count, opened->column_count);
    }
    for (size_t i = 0; i < opened->column_count; i++) {
        if (read_cell(opened, i, sample, time_ns, label) != RECORDING_ROW) return RECORDING_BAD;
    }
    opened->has_rows = true;
    opened->last_line = opened->csv.line;
    return RECORDING_ROW;
}
