/* The names of presets and sensors on the command line and in recordings. */
#ifndef HAR_TOOLS_SOURCE_NAMES_H
#define HAR_TOOLS_SOURCE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "har/har.h"

/* All names of presets, between commas. */
extern const char preset_names[];

/* Fills `source` with the preset of that name; false where there is none. */
bool source_named(const char *name, har_source *source);

/* The number of the sensor of that name, "accelerometer" and so on, in `source`, or -1. */
int32_t sensor_named(const har_source *source, const char *name);

#endif /* HAR_TOOLS_SOURCE_NAMES_H */
