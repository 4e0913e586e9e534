#include "base/error.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *har_status_name(int32_t status)
{
    switch (status) {
#define HAR_STATUS_NAME(name, number, text) \
    case number: return #name;
        HAR_STATUS_LIST(HAR_STATUS_NAME)
#undef HAR_STATUS_NAME
    default: return "HAR_ERR_UNKNOWN";
    }
}

const char *har_status_text(int32_t status)
{
    switch (status) {
#define HAR_STATUS_TEXT(name, number, text) \
    case number: return text;
        HAR_STATUS_LIST(HAR_STATUS_TEXT)
#undef HAR_STATUS_TEXT
    default: return "unknown status";
    }
}

void har_error_init(har_error *error, uint32_t struct_size)
{
    if (!error || struct_size < sizeof *error) return;
    memset(error, 0, sizeof *error);
    error->struct_size = struct_size;
    error->byte = HAR_NO_BYTE;
    error->value = (double)NAN;
    error->bound = (double)NAN;
}

/* Starts a record; false when there is none to fill. */
static bool begin(har_error *error, int32_t status, const char *field, va_list values)
{
    if (!error || error->struct_size < sizeof *error) return false;
    error->status = status;
    error->byte = HAR_NO_BYTE;
    error->value = (double)NAN;
    error->bound = (double)NAN;
    vsnprintf(error->field, sizeof error->field, field, values);
    return true;
}

int32_t hari_fail(har_error *error, int32_t status, const char *field, ...)
{
    va_list values;
    va_start(values, field);
    if (begin(error, status, field, values))
        snprintf(error->text, sizeof error->text, "%s: %s", error->field, har_status_text(status));
    va_end(values);
    return status;
}

int32_t hari_fail_text(har_error *error, int32_t status, const char *problem, const char *field,
                       ...)
{
    va_list values;
    va_start(values, field);
    if (begin(error, status, field, values))
        snprintf(error->text, sizeof error->text, "%s %s", error->field, problem);
    va_end(values);
    return status;
}

int32_t hari_fail_bound(har_error *error, int32_t status, double value, const char *relation,
                        double bound, const char *field, ...)
{
    va_list values;
    va_start(values, field);
    if (begin(error, status, field, values)) {
        error->value = value;
        error->bound = bound;
        snprintf(error->text, sizeof error->text, "%s is %.10g, must be %s %.10g", error->field,
                 value, relation, bound);
    }
    va_end(values);
    return status;
}

int32_t hari_at_byte(har_error *error, uint64_t byte, int32_t status)
{
    if (error && error->struct_size >= sizeof *error) error->byte = byte;
    return status;
}

int32_t hari_explain(har_error *error, int32_t status, const char *more, ...)
{
    if (!error || error->struct_size < sizeof *error) return status;
    size_t used = strlen(error->text);
    va_list values;
    va_start(values, more);
    vsnprintf(error->text + used, sizeof error->text - used, more, values);
    va_end(values);
    return status;
}

int32_t hari_check_aligned(const void *array, size_t size, const char *field, har_error *error)
{
    if ((uintptr_t)array % size == 0) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_VALUE, "is not aligned as its type is", "%s", field);
}
