/* Rounds of the convolutions. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "checkkern.h"

/* Any shape the kernels take; sizes are small, around the heights and widths of tiles. */
static hark_conv some_shape(checker *c)
{
    hark_conv s = {.rows = random_range(&c->random, 1, 40),
                   .kernel = random_range(&c->random, 1, 5),
                   .stride = random_range(&c->random, 1, 3),
                   .dilation = random_range(&c->random, 1, 3),
                   .groups =
                       random_range(&c->random, 0, 3) == 0 ? random_range(&c->random, 2, 4) : 1,
                   .pool = random_range(&c->random, 1, 2)};
    if (random_range(&c->random, 0, 3) != 0) s.dilation = 1;
    if (random_range(&c->random, 0, 3) == 0) s.rows = s.pool = s.kernel = 1;
    s.columns_in = s.groups * random_range(&c->random, 1, 40);
    s.columns_out = s.groups * random_range(&c->random, 1, 70);
    return s;
}

static hark_conv some_depthwise(checker *c)
{
    hark_conv s = some_shape(c);
    s.groups = s.columns_in = s.columns_out = random_range(&c->random, 2, 70);
    return s;
}

static hark_conv some_winograd(checker *c)
{
    hark_conv s = some_shape(c);
    s.kernel = 3;
    s.stride = s.dilation = s.groups = 1;
    return s;
}

static size_t rows_read(const hark_conv *s)
{
    return ((size_t)s->rows * s->pool - 1) * s->stride + (size_t)(s->kernel - 1) * s->dilation + 1;
}

/* Sums of `terms` products of inputs up to `reach` and the weights of each column: their rounding
 * errors are at most (terms + 1) eps times the sum of the magnitudes in either kernel, and
 * `growth` times that after transforms. */
static void fill_bounds(double *bounds, const hark_conv_f32 *conv, const float *column_sums,
                        double terms, double reach, double growth)
{
    for (uint32_t o = 0; o < conv->shape.columns_out; o++)
        bounds[o] = 2.0 * (terms + 4.0) * (double)FLT_EPSILON * growth *
                    (reach * (double)column_sums[o] + 1.0);
}

/* Random panels with zeros where a panel is not full, and the sum of the magnitudes of each column.
 */
static float *take_panels(checker *c, const hark_conv *s, float *column_sums)
{
    const size_t values = (size_t)s->kernel * (s->columns_in / s->groups);
    float *panels = take(c, hark_packed_columns(s) * values * sizeof *panels, sizeof *panels);
    memset(panels, 0, hark_packed_columns(s) * values * sizeof *panels);
    for (uint32_t o = 0; o < s->columns_out; o++) {
        const size_t packed = hark_packed_column(s, o);
        column_sums[o] = 0.0f;
        for (size_t i = 0; i < values; i++) {
            const float w = (float)random_unit(&c->random);
            panels[packed / HARK_PANEL * HARK_PANEL * values + i * HARK_PANEL +
                   packed % HARK_PANEL] = w;
            column_sums[o] += fabsf(w);
        }
    }
    return panels;
}

enum { MOST_COLUMNS = 400 };

/* Some of the rows computed alone, two at least, have the bits they have among all: what is kept
 * from window to window rests on it. */
static void check_some_rows(checker *c, const hark_conv_f32 *conv, const float *x, const float *y)
{
    const hark_conv *s = &conv->shape;
    const uint32_t least = s->pool == 2 ? 1 : 2;
    if (s->rows < least) return;
    const uint32_t first = random_range(&c->random, 0, s->rows - least);
    hark_conv_f32 some = *conv;
    some.shape.rows = random_range(&c->random, least, s->rows - first);
    const size_t n = (size_t)some.shape.rows * s->columns_out;
    float *found = take(c, n * sizeof *found, sizeof *found);
    c->table->conv_f32(&some, x + (size_t)first * s->pool * s->stride * s->columns_in, found);
    expect_same_f32(c, found, y + (size_t)first * s->columns_out, n);
}

void check_conv_f32(checker *c)
{
    float sums[MOST_COLUMNS];
    double bounds[MOST_COLUMNS];
    hark_conv_f32 conv = {.shape = some_shape(c), .backward = random_range(&c->random, 0, 1)};
    const hark_conv *s = &conv.shape;
    const double reach = pow(10.0, random_unit(&c->random) * 3.0);
    const size_t n = (size_t)s->rows * s->columns_out;
    some_bounds(c, &conv.low, &conv.high);
    conv.weights = take_panels(c, s, sums);
    conv.bias = take_f32(c, hark_packed_columns(s), 1.0);
    const float *x = take_f32(c, rows_read(s) * s->columns_in, reach);
    float *y = take(c, n * sizeof *y, sizeof *y);
    float *wanted = take(c, n * sizeof *y, sizeof *y);
    c->table->conv_f32(&conv, x, y);
    hark_conv_f32_ref(&conv, x, wanted);
    fill_bounds(bounds, &conv, sums, (double)s->kernel * (s->columns_in / s->groups), reach, 1.0);
    expect_near_f32(c, y, wanted, n, bounds, s->columns_out);
    check_some_rows(c, &conv, x, y);
}

void check_depthwise_f32(checker *c)
{
    float sums[MOST_COLUMNS];
    double bounds[MOST_COLUMNS];
    hark_conv_f32 conv = {.shape = some_depthwise(c)};
    const hark_conv *s = &conv.shape;
    const size_t n = (size_t)s->rows * s->columns_out;
    some_bounds(c, &conv.low, &conv.high);
    conv.weights = take_f32(c, (size_t)s->kernel * s->columns_in, 1.0);
    conv.bias = take_f32(c, s->columns_in, 1.0);
    const float *x = take_f32(c, rows_read(s) * s->columns_in, 10.0);
    float *y = take(c, n * sizeof *y, sizeof *y);
    float *wanted = take(c, n * sizeof *y, sizeof *y);
    c->table->depthwise_f32(&conv, x, y);
    hark_depthwise_f32_ref(&conv, x, wanted);
    for (uint32_t o = 0; o < s->columns_out; o++) sums[o] = (float)s->kernel;
    fill_bounds(bounds, &conv, sums, s->kernel, 10.0, 1.0);
    expect_near_f32(c, y, wanted, n, bounds, s->columns_out);
}

/* Transformed weights are as good as any: both kernels take the same. The growth is the largest sum
 * of magnitudes of a row of |A^T| times those of |B^T|: 19 * 10 for F(4,3), 3 * 2 for F(2,3). */
static void check_winograd(checker *c, uint32_t m)
{
    float sums[MOST_COLUMNS];
    double bounds[MOST_COLUMNS];
    hark_conv_f32 conv = {.shape = some_winograd(c)};
    const hark_conv *s = &conv.shape;
    const size_t n = (size_t)s->rows * s->columns_out;
    if (random_range(&c->random, 0, 1)) conv.tile_step = random_range(&c->random, m, m + 4);
    const size_t step = conv.tile_step ? conv.tile_step : m;
    const size_t rows = (hark_winograd_tiles(s, m) - 1) * step + m + 2;
    const size_t room = hark_winograd_scratch(s, m) * sizeof(float);
    some_bounds(c, &conv.low, &conv.high);
    float *weights = take(c, hark_winograd_weights(s, m) * sizeof(float), sizeof(float));
    for (size_t i = 0; i < hark_winograd_weights(s, m); i++)
        weights[i] = (float)random_unit(&c->random);
    conv.weights = weights;
    conv.bias = take_f32(c, hark_packed_columns(s), 1.0);
    const float *x = take_f32(c, rows * s->columns_in, 1.0);
    float *scratch = take(c, room, sizeof(float));
    float *y = take(c, n * sizeof *y, sizeof *y);
    float *wanted = take(c, n * sizeof *y, sizeof *y);
    hark_winograd4_f32_fn *const run = m == 4 ? c->table->winograd4_f32 : c->table->winograd2_f32;
    run(&conv, x, y, scratch);
    if (m == 4)
        hark_winograd4_f32_ref(&conv, x, wanted, scratch);
    else
        hark_winograd2_f32_ref(&conv, x, wanted, scratch);
    for (uint32_t o = 0; o < s->columns_out; o++) sums[o] = (float)s->columns_in;
    fill_bounds(bounds, &conv, sums, s->columns_in + 12.0, 1.0, m == 4 ? 190.0 : 6.0);
    expect_near_f32(c, y, wanted, n, bounds, s->columns_out);
    /* The last tiles alone have the bits that they have among all. */
    const uint32_t tile = random_range(&c->random, 0, hark_winograd_tiles(s, m) - 1);
    const uint32_t row = tile * m / s->pool;
    hark_conv_f32 last = conv;
    last.shape.rows = s->rows - row;
    run(&last, x + tile * step * s->columns_in, wanted, scratch);
    expect_same_f32(c, wanted, y + (size_t)row * s->columns_out,
                    (size_t)last.shape.rows * s->columns_out);
}

void check_winograd4_f32(checker *c) { check_winograd(c, 4); }

void check_winograd2_f32(checker *c) { check_winograd(c, 2); }

/* Weights as in the file in panels of `unit` inputs; fills in the column values. */
static hark_conv_q some_conv_q(checker *c, const hark_conv *s, uint32_t unit)
{
    const hark_segments runs = hark_segments_of(s);
    const size_t values = (size_t)runs.count * runs.length;
    const size_t columns = hark_packed_columns(s);
    const size_t panel = hark_panel_q(s, unit);
    const size_t units = hark_divide_up(runs.length, unit);
    int8_t *weights = take_weights(c, s->columns_out * values);
    int8_t *panels = take(c, columns / HARK_PANEL * panel, 1);
    int32_t *bias = take(c, columns * sizeof *bias, sizeof *bias);
    int32_t *sums = take(c, columns * sizeof *sums, sizeof *sums);
    float *multipliers = take(c, columns * sizeof *multipliers, sizeof *multipliers);
    memset(panels, 0, columns / HARK_PANEL * panel);
    memset(sums, 0, columns * sizeof *sums);
    for (size_t i = 0; i < columns; i++) {
        bias[i] = (int32_t)random_range(&c->random, 0, 20000) - 10000;
        multipliers[i] = (float)pow(10.0, random_unit(&c->random) * 2.0 - 3.0);
    }
    for (uint32_t o = 0; o < s->columns_out; o++)
        for (size_t i = 0; i < values; i++) {
            const size_t packed = hark_packed_column(s, o);
            const size_t at = i / runs.length * units + i % runs.length / unit;
            const size_t place = packed / HARK_PANEL * panel +
                                 (at * HARK_PANEL + packed % HARK_PANEL) * unit +
                                 i % runs.length % unit;
            panels[place] = weights[o * values + i];
            sums[packed] += panels[place];
        }
    const uint32_t low = random_range(&c->random, 0, 255);
    return (hark_conv_q){.shape = *s,
                         .weights = weights,
                         .panels = panels,
                         .bias = bias,
                         .multipliers = multipliers,
                         .sums = sums,
                         .zero_in = unit == 4 ? (int32_t)random_range(&c->random, 0, 255) : 0,
                         .zero_out = (int32_t)random_range(&c->random, 0, 255),
                         .low = random_range(&c->random, 0, 1) ? 0 : (int32_t)low,
                         .high = (int32_t)random_range(&c->random, low, 255)};
}

/* Inputs in a buffer that ends HARK_SLACK bytes after them. */
static uint8_t *take_input_u8(checker *c, size_t n) { return take_u8(c, n + HARK_SLACK); }

static int16_t *take_input_i16(checker *c, size_t n) { return take_i16(c, n + HARK_SLACK / 2); }

#define CHECK_CONV_Q(name, unit, take_input, input_type, output_type, expect) \
    void check_##name(checker *c)                                             \
    {                                                                         \
        const hark_conv s = some_shape(c);                                    \
        const hark_conv_q conv = some_conv_q(c, &s, unit);                    \
        const size_t n = (size_t)s.rows * s.columns_out;                      \
        const input_type *x = take_input(c, rows_read(&s) * s.columns_in);    \
        output_type *y = take(c, n * sizeof *y, sizeof *y);                   \
        output_type *wanted = take(c, n * sizeof *y, sizeof *y);              \
        c->table->name(&conv, x, y);                                          \
        hark_##name##_ref(&conv, x, wanted);                                  \
        expect(c, y, wanted, n);                                              \
    }

CHECK_CONV_Q(conv_u8_u8, 4, take_input_u8, uint8_t, uint8_t, expect_same_u8)
CHECK_CONV_Q(conv_u8_f32, 4, take_input_u8, uint8_t, float, expect_same_f32)
CHECK_CONV_Q(conv_i16_u8, 2, take_input_i16, int16_t, uint8_t, expect_same_u8)
CHECK_CONV_Q(conv_i16_f32, 2, take_input_i16, int16_t, float, expect_same_f32)

void check_depthwise_u8_u8(checker *c)
{
    const hark_conv s = some_depthwise(c);
    hark_conv_q conv = some_conv_q(c, &s, 4);
    const size_t n = (size_t)s.rows * s.columns_out;
    conv.panels = take_weights(c, (size_t)s.kernel * s.columns_in);
    const uint8_t *x = take_u8(c, rows_read(&s) * s.columns_in);
    uint8_t *y = take(c, n, 1);
    uint8_t *wanted = take(c, n, 1);
    c->table->depthwise_u8_u8(&conv, x, y);
    hark_depthwise_u8_u8_ref(&conv, x, wanted);
    expect_same_u8(c, y, wanted, n);
}
