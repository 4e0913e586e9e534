/* What the readings of one sensor look like by themselves, in stretches of about a second: their
 * rate, whether they stay at the ends of the range, whether an axis stands still. */
#ifndef HARI_SIGNAL_PACE_H
#define HARI_SIGNAL_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "har/source.h"

typedef struct hari_pace {
    uint32_t columns;
    double stated_hz; /* 0: not stated */
    double least_hz;  /* below it a model's band is not there */
    float range;      /* 0: not known */
    float moving;     /* an axis that spans this much moves; 0: not known */
    uint32_t count;   /* readings of the stretch after its first */
    uint32_t at_end;  /* readings at an end of the range in a row, as far as they matter */
    uint32_t holes;   /* since the last whole stretch */
    bool has_begun;   /* whether there is a stretch */
    int64_t begin;    /* time of the stretch's first */
    float least[3];
    float most[3];
    uint32_t clipped; /* HAR_REASON_CLIPPING, once met in this stretch */
    uint32_t reasons; /* of the last whole stretch */
    double rate_hz;   /* of the last whole stretch; 0: none yet */
} hari_pace;

void hari_pace_init(hari_pace *pace, const har_source_sensor *sensor, double model_rate_hz);

void hari_pace_reset(hari_pace *pace);

/* A hole: the stretch begins anew. Where one follows the other and no stretch is ever whole, the
 * readings come at another rate than any that was stated. */
void hari_pace_break(hari_pace *pace);

void hari_pace_add(hari_pace *pace, const float *values, int64_t time_ns);

#endif /* HARI_SIGNAL_PACE_H */
