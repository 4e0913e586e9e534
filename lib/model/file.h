/* A model file that lies in memory: the way from bytes to tables that may be read by meaning. */
#ifndef HARI_MODEL_FILE_H
#define HARI_MODEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/status.h"
#include "model/schema.h"
#include "model/wire.h"

/* Checks the bytes, the checksum, the format version and the required features. The bytes stay the
 * caller's and must outlive `*root`. `scratch` lends 8 KB for the time of the call. Errors:
 * HAR_ERR_FILE_*, HAR_ERR_MEMORY. */
int32_t hari_file_open(const uint8_t *bytes, size_t size, hari_pool *scratch, hari_table *root,
                       har_error *error);

#endif /* HARI_MODEL_FILE_H */
