/* INT8 convolution as a matrix product, cut as in conv_f32.h, of U8 or, where HARK_INPUT_I16 is 1,
 * I16 input.
 *
 * Sums begin with the bias less the part of the input's zero point, so that the loop multiplies
 * codes. They are exact in 32 bits at the end (numbers.md); on the way they may wrap. */
#include "kernels/body/tail.h"
#include "kernels/body/tile_q.h"

enum { MOST_SUMS = HARK_ROWS_Q_ONE * HARK_TILE_PANELS * HARK_PANEL };

/* Where a tile lies. The output is codes or, where y_f32 is there, values. */
typedef struct place {
    const uint8_t *x;
    const uint8_t *weights;
    size_t column; /* packed */
    uint8_t *y;
    float *y_f32;
} place;

HARK_INLINE vi first_sum(const hark_conv_q *c, size_t column)
{
    const int32_t zero = HARK_INPUT_I16 ? 0 : c->zero_in - HARK_U8_OFFSET;
    return vi_sub(vi_load(c->bias + column), vi_mul(vi_all(zero), vi_load(c->sums + column)));
}

/* Codes of the sums in registers, whole panels of them. */
HARK_INLINE void store_codes(const hark_conv_q *c, const uint32_t rows, const uint32_t vectors,
                             vi sums[][ROW_VECTORS], const place *p)
{
    const vf low = v_all((float)(c->low - c->zero_out));
    const vf high = v_all((float)(c->high - c->zero_out));
    HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
    {
        const vf multiplier = v_load(c->multipliers + p->column + v * HARK_LANES);
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
            vi_store_u8(p->y + r * (size_t)c->shape.columns_out + v * HARK_LANES,
                        v_code(v_mul(vi_to_f32(sums[r][v]), multiplier), low, high, c->zero_out));
    }
}

/* Values of the sums of one row in registers, whole panels of them. */
HARK_INLINE void store_values(const hark_conv_q *c, const uint32_t vectors,
                              const vi sums[ROW_VECTORS], size_t column, float *y)
{
    HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
    {
        const vf multiplier = v_load(c->multipliers + column + v * HARK_LANES);
        v_store(y + v * HARK_LANES, v_mul(vi_to_f32(sums[v]), multiplier));
    }
}

/* Most tiles give codes of whole panels, or values of one row (of I16 input, of several), straight
 * from the registers. The others leave their sums, [rows][panels * HARK_PANEL], in `out`. */
HARK_INLINE void finish(const hark_conv_q *c, const uint32_t rows, const uint32_t vectors,
                        vi sums[][ROW_VECTORS], const place *p, int32_t *out)
{
    if (out) {
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
            HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
                vi_store(out + (r * vectors + v) * HARK_LANES, sums[r][v]);
    } else if ((rows == 1 || HARK_INPUT_I16) && p->y_f32) {
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++) store_values(
            c, vectors, sums[r], p->column, p->y_f32 + r * (size_t)c->shape.columns_out);
    } else {
        store_codes(c, rows, vectors, sums, p);
    }
}

#define DEFINE_TILE(rows, panels)                                                             \
    static void tile_##rows##x##panels(const hark_conv_q *c, const walk_q *w, const place *p, \
                                       int32_t *out)                                          \
    {                                                                                         \
        const uint32_t vectors = (panels)*PANEL_VECTORS;                                      \
        vi sums[rows][ROW_VECTORS];                                                           \
        HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)                                    \
        {                                                                                     \
            const vi first = first_sum(c, p->column + v * HARK_LANES);                        \
            HARK_UNROLL for (uint32_t r = 0; r < (rows); r++) sums[r][v] = first;             \
        }                                                                                     \
        if ((rows) == 1)                                                                      \
            multiply_row_q(panels, w, p->x, p->weights, sums[0]);                             \
        else                                                                                  \
            multiply_q(rows, panels, w, p->x, p->weights, sums);                              \
        finish(c, rows, vectors, sums, p, out);                                               \
    }
#define DEFINE_ONE(rows) DEFINE_TILE(rows, 1)
#define CASE_ONE(rows) \
    case rows: tile_##rows##x1(c, w, p, out); break;
HARK_HEIGHTS_Q_ONE(DEFINE_ONE)
#if HARK_TILE_PANELS == 2
#define DEFINE_TWO(rows) DEFINE_TILE(rows, 2)
#define CASE_TWO(rows) \
    case rows: tile_##rows##x2(c, w, p, out); break;
HARK_HEIGHTS_Q(DEFINE_TWO)
#endif
/* I16 rows alone are few: they do with the others. */
#define HAS_WIDE_ROW (HARK_ROW_PANELS == 4 && !HARK_INPUT_I16)
#if HAS_WIDE_ROW
DEFINE_TILE(1, 4)
#endif

static const uint8_t NEXT[] = {HARK_NEXT_Q};
static const uint8_t NEXT_ONE[] = {HARK_NEXT_Q_ONE};

/* A tile of a height there is. Tables of functions would be relocated when the library is loaded.
 */
static void tile(const hark_conv_q *c, const walk_q *w, const place *p, uint32_t panels,
                 uint32_t rows, int32_t *out)
{
    if (panels == 1) {
        switch (rows) {
            HARK_HEIGHTS_Q_ONE(CASE_ONE)
        }
        return;
    }
#if HAS_WIDE_ROW
    if (panels == 4) {
        tile_1x4(c, w, p, out);
        return;
    }
#endif
#if HARK_TILE_PANELS == 2
    switch (rows) {
        HARK_HEIGHTS_Q(CASE_TWO)
    }
#endif
}

/* One vector of sums, the larger of a pair of rows where `pair` is not 0. */
HARK_INLINE vi sum_of(const int32_t *sums, size_t pair)
{
    return pair == 0 ? vi_load(sums) : vi_max(vi_load(sums), vi_load(sums + pair));
}

/* `n` columns of one row from sums to codes. */
HARK_INLINE void finish_codes(const hark_conv_q *c, const int32_t *sums, size_t pair, size_t column,
                              uint32_t n, uint8_t *y)
{
    const vf low = v_all((float)(c->low - c->zero_out));
    const vf high = v_all((float)(c->high - c->zero_out));
    for (uint32_t i = 0; i < n; i += HARK_LANES) {
        const vf value =
            v_mul(vi_to_f32(sum_of(sums + i, pair)), v_load(c->multipliers + column + i));
        const vi code = v_code(value, low, high, c->zero_out);
        if (n - i >= HARK_LANES) {
            vi_store_u8(y + i, code);
        } else {
            uint8_t whole[HARK_LANES];
            vi_store_u8(whole, code);
            memcpy(y + i, whole, n - i);
        }
    }
}

HARK_INLINE void finish_values(const hark_conv_q *c, const int32_t *sums, size_t pair,
                               size_t column, uint32_t n, float *y)
{
    for (uint32_t i = 0; i < n; i += HARK_LANES) {
        const vf sum = vi_to_f32(sum_of(sums + i, pair));
        store_lanes(y + i, v_mul(sum, v_load(c->multipliers + column + i)), lanes_left(n - i));
    }
}

/* A tile by way of its sums: `rows` rows of output, `columns` wide. */
static void finish_sums(const hark_conv_q *c, const int32_t *sums, size_t wide, const place *p,
                        uint32_t rows, uint32_t columns)
{
    const size_t pair = c->shape.pool == 2 ? wide : 0;
    for (uint32_t r = 0; r < rows; r++) {
        const int32_t *row = sums + r * c->shape.pool * wide;
        const size_t at = (size_t)r * c->shape.columns_out;
        if (p->y_f32)
            finish_values(c, row, pair, p->column, columns, p->y_f32 + at);
        else
            finish_codes(c, row, pair, p->column, columns, p->y + at);
    }
}

/* All rows of one or two panels, `columns` of output wide, which begin at `p`, which is moved on:
 * a copy, read in wide pieces right after it was written in narrow ones, would wait for the stores.
 */
static void panels_down(const hark_conv_q *c, const walk_q *w, place *p, uint32_t panels,
                        uint32_t columns)
{
    int32_t sums[MOST_SUMS];
    const hark_conv *s = &c->shape;
    const uint32_t wide = panels * HARK_PANEL;
    const uint32_t most = panels == 1 ? HARK_ROWS_Q_ONE : HARK_ROWS_Q;
    const uint8_t *next = panels == 1 ? NEXT_ONE : NEXT;
    for (uint32_t row = 0, count; row < s->rows; row += count) {
        const uint32_t left = (s->rows - row) * s->pool;
        count = tile_rows(left, most, next) >> (s->pool - 1);
        const size_t step = (size_t)count * s->columns_out;
        const int is_whole =
            columns == wide && s->pool == 1 && (!p->y_f32 || count == 1 || HARK_INPUT_I16);
        tile(c, w, p, panels, count * s->pool, is_whole ? NULL : sums);
        if (!is_whole) finish_sums(c, sums, wide, p, count, columns);
        p->x += count * s->pool * w->row_step;
        if (p->y_f32)
            p->y_f32 += step;
        else
            p->y += step;
    }
}

static void convolve(const hark_conv_q *c, const void *x, uint8_t *y, float *y_f32)
{
    const hark_conv *s = &c->shape;
    const size_t size = HARK_INPUT_I16 ? sizeof(int16_t) : sizeof(uint8_t);
    const uint32_t unit = INPUT_BYTES / (uint32_t)size;
    const uint32_t inputs = s->columns_in / s->groups;
    const uint32_t outputs = s->columns_out / s->groups;
    const uint32_t panels = hark_panels(s);
    const hark_segments runs = hark_segments_of(s);
    const walk_q w = {(size_t)s->stride * s->columns_in * size, runs.step * size, runs.count,
                      hark_divide_up(runs.length, unit), hark_panel_q(s, unit)};
    /* whole panels alone: the tile that is not full is of the usual width */
    const int is_row = s->rows * s->pool == 1 && outputs % HARK_PANEL == 0;
    for (uint32_t g = 0; g < s->groups; g++)
        for (uint32_t p = 0, wide; p < panels; p += wide) {
            wide = tile_panels(panels - p, is_row && !HARK_INPUT_I16);
            const size_t panel = (size_t)g * panels + p;
            const size_t column = (size_t)g * outputs + (size_t)p * HARK_PANEL;
            place at = {(const uint8_t *)x + (size_t)g * inputs * size,
                        (const uint8_t *)c->panels + panel * w.panel_step, panel * HARK_PANEL,
                        y ? y + column : NULL, y_f32 ? y_f32 + column : NULL};
            const uint32_t columns = smaller(outputs - p * HARK_PANEL, wide * HARK_PANEL);
            if (is_row)
                tile(c, &w, &at, wide, 1, NULL);
            else
                panels_down(c, &w, &at, wide, columns);
        }
}
