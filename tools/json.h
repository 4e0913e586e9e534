/* JSON on a file, value after value; commas and escapes are put where they belong.
 *
 *     json_writer json = json_begin(stdout);
 *     json_open(&json, NULL, '{');
 *     json_text(&json, "name", "walk \"fast\"");
 *     json_close(&json, '}');
 *     json_end_line(&json);
 *
 * `key` is NULL for an element of an array and for the outermost value. */
#ifndef HAR_TOOLS_JSON_H
#define HAR_TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct json_writer {
    FILE *file;
    bool needs_comma;
} json_writer;

json_writer json_begin(FILE *file);

/* `bracket` is '{' or '[', and '}' or ']'. */
void json_open(json_writer *json, const char *key, char bracket);
void json_close(json_writer *json, char bracket);

/* NULL becomes null. `text` is UTF-8 and is kept as it is, but for what JSON escapes. */
void json_text(json_writer *json, const char *key, const char *text);
void json_bool(json_writer *json, const char *key, bool value);
void json_int(json_writer *json, const char *key, int64_t value);
void json_uint(json_writer *json, const char *key, uint64_t value);

/* With as many digits as give the same float (9) or double (17) back; NaN and infinity, which JSON
 * does not have, become null. */
void json_float(json_writer *json, const char *key, float value);
void json_double(json_writer *json, const char *key, double value);

/* Ends the line after the outermost value, so that the next value is a new document. */
void json_end_line(json_writer *json);

#endif /* HAR_TOOLS_JSON_H */
