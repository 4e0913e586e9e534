/* Which vector instructions this processor and its system can run. */
#ifndef HARI_BASE_CPU_H
#define HARI_BASE_CPU_H

#include <stdint.h>

#include "har/cpu.h"
#include "har/status.h"

/* HAR_CPU_* bits; 0 where nothing can be told. Found once; any thread. */
uint32_t hari_cpu_features(void);

/* The name of one HAR_CPU_* bit, NULL for anything else. */
const char *hari_cpu_name(uint32_t feature);

/* The features that are left by the limits of the environment variable HAR_CPU and of `allowed` (0:
 * no limit). Errors: HAR_ERR_VALUE where HAR_CPU names no instruction set. */
int32_t hari_cpu_allowed(uint32_t allowed, uint32_t *features, har_error *error);

#endif /* HARI_BASE_CPU_H */
