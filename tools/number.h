/* Numbers in text, whatever the locale: the decimal mark is always a point. */
#ifndef HAR_TOOLS_NUMBER_H
#define HAR_TOOLS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the whole of `text` as a decimal such as "-0.25", "3" or "1e-3", rounded to the nearest
 * float. False for anything else: empty text, hexadecimal, "nan", "inf", a value too large. */
bool parse_float(const char *text, float *value);

/* Reads the whole of `text` as an integer. False for anything else, and out of range. */
bool parse_int64(const char *text, int64_t *value);

#endif /* HAR_TOOLS_NUMBER_H */
