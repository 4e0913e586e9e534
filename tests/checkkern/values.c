/* Inputs, and the comparison of outputs. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "checkkern.h"

float *take_f32(checker *c, size_t n, double reach)
{
    float *values = take(c, n * sizeof *values, sizeof *values);
    for (size_t i = 0; i < n; i++) values[i] = (float)(random_unit(&c->random) * reach);
    return values;
}

float *take_wild_f32(checker *c, size_t n)
{
    static const float wild[] = {NAN,   INFINITY, -INFINITY, 0.0f,   -0.0f,   FLT_MAX, -FLT_MAX,
                                 88.0f, -88.0f,   -87.4f,    0.625f, -0.625f, 0.5f,    2.5f};
    float *values = take_f32(c, n, pow(10.0, random_range(&c->random, 0, 5)));
    for (size_t i = 0; i < n; i++)
        if (random_range(&c->random, 0, 7) == 0)
            values[i] = wild[random_range(&c->random, 0, sizeof wild / sizeof *wild - 1)];
    return values;
}

uint8_t *take_u8(checker *c, size_t n)
{
    uint8_t *values = take(c, n, 1);
    const uint32_t kind = random_range(&c->random, 0, 7);
    for (size_t i = 0; i < n; i++)
        values[i] = kind == 0 ? 255 : kind == 1 ? 0 : (uint8_t)random_range(&c->random, 0, 255);
    return values;
}

int16_t *take_i16(checker *c, size_t n)
{
    int16_t *values = take(c, n * sizeof *values, sizeof *values);
    const uint32_t kind = random_range(&c->random, 0, 7);
    for (size_t i = 0; i < n; i++)
        values[i] = kind == 0   ? 32767
                    : kind == 1 ? -32767
                                : (int16_t)((int32_t)random_range(&c->random, 0, 65534) - 32767);
    return values;
}

int8_t *take_weights(checker *c, size_t n)
{
    int8_t *values = take(c, n, 1);
    const uint32_t kind = random_range(&c->random, 0, 7);
    for (size_t i = 0; i < n; i++)
        values[i] = kind == 0   ? 63
                    : kind == 1 ? -63
                                : (int8_t)((int32_t)random_range(&c->random, 0, 126) - 63);
    return values;
}

float *take_room_f32(checker *c, size_t n) { return take(c, n * sizeof(float), sizeof(float)); }

uint32_t some_length(checker *c)
{
    return random_range(&c->random, 0, 3) == 0 ? random_range(&c->random, 60, 300)
                                               : random_range(&c->random, 1, 70);
}

void some_bounds(checker *c, float *low, float *high)
{
    const uint32_t kind = random_range(&c->random, 0, 2);
    *low = kind == 0 ? -INFINITY : 0.0f;
    *high = kind == 2 ? 6.0f : INFINITY;
}

void some_code_bounds(checker *c, int32_t *low, int32_t *high)
{
    *low = (int32_t)random_range(&c->random, 0, 100);
    *high = (int32_t)random_range(&c->random, (uint32_t)*low, 255);
}

static void count_failure(checker *c, size_t at, size_t n, double found, double wanted)
{
    c->failures++;
    printf("  %s: value %zu of %zu is %.9g, the reference says %.9g\n", c->kernel, at, n, found,
           wanted);
}

void expect_same_u8(checker *c, const uint8_t *found, const uint8_t *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (found[i] != wanted[i]) {
            count_failure(c, i, n, found[i], wanted[i]);
            return;
        }
}

void expect_same_i16(checker *c, const int16_t *found, const int16_t *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (found[i] != wanted[i]) {
            count_failure(c, i, n, found[i], wanted[i]);
            return;
        }
}

static bool is_same(float found, float wanted)
{
    if (isnan(found) || isnan(wanted)) return isnan(found) && isnan(wanted);
    if (fabsf(found) < FLT_MIN && fabsf(wanted) < FLT_MIN) return true;
    return found == wanted;
}

void expect_same_f32(checker *c, const float *found, const float *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_same(found[i], wanted[i])) {
            count_failure(c, i, n, (double)found[i], (double)wanted[i]);
            return;
        }
}

void expect_near_f32(checker *c, const float *found, const float *wanted, size_t n,
                     const double *bounds, size_t bound_count)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)found[i] - (double)wanted[i]) <= bounds[i % bound_count] + FLT_MIN)) {
            count_failure(c, i, n, (double)found[i], (double)wanted[i]);
            return;
        }
}
