/* Rounds of the kernels that take and give rows or single values: always the same bits. */
#include <math.h>
#include <string.h>

#include "checkkern.h"

/* Declares x, and y and wanted of the same length, and runs both kernels. */
#define CHECK_CURVE(name)                     \
    void check_##name(checker *c)             \
    {                                         \
        const size_t n = some_length(c);      \
        const float *x = take_wild_f32(c, n); \
        float *y = take_room_f32(c, n);       \
        float *wanted = take_room_f32(c, n);  \
        c->table->name(x, n, y);              \
        hark_##name##_ref(x, n, wanted);      \
        expect_same_f32(c, y, wanted, n);     \
    }

CHECK_CURVE(sigmoid_f32)
CHECK_CURVE(tanh_f32)
CHECK_CURVE(silu_f32)
CHECK_CURVE(gelu_f32)
CHECK_CURVE(gelu_tanh_f32)
CHECK_CURVE(hard_sigmoid_f32)
CHECK_CURVE(hard_swish_f32)

void check_leaky_relu_f32(checker *c)
{
    const size_t n = some_length(c);
    const float slope = (float)random_unit(&c->random) * 2.0f;
    float *x = take_wild_f32(c, n);
    float *wanted = take_room_f32(c, n);
    hark_leaky_relu_f32_ref(x, n, slope, wanted);
    float *y = random_range(&c->random, 0, 1) ? x : take_room_f32(c, n);
    c->table->leaky_relu_f32(x, n, slope, y);
    expect_same_f32(c, y, wanted, n);
}

/* Four steps of one cell from a wild state, and the gates of LSTM and GRU. */
void check_cells_f32(checker *c)
{
    const hark_cell cell = (hark_cell)random_range(&c->random, 0, HARK_CELL_GRU_CANDIDATE);
    const uint32_t wide = HARK_PANEL * random_range(&c->random, 1, 5);
    static const uint8_t gates[] = {[HARK_CELL_LSTM] = 4,
                                    [HARK_CELL_GRU] = 3,
                                    [HARK_CELL_GRU_GATES] = 2,
                                    [HARK_CELL_GRU_CANDIDATE] = 1};
    float *h = take_f32(c, wide, 1.0);
    float *kept = take_f32(c, 2 * wide, 2.0);
    float *wanted_h = take_room_f32(c, wide);
    float *wanted_kept = take_room_f32(c, 2 * wide);
    memcpy(wanted_h, h, wide * sizeof *h);
    memcpy(wanted_kept, kept, 2 * wide * sizeof *kept);
    for (uint32_t step = 0; step < 4; step++) {
        const float *p = take_f32(c, 4 * wide, 30.0);
        float *r = take_f32(c, 4 * wide, 30.0);
        float *copy = take_room_f32(c, 4 * wide);
        memcpy(copy, r, 4 * wide * sizeof *r);
        hark_cells_f32_ref(cell, wide, p, copy, wanted_h, wanted_kept);
        c->table->cells_f32(cell, wide, p, r, h, kept);
        expect_same_f32(c, h, wanted_h, wide);
        expect_same_f32(c, kept, wanted_kept, 2 * wide);
        expect_same_f32(c, r, copy, gates[cell] * wide);
    }
}

/* Numbers that a network has, in place too. */
static void check_softmax(checker *c, hark_softmax_f32_fn *softmax, hark_softmax_f32_fn *reference)
{
    const uint32_t rows = random_range(&c->random, 1, 9);
    const uint32_t columns = random_range(&c->random, 1, 40);
    const size_t n = (size_t)rows * columns;
    float *x = take_f32(c, n, 100.0);
    float *wanted = take_room_f32(c, n);
    reference(x, rows, columns, wanted);
    float *y = random_range(&c->random, 0, 1) ? x : take_room_f32(c, n);
    softmax(x, rows, columns, y);
    expect_same_f32(c, y, wanted, n);
}

void check_softmax_f32(checker *c)
{
    check_softmax(c, c->table->softmax_f32, hark_softmax_f32_ref);
}

void check_softmax_rows_f32(checker *c)
{
    check_softmax(c, c->table->softmax_rows_f32, hark_softmax_rows_f32_ref);
}

void check_max_rows_f32(checker *c)
{
    const uint32_t rows = random_range(&c->random, 1, 9);
    const uint32_t columns = some_length(c);
    const float *x = take_f32(c, (size_t)rows * columns, 10.0);
    float *y = take_room_f32(c, columns);
    float *wanted = take_room_f32(c, columns);
    c->table->max_rows_f32(x, rows, columns, y);
    hark_max_rows_f32_ref(x, rows, columns, wanted);
    expect_same_f32(c, y, wanted, columns);
}

void check_max_rows_u8(checker *c)
{
    const uint32_t rows = random_range(&c->random, 1, 9);
    const uint32_t columns = some_length(c);
    const uint8_t *x = take_u8(c, (size_t)rows * columns);
    uint8_t *y = take(c, columns, 1);
    uint8_t *wanted = take(c, columns, 1);
    c->table->max_rows_u8(x, rows, columns, y);
    hark_max_rows_u8_ref(x, rows, columns, wanted);
    expect_same_u8(c, y, wanted, columns);
}

void check_mean_rows_f32(checker *c)
{
    const uint32_t rows = random_range(&c->random, 1, 9);
    const uint32_t columns = some_length(c);
    const float *x = take_f32(c, (size_t)rows * columns, 10.0);
    float *y = take_room_f32(c, columns);
    float *wanted = take_room_f32(c, columns);
    c->table->mean_rows_f32(x, rows, columns, (float)rows, y);
    hark_mean_rows_f32_ref(x, rows, columns, (float)rows, wanted);
    expect_same_f32(c, y, wanted, columns);
}

void check_mean_rows_u8(checker *c)
{
    const uint32_t rows = random_range(&c->random, 1, 200);
    const uint32_t columns = some_length(c);
    const int32_t zero_in = (int32_t)random_range(&c->random, 0, 255);
    const int32_t zero_out = (int32_t)random_range(&c->random, 0, 255);
    const float multiplier = (float)(fabs(random_unit(&c->random)) + 1e-3) / (float)rows;
    const uint8_t *x = take_u8(c, (size_t)rows * columns);
    uint8_t *y = take(c, columns, 1);
    uint8_t *wanted = take(c, columns, 1);
    c->table->mean_rows_u8(x, rows, columns, zero_in, zero_out, multiplier, y);
    hark_mean_rows_u8_ref(x, rows, columns, zero_in, zero_out, multiplier, wanted);
    expect_same_u8(c, y, wanted, columns);
}

void check_affine_f32(checker *c)
{
    const uint32_t rows = random_range(&c->random, 1, 9);
    const uint32_t columns = some_length(c);
    const size_t n = (size_t)rows * columns;
    float low;
    float high;
    some_bounds(c, &low, &high);
    const float *x = take_f32(c, n, 10.0);
    const float *scale = take_f32(c, columns, 3.0);
    const float *offset = take_f32(c, columns, 3.0);
    float *y = take_room_f32(c, n);
    float *wanted = take_room_f32(c, n);
    c->table->affine_f32(x, scale, offset, rows, columns, low, high, y);
    hark_affine_f32_ref(x, scale, offset, rows, columns, low, high, wanted);
    expect_same_f32(c, y, wanted, n);
}

void check_clamp_f32(checker *c)
{
    const size_t n = some_length(c);
    float low;
    float high;
    some_bounds(c, &low, &high);
    const float *x = take_wild_f32(c, n);
    float *y = take_room_f32(c, n);
    float *wanted = take_room_f32(c, n);
    c->table->clamp_f32(x, n, low, high, y);
    hark_clamp_f32_ref(x, n, low, high, wanted);
    expect_same_f32(c, y, wanted, n);
}

void check_clamp_u8(checker *c)
{
    const size_t n = some_length(c);
    const uint8_t low = (uint8_t)random_range(&c->random, 0, 255);
    const uint8_t high = (uint8_t)random_range(&c->random, low, 255);
    const uint8_t *x = take_u8(c, n);
    uint8_t *y = take(c, n, 1);
    uint8_t *wanted = take(c, n, 1);
    c->table->clamp_u8(x, n, low, high, y);
    hark_clamp_u8_ref(x, n, low, high, wanted);
    expect_same_u8(c, y, wanted, n);
}

void check_table_u8(checker *c)
{
    const size_t n = some_length(c);
    const uint8_t *x = take_u8(c, n);
    const uint8_t *table = take_u8(c, 256);
    uint8_t *y = take(c, n, 1);
    uint8_t *wanted = take(c, n, 1);
    c->table->table_u8(x, n, table, y);
    hark_table_u8_ref(x, n, table, wanted);
    expect_same_u8(c, y, wanted, n);
}

static hark_codes some_codes(checker *c, bool is_u8)
{
    const float scale = (float)pow(10.0, random_unit(&c->random) * 4.0);
    return (hark_codes){.scale = scale,
                        .inverse_scale = 1.0f / scale,
                        .zero = is_u8 ? (int32_t)random_range(&c->random, 0, 255) : 0,
                        .low = is_u8 ? 0 : -32767,
                        .high = is_u8 ? 255 : 32767};
}

void check_quantize_u8(checker *c)
{
    const size_t n = some_length(c);
    const hark_codes codes = some_codes(c, true);
    const float *x = take_wild_f32(c, n);
    uint8_t *y = take(c, n, 1);
    uint8_t *wanted = take(c, n, 1);
    c->table->quantize_u8(&codes, x, n, y);
    hark_quantize_u8_ref(&codes, x, n, wanted);
    expect_same_u8(c, y, wanted, n);
}

void check_quantize_i16(checker *c)
{
    const size_t n = some_length(c);
    const hark_codes codes = some_codes(c, false);
    const float *x = take_wild_f32(c, n);
    int16_t *y = take(c, n * sizeof *y, sizeof *y);
    int16_t *wanted = take(c, n * sizeof *wanted, sizeof *wanted);
    c->table->quantize_i16(&codes, x, n, y);
    hark_quantize_i16_ref(&codes, x, n, wanted);
    expect_same_i16(c, y, wanted, n);
}

void check_dequantize_u8(checker *c)
{
    const size_t n = some_length(c);
    const hark_codes codes = some_codes(c, true);
    const uint8_t *x = take_u8(c, n);
    float *y = take_room_f32(c, n);
    float *wanted = take_room_f32(c, n);
    c->table->dequantize_u8(&codes, x, n, y);
    hark_dequantize_u8_ref(&codes, x, n, wanted);
    expect_same_f32(c, y, wanted, n);
}

void check_dequantize_i16(checker *c)
{
    const size_t n = some_length(c);
    const hark_codes codes = some_codes(c, false);
    const int16_t *x = take_i16(c, n);
    float *y = take_room_f32(c, n);
    float *wanted = take_room_f32(c, n);
    c->table->dequantize_i16(&codes, x, n, y);
    hark_dequantize_i16_ref(&codes, x, n, wanted);
    expect_same_f32(c, y, wanted, n);
}
