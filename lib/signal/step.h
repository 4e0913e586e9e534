/* What a signal step is: a plain description made from the file, and functions on a row of doubles.
 *
 * A row holds one sample; a step takes it as the step before left it and changes it in place. State
 * is a run of doubles per step, owned by the stream, zero at the start. */
#ifndef HARI_SIGNAL_STEP_H
#define HARI_SIGNAL_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/status.h"
#include "model/wire.h"

#define HARI_MAX_CHANNELS 256u
#define HARI_MAX_SIGNAL_STEPS 64u
#define HARI_MAX_SIGNAL_COLUMNS 1024u
#define HARI_MAX_SECTIONS 32u

/* y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2] */
typedef struct hari_section {
    double b0, b1, b2, a1, a2;
} hari_section;

typedef struct hari_signal_step {
    const struct hari_signal_step_type *type;
    uint16_t *channels; /* columns that the step works on */
    uint32_t channel_count;
    uint32_t columns_in;
    uint32_t columns_out;
    uint32_t latency;      /* rows by which the output lags behind the input */
    uint32_t state_values; /* doubles */
    hari_section *sections;
    uint32_t section_count;
    double *scale;
    double *offset;
    uint32_t order; /* what the card says of the sections */
    uint32_t kind;  /* FilterKind of the schema */
    double cutoff_hz;
} hari_signal_step;

typedef struct hari_signal_step_type {
    /* Fills the parts of `step` that are the type's own from its table; `columns_in`, `type` and
     * the channels are there already. `path` names the step in errors. */
    int32_t (*build)(hari_signal_step *step, hari_table params, hari_pool *pool, const char *path,
                     har_error *error);
    /* One row through the step. False: the row was kept, nothing comes out (latency). */
    bool (*push)(const hari_signal_step *step, double *state, double *row);
    /* After the last row: brings out one of the `latency` rows still held; false when none is. */
    bool (*drain)(const hari_signal_step *step, double *state, double *row);
    /* The adjoint, of a step that is linear but for offsets; NULL: it is not. Rows come from the
     * last to the first, each with a gradient by the output, and leave with one by the input; the
     * state is zero at the last. */
    bool (*back)(const hari_signal_step *step, double *state, double *row);
    void (*describe)(const hari_signal_step *step, char *text, size_t size);
    bool reorders; /* names channels in any order, repeats allowed */
} hari_signal_step_type;

extern const hari_signal_step_type hari_median_step;
extern const hari_signal_step_type hari_filter_step;
extern const hari_signal_step_type hari_gravity_split_step;
extern const hari_signal_step_type hari_scale_step;
extern const hari_signal_step_type hari_select_step;

#endif /* HARI_SIGNAL_STEP_H */
