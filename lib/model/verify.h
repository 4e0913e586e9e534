/* The check of the bytes: every offset, length and alignment of a FlatBuffers file, once, before
 * anything is read by meaning. */
#ifndef HARI_MODEL_VERIFY_H
#define HARI_MODEL_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "har/status.h"
#include "model/wire.h"

#define HARI_MAX_FILE_BYTES 0x7FFFFFFFu
#define HARI_MAX_TABLES 16384u /* in one vector of tables or strings */
#define HARI_MAX_STRING_BYTES 4096u

/* Checks size, identifier, the root table's place and its first field, the format version, which
 * stands there in every format. Errors: HAR_ERR_FILE_TRUNCATED, HAR_ERR_FILE_IDENTIFIER,
 * HAR_ERR_FILE_WIRE. */
int32_t hari_verify_head(const uint8_t *bytes, size_t size, hari_table *root, har_error *error);

/* Checks, from the root table on, everything the schema knows; fields of a newer schema are passed
 * over. Errors: HAR_ERR_FILE_WIRE. */
int32_t hari_verify(hari_table root, size_t size, har_error *error);

#endif /* HARI_MODEL_VERIFY_H */
