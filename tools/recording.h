/* A recording: a CSV whose header names the sensor channels of a model (docs/csv-format.md). */
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

/* Opens the file at `path`, "-" for standard input, and reads its header. `model` must outlive the
 * recording. Unless the result is RECORDING_NO_MEMORY, `*opened` must be closed by the caller.
 * Columns that are no channel, t_ns or label are an error unless `ignore_extra`. */
recording_result recording_open(const char *path, const har_model *model, bool ignore_extra,
                                recording **opened);
void recording_close(recording *opened);

bool recording_has_times(const recording *opened);
bool recording_has_labels(const recording *opened);

/* One row: a value for every channel in the model's order, finite; `*time_ns`, later than the
 * row's before, when there are times; `*label`, "" for none, valid until the next row, when there
 * are labels. */
recording_result recording_read(recording *opened, float *sample, int64_t *time_ns,
                                const char **label);

/* File, line, column, value and what was expected. Valid until the recording is closed. */
const char *recording_message(const recording *opened);

#endif /* HAR_TOOLS_RECORDING_H */
