/* From what an app's sensors give to the channels of a model: units, signs, axes, mount.
 *
 * All of it is linear, so each channel is a sum of the columns of one or two sensors. */
#ifndef HARI_SIGNAL_SOURCE_H
#define HARI_SIGNAL_SOURCE_H

#include "base/memory.h"
#include "har/source.h"
#include "model/wire.h"

/* What one sensor adds to a channel: the sum of factor * column. */
typedef struct hari_term {
    uint32_t sensor;
    double factor[3];
} hari_term;

#define HARI_MAX_TERMS 2u

typedef struct hari_mix {
    hari_term terms[HARI_MAX_TERMS];
    uint32_t term_count;
} hari_mix;

/* The slowest of the rates that are stated, and `rate_hz`. */
double hari_source_slowest(const har_source *source, double rate_hz);

/* Whether the numbers of `source` are in their ranges. Errors: HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE,
 * both naming the field. */
int32_t hari_source_check(const har_source *source, har_error *error);

/* How the model's `channels` (the vector of the file) are made of the sensors of a checked source;
 * `mixes` takes one for each, or is NULL to learn whether it can be done. Errors: HAR_ERR_VALUE
 * where a channel's sensor is not there or has a unit of another kind. */
int32_t hari_source_map(const har_source *source, hari_vector channels, hari_mix *mixes,
                        har_error *error);

/* Channel `mix` of one reading of each sensor, [sensor][3]. */
float hari_mix_value(const hari_mix *mix, const double (*readings)[3]);

/* What one of `unit` is in SI units, and of what dimension; 0: no such unit. */
double hari_unit_scale(uint32_t unit);
uint32_t hari_unit_dimension(uint32_t unit);

#endif /* HARI_SIGNAL_SOURCE_H */
