/* A recording: a CSV whose header names the sensor channels of a model, or one with a line for each
 * reading of a sensor (docs/csv-format.md). */
#ifndef HAR_TOOLS_RECORDING_H
#define HAR_TOOLS_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "har/har.h"

typedef enum recording_result {
    RECORDING_ROW,
    RECORDING_END,
    RECORDING_BAD, /* recording_message says why */
    RECORDING_NO_MEMORY
} recording_result;

typedef struct recording recording;

/* Opens the file at `path`, "-" for standard input, and reads its header. `model` and `source` must
 * outlive the recording. With a `source` a row is one reading of one of its sensors; NULL: a row is
 * a sample of all channels. Unless the result is RECORDING_NO_MEMORY, `*opened` must be closed by
 * the caller. Columns that are none of those are an error unless `ignore_extra`. */
recording_result recording_open(const char *path, const har_model *model, const har_source *source,
                                bool ignore_extra, recording **opened);
void recording_close(recording *opened);

bool recording_has_times(const recording *opened);
bool recording_has_labels(const recording *opened);

/* One row, its values finite, valid until the next. */
typedef struct recording_row {
    float *values;     /* of the caller: one for every channel in the model's order; with a source
                          x, y, z */
    int64_t time_ns;   /* where there are times; later than the row's before, with a source not
                          earlier than the last of the same sensor */
    const char *label; /* where there are labels; "": none */
    uint32_t sensor;   /* with a source: its number there */
} recording_row;

recording_result recording_read(recording *opened, recording_row *row);

/* File, line, column, value and what was expected. Valid until the recording is closed. */
const char *recording_message(const recording *opened);

#endif /* HAR_TOOLS_RECORDING_H */
