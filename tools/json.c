#include "json.h"

#include <inttypes.h>
#include <math.h>

json_writer json_begin(FILE *file) { return (json_writer){.file = file, .needs_comma = false}; }

static void write_escaped(FILE *file, const char *text)
{
    putc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            putc('\\', file);
            putc(byte, file);
        } else if (byte < 0x20) {
            fprintf(file, "\\u%04x", byte);
        } else {
            putc(byte, file);
        }
    }
    putc('"', file);
}

/* What stands before a value: the comma after the one before it, and its key. */
static void begin_value(json_writer *json, const char *key)
{
    if (json->needs_comma) putc(',', json->file);
    if (key != NULL) {
        write_escaped(json->file, key);
        putc(':', json->file);
    }
    json->needs_comma = true;
}

void json_open(json_writer *json, const char *key, char bracket)
{
    begin_value(json, key);
    putc(bracket, json->file);
    json->needs_comma = false;
}

void json_close(json_writer *json, char bracket)
{
    putc(bracket, json->file);
    json->needs_comma = true;
}

void json_text(json_writer *json, const char *key, const char *text)
{
    begin_value(json, key);
    if (text == NULL) {
        fputs("null", json->file);
    } else {
        write_escaped(json->file, text);
    }
}

void json_bool(json_writer *json, const char *key, bool value)
{
    begin_value(json, key);
    fputs(value ? "true" : "false", json->file);
}

void json_int(json_writer *json, const char *key, int64_t value)
{
    begin_value(json, key);
    fprintf(json->file, "%" PRId64, value);
}

void json_uint(json_writer *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    fprintf(json->file, "%" PRIu64, value);
}

static void write_number(json_writer *json, const char *key, int digits, double value)
{
    begin_value(json, key);
    if (isfinite(value)) {
        fprintf(json->file, "%.*g", digits, value);
    } else {
        fputs("null", json->file);
    }
}

void json_float(json_writer *json, const char *key, float value)
{
    write_number(json, key, 9, (double)value);
}

void json_double(json_writer *json, const char *key, double value)
{
    write_number(json, key, 17, value);
}

void json_end_line(json_writer *json)
{
    putc('\n', json->file);
    json->needs_comma = false;
}
