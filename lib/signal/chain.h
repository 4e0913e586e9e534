/* The signal steps of a model in their order: what happens to samples between the push and the
 * window. One implementation serves streams, whole recordings and training; every row takes the
 * same path, so all three give the same bits. */
#ifndef HARI_SIGNAL_CHAIN_H
#define HARI_SIGNAL_CHAIN_H

#include "signal/step.h"

typedef struct hari_chain {
    hari_signal_step *steps;
    uint32_t step_count;
    uint32_t columns_in;   /* sensor channels */
    uint32_t columns_out;  /* after the last step */
    uint32_t columns_max;  /* widest row on the way */
    uint32_t latency;      /* rows */
    uint32_t state_values; /* doubles of all steps */
} hari_chain;

/* Reads and checks the steps of a Signal table; `chain` points into `pool` afterwards.
 * Errors: HAR_ERR_FILE_MEANING, HAR_ERR_MEMORY. */
int32_t hari_chain_build(hari_chain *chain, hari_table signal, hari_pool *pool, har_error *error);

/* One way of samples through a chain. */
typedef struct hari_chain_state {
    double *row;         /* columns_max */
    double *values;      /* state_values */
    uint32_t drain_step; /* while draining: the step whose held rows come out */
    uint32_t drained;    /* rows that this step has given */
} hari_chain_state;

/* Takes the state's memory from `layout`. */
void hari_chain_layout(const hari_chain *chain, hari_chain_state *state, hari_layout *layout);

/* Back to the start of a recording. */
void hari_chain_reset(const hari_chain *chain, hari_chain_state *state);

/* One sample in; true: a row came out into `output` (columns_out values). */
bool hari_chain_push(const hari_chain *chain, hari_chain_state *state, const float *sample,
                     float *output);

/* After the last sample: true when one more row came out, false when none is left. */
bool hari_chain_drain(const hari_chain *chain, hari_chain_state *state, float *output);

/* The step from which on all are linear; step_count where the last is not. */
uint32_t hari_chain_linear_from(const hari_chain *chain);

/* A row of a gradient, from the columns after the last step to those before step `first`. Rows come
 * from the last to the first, of a state that was reset. */
void hari_chain_back(const hari_chain *chain, hari_chain_state *state, uint32_t first,
                     const float *output, float *input);

#endif /* HARI_SIGNAL_CHAIN_H */
