/* Rounds of the kernels that scale columns and normalize rows, and of those that take columns
 * together. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "checkkern.h"

typedef struct shape {
    uint32_t rows, columns;
    size_t n;
} shape;

static shape some_shape(checker *c)
{
    shape s = {.rows = random_range(&c->random, 1, 20), .columns = some_length(c)};
    s.n = (size_t)s.rows * s.columns;
    return s;
}

/* Scales of a few codes; offsets too. */
static hark_columns_q some_columns(checker *c, uint32_t columns)
{
    hark_columns_q q = {.scales = take_f32(c, columns, 3.0),
                        .offsets = take_f32(c, columns, 100.0),
                        .zero_in = (int32_t)random_range(&c->random, 0, 255),
                        .zero_out = (int32_t)random_range(&c->random, 0, 255)};
    some_code_bounds(c, &q.low, &q.high);
    return q;
}

void check_affine_u8(checker *c)
{
    const shape s = some_shape(c);
    const hark_columns_q q = some_columns(c, s.columns);
    uint8_t *x = take_u8(c, s.n);
    uint8_t *wanted = take(c, s.n, 1);
    hark_affine_u8_ref(&q, x, s.rows, s.columns, wanted);
    uint8_t *y = random_range(&c->random, 0, 1) ? x : take(c, s.n, 1);
    c->table->affine_u8(&q, x, s.rows, s.columns, y);
    expect_same_u8(c, y, wanted, s.n);
}

/* Codes of one value only have no deviation: then epsilon alone decides. */
void check_layer_norm_u8(checker *c)
{
    const shape s = some_shape(c);
    const hark_columns_q q = some_columns(c, s.columns);
    const float scale = (float)pow(10.0, random_unit(&c->random) * 4.0);
    const float epsilon = (float)pow(10.0, random_unit(&c->random) * 5.0 - 6.0);
    uint8_t *x = take_u8(c, s.n);
    uint8_t *wanted = take(c, s.n, 1);
    hark_layer_norm_u8_ref(&q, scale, epsilon, x, s.rows, s.columns, wanted);
    uint8_t *y = random_range(&c->random, 0, 1) ? x : take(c, s.n, 1);
    c->table->layer_norm_u8(&q, scale, epsilon, x, s.rows, s.columns, y);
    expect_same_u8(c, y, wanted, s.n);
}

/* With values up to `reach` the mean is off by up to d = (columns + 2) eps reach, every centred
 * value too, and the factor k by k d k and as many eps; so a value z = centred * k is off by d k (1
 * + |z|) + (columns + 8) eps |z|. */
void check_layer_norm_f32(checker *c)
{
    const shape s = some_shape(c);
    const float epsilon = (float)pow(10.0, random_unit(&c->random) * 2.0 - 3.0);
    const double reach = 10.0;
    float low;
    float high;
    some_bounds(c, &low, &high);
    float *x = take_f32(c, s.n, reach);
    const float *scale = take_f32(c, s.columns, 3.0);
    const float *offset = take_f32(c, s.columns, 3.0);
    float *wanted = take_room_f32(c, s.n);
    double *bounds = take(c, s.n * sizeof *bounds, sizeof *bounds);
    hark_layer_norm_f32_ref(x, scale, offset, epsilon, s.rows, s.columns, low, high, wanted);
    const double d = (s.columns + 2.0) * (double)FLT_EPSILON * reach;
    for (size_t r = 0; r < s.rows; r++) {
        const float *row = x + r * s.columns;
        double sum = 0;
        double squares = 0;
        for (uint32_t i = 0; i < s.columns; i++) sum += (double)row[i];
        for (uint32_t i = 0; i < s.columns; i++) squares += pow(row[i] - sum / s.columns, 2.0);
        const double k = 1.0 / sqrt(squares / s.columns + (double)epsilon);
        for (uint32_t i = 0; i < s.columns; i++) {
            const double z = fabs((row[i] - sum / s.columns) * k);
            bounds[r * s.columns + i] =
                (d * k * (1 + z) + (s.columns + 8.0) * (double)FLT_EPSILON * (z + 1)) *
                (fabs((double)scale[i]) + fabs((double)offset[i]));
        }
    }
    float *y = random_range(&c->random, 0, 1) ? x : take_room_f32(c, s.n);
    c->table->layer_norm_f32(x, scale, offset, epsilon, s.rows, s.columns, low, high, y);
    expect_near_f32(c, y, wanted, s.n, bounds, s.n);
}

void check_max_columns_f32(checker *c)
{
    const shape s = some_shape(c);
    const float *x = take_wild_f32(c, s.n);
    float *y = take_room_f32(c, s.rows);
    float *wanted = take_room_f32(c, s.rows);
    c->table->max_columns_f32(x, s.rows, s.columns, y);
    hark_max_columns_f32_ref(x, s.rows, s.columns, wanted);
    expect_same_f32(c, y, wanted, s.rows);
}

void check_mean_columns_f32(checker *c)
{
    const shape s = some_shape(c);
    const float *x = take_f32(c, s.n, 10.0);
    float *y = take_room_f32(c, s.rows);
    float *wanted = take_room_f32(c, s.rows);
    c->table->mean_columns_f32(x, s.rows, s.columns, (float)s.columns, y);
    hark_mean_columns_f32_ref(x, s.rows, s.columns, (float)s.columns, wanted);
    expect_same_f32(c, y, wanted, s.rows);
}

void check_max_columns_u8(checker *c)
{
    const shape s = some_shape(c);
    const uint8_t *x = take_u8(c, s.n);
    uint8_t *y = take(c, s.rows, 1);
    uint8_t *wanted = take(c, s.rows, 1);
    c->table->max_columns_u8(x, s.rows, s.columns, y);
    hark_max_columns_u8_ref(x, s.rows, s.columns, wanted);
    expect_same_u8(c, y, wanted, s.rows);
}

void check_mean_columns_u8(checker *c)
{
    const shape s = some_shape(c);
    const int32_t zero_in = (int32_t)random_range(&c->random, 0, 255);
    const int32_t zero_out = (int32_t)random_range(&c->random, 0, 255);
    const float multiplier = (float)(fabs(random_unit(&c->random)) + 1e-3) / (float)s.columns;
    const uint8_t *x = take_u8(c, s.n);
    uint8_t *y = take(c, s.rows, 1);
    uint8_t *wanted = take(c, s.rows, 1);
    c->table->mean_columns_u8(x, s.rows, s.columns, zero_in, zero_out, multiplier, y);
    hark_mean_columns_u8_ref(x, s.rows, s.columns, zero_in, zero_out, multiplier, wanted);
    expect_same_u8(c, y, wanted, s.rows);
}
