#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "number.h"
#include "source_names.h"

/* A column holds the value of that number, or one of these. */
enum { COLUMN_TIME = -1, COLUMN_LABEL = -2, COLUMN_EXTRA = -3, COLUMN_SENSOR = -4 };

enum { MESSAGE_BYTES = 1024 };

struct recording {
    const char *name;
    const har_model *model;
    const har_source *source; /* NULL: a row holds all channels */
    FILE *file;
    bool has_times;
    bool has_labels;
    bool has_rows;
    struct {
        bool is_there;
        uint64_t line;
        int64_t time_ns;
    } last[HAR_MAX_SENSORS]; /* the row before, of each sensor; without a source [0] */
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

static uint32_t value_count(const recording *self)
{
    if (self->source != NULL) return 3;
    har_model_info info = {.struct_size = sizeof info};
    return har_model_get_info(self->model, &info) == HAR_OK ? info.channel_count : 0;
}

/* Name and unit of a value: a channel of the model, or an axis in the unit of the source. */
static har_channel_info value_at(const recording *self, uint32_t index)
{
    static const char *const axes[] = {"x", "y", "z"};
    har_channel_info channel = {.struct_size = sizeof channel, .name = "", .unit = ""};
    if (self->source != NULL) {
        channel.name = axes[index];
        channel.unit = "the unit of --source";
        return channel;
    }
    (void)har_model_get_channel(self->model, index, &channel);
    return channel;
}

static int column_of(const recording *self, const char *name)
{
    uint32_t values = value_count(self);
    for (uint32_t i = 0; i < values; i++) {
        if (strcmp(name, value_at(self, i).name) == 0) return (int)i;
    }
    if (strcmp(name, "t_ns") == 0) return COLUMN_TIME;
    if (self->source == NULL) return strcmp(name, "label") == 0 ? COLUMN_LABEL : COLUMN_EXTRA;
    return strcmp(name, "sensor") == 0 ? COLUMN_SENSOR : COLUMN_EXTRA;
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
                       "%s line %" PRIu64 ": column %zu, '%.60s', is %s (--ignore-extra passes "
                       "over such columns)",
                       self->name, self->csv.line, i + 1, name,
                       self->source == NULL ? "no channel of the model, nor t_ns or label"
                                            : "none of t_ns, sensor, x, y, z");
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

static bool has_column(const recording *self, int wanted)
{
    return find_column(self, self->column_count, wanted) < self->column_count;
}

static recording_result check_all_columns(recording *self)
{
    bool has_sensors = has_column(self, COLUMN_SENSOR) && has_column(self, COLUMN_TIME);
    if (self->source != NULL && !has_sensors) {
        return bad(self,
                   "%s line %" PRIu64 ": column '%s' is missing; with --source each line has t_ns, "
                   "sensor, x, y, z",
                   self->name, self->csv.line, has_column(self, COLUMN_TIME) ? "sensor" : "t_ns");
    }
    uint32_t values = value_count(self);
    for (uint32_t i = 0; i < values; i++) {
        if (!has_column(self, (int)i)) {
            har_channel_info channel = value_at(self, i);
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
    if (result == RECORDING_ROW) result = check_all_columns(self);
    if (result == RECORDING_BAD) return result;
    self->has_times = has_column(self, COLUMN_TIME);
    self->has_labels = has_column(self, COLUMN_LABEL);
    return result;
}

recording_result recording_open(const char *path, const har_model *model, const har_source *source,
                                bool ignore_extra, recording **opened)
{
    recording *self = calloc(1, sizeof *self);
    *opened = self;
    if (self == NULL) return RECORDING_NO_MEMORY;
    bool standard_input = strcmp(path, "-") == 0;
    self->name = standard_input ? "standard input" : path;
    self->model = model;
    self->source = source;
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

/* What har_push_sensor takes. */
static const int64_t MOST_TIME_NS = INT64_C(1) << 62;

/* A row of samples comes later than the one before; a reading may come at the time of the one
 * before of its sensor, which the library counts. */
static recording_result check_time(recording *self, const recording_row *row)
{
    if (self->source != NULL && (row->time_ns <= -MOST_TIME_NS || row->time_ns >= MOST_TIME_NS)) {
        return bad(self,
                   "%s line %" PRIu64 ", column t_ns: found %" PRId64
                   ", expected a time within %" PRId64 " of 0",
                   self->name, self->csv.line, row->time_ns, MOST_TIME_NS);
    }
    bool may_equal = self->source != NULL;
    const int64_t last_ns = self->last[row->sensor].time_ns;
    bool is_late = row->time_ns > last_ns || (may_equal && row->time_ns == last_ns);
    if (self->last[row->sensor].is_there && self->has_times && !is_late) {
        return bad(self,
                   "%s line %" PRIu64 ", column t_ns: found %" PRId64
                   ", expected a time %s %" PRId64 " of line %" PRIu64,
                   self->name, self->csv.line, row->time_ns,
                   may_equal ? "not earlier than" : "later than", last_ns,
                   self->last[row->sensor].line);
    }
    self->last[row->sensor].is_there = true;
    self->last[row->sensor].line = self->csv.line;
    self->last[row->sensor].time_ns = row->time_ns;
    return RECORDING_ROW;
}

static recording_result read_sensor(recording *self, const char *cell, recording_row *row)
{
    int32_t sensor = sensor_named(self->source, cell);
    if (sensor < 0) return bad_cell(self, "sensor", cell, "a sensor of the preset of --source");
    row->sensor = (uint32_t)sensor;
    return RECORDING_ROW;
}

static recording_result read_cell(recording *self, size_t index, recording_row *row)
{
    const char *cell = self->csv.cells[index];
    int column = self->columns[index];
    if (column == COLUMN_TIME && !parse_int64(cell, &row->time_ns))
        return bad_cell(self, "t_ns", cell, "a whole number of nanoseconds");
    if (column == COLUMN_SENSOR) return read_sensor(self, cell, row);
    if (column == COLUMN_LABEL) row->label = cell;
    if (column >= 0 && !parse_float(cell, &row->values[column])) {
        return bad_cell(self, value_at(self, (uint32_t)column).name, cell,
                        "a finite decimal number such as -0.25 or 1e-3");
    }
    return RECORDING_ROW;
}

recording_result recording_read(recording *opened, recording_row *row)
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
    row->sensor = 0;
    row->label = "";
    for (size_t i = 0; i < opened->column_count; i++) {
        if (read_cell(opened, i, row) != RECORDING_ROW) return RECORDING_BAD;
    }
    opened->has_rows = true;
    return check_time(opened, row);
}
