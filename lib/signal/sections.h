/* Cascades of second-order sections, as a Butterworth design gives them. */
#ifndef HARI_SIGNAL_SECTIONS_H
#define HARI_SIGNAL_SECTIONS_H

#include "signal/step.h"

/* Doubles of state for one channel. */
static inline uint32_t hari_sections_state(const hari_signal_step *step)
{
    return 2 * step->section_count;
}

/* Reads and checks the sections of a filter: 1 to 32, finite, stable. */
int32_t hari_sections_build(hari_signal_step *step, hari_vector sections, hari_pool *pool,
                            const char *path, har_error *error);

/* One value of each of the step's channels through the cascade, in transposed direct form II: the
 * form whose two states stay small when the poles lie near 1, as they do for cutoffs far below the
 * rate. */
void hari_sections_run(const hari_signal_step *step, double *state, double *values);

/* "0-2,5": the channels of a step, for people. */
void hari_describe_channels(const hari_signal_step *step, char *text, size_t size);

#endif /* HARI_SIGNAL_SECTIONS_H */
