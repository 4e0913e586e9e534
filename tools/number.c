#include "number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const char *skip_sign(const char *text)
{
    return *text == '+' || *text == '-' ? text + 1 : text;
}

static const char *skip_digits(const char *text)
{
    while (*text >= '0' && *text <= '9') text++;
    return text;
}

/* [sign] digits [. digits] [e [sign] digits], with a digit on at least one side of the point. */
static bool is_decimal(const char *text)
{
    const char *whole = skip_sign(text);
    const char *end = skip_digits(whole);
    bool digits = end != whole;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits = digits || end != fraction;
    }
    if (!digits) return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = skip_sign(end + 1);
        end = skip_digits(exponent);
        if (end == exponent) return false;
    }
    return *end == '\0';
}

/* strtof reads the point of the C locale, which holds because the program never calls setlocale. */
bool parse_float(const char *text, float *value)
{
    if (!is_decimal(text)) return false;
    *value = strtof(text, NULL);
    return isfinite(*value);
}

bool parse_int64(const char *text, int64_t *value)
{
    const char *digits = skip_sign(text);
    const char *end = skip_digits(digits);
    if (end == digits || *end != '\0') return false;
    errno = 0;
    *value = strtoll(text, NULL, 10);
    return errno != ERANGE;
}
