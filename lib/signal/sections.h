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
 * rate. Section by section, because channels do not wait for each other. */
static inline void hari_sections_run(const hari_signal_step *step, double *state, double *values)
{
    const uint32_t each = hari_sections_state(step);
    for (uint32_t s = 0; s < step->section_count; s++) {
        const hari_section c = step->sections[s];
        double *z = state + 2 * s;
        for (uint32_t i = 0; i < step->channel_count; i++, z += each) {
            const double x = values[i];
            const double y = c.b0 * x + z[0];
            z[0] = c.b1 * x - c.a1 * y + z[1];
            z[1] = c.b2 * x - c.a2 * y;
            values[i] = y;
        }
    }
}

/* "0-2,5": the channels of a step, for people. */
void hari_describe_channels(const hari_signal_step *step, char *text, size_t size);

#endif /* HARI_SIGNAL_SECTIONS_H */
