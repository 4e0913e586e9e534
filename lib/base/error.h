/* Filling the caller's error record. All accept NULL and return the status, so that a failing check
 * is one line: `return hari_fail_bound(error, HAR_ERR_VALUE, hop, "at most", window,
 * "config.hop");` The last arguments are a printf format and its values that name the field. */
#ifndef HARI_BASE_ERROR_H
#define HARI_BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "har/status.h"

#if defined(__MINGW32__)
#include <stdio.h> /* which says whose formats they are */
#define HARI_PRINTF(format_index, first) \
    __attribute__((format(__MINGW_PRINTF_FORMAT, format_index, first)))
#elif defined(__GNUC__)
#define HARI_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#else
#define HARI_PRINTF(format_index, first)
#endif

/* "<field>: <text of the status>" */
int32_t hari_fail(har_error *error, int32_t status, const char *field, ...) HARI_PRINTF(3, 4);

/* "<field> <problem>" */
int32_t hari_fail_text(har_error *error, int32_t status, const char *problem, const char *field,
                       ...) HARI_PRINTF(4, 5);

/* HAR_ERR_VALUE where an array of the caller's is not aligned for its elements of `size` bytes. */
int32_t hari_check_aligned(const void *array, size_t size, const char *field, har_error *error);

/* "<field> is <value>, must be <relation> <bound>" */
int32_t hari_fail_bound(har_error *error, int32_t status, double value, const char *relation,
                        double bound, const char *field, ...) HARI_PRINTF(6, 7);

/* Adds the byte offset in the file to a record that was just filled; returns its argument. */
int32_t hari_at_byte(har_error *error, uint64_t byte, int32_t status);

/* Appends to the text of a record that was just filled; returns `status`. */
int32_t hari_explain(har_error *error, int32_t status, const char *more, ...) HARI_PRINTF(3, 4);

#endif /* HARI_BASE_ERROR_H */
