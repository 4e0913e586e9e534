/* FP32 convolution of kernel 3 and stride 1 by Winograd's minimal filtering F(m, 3): m rows of
 * output from m + 2 products of transformed rows instead of 3 m. S. Winograd, "Arithmetic
 * complexity of computations" (1980); matrices for the points 0, 1, -1, 2, -2, infinity of A. Lavin
 * and S. Gray, "Fast algorithms for convolutional neural networks" (2016).
 *
 * Input rows are transformed once for all outputs; for each point the product over columns_in is a
 * matrix product with the tile of conv_f32.h; the products go through a buffer in the first cache
 * to the transform of the output, which adds bias, takes the maximum of a pair of rows, and clamps.
 */
#include "kernels/body/tail.h"
#include "kernels/body/tile_f32.h"

#ifndef HARK_ROWS_WINOGRAD
#define HARK_ROWS_WINOGRAD HARK_ROWS_F32
#define HARK_HEIGHTS_WINOGRAD HARK_HEIGHTS_F32
#define HARK_NEXT_WINOGRAD HARK_NEXT_F32
#endif
#define MOST_POINTS 6u
#define TILE_FLOATS (HARK_ROWS_WINOGRAD * HARK_TILE_PANELS * HARK_PANEL)

/* B^T d */
HARK_INLINE void transform_input(const uint32_t m, const vf *d, vf *v)
{
    if (m == 2) {
        v[0] = v_sub(d[0], d[2]);
        v[1] = v_add(d[1], d[2]);
        v[2] = v_sub(d[2], d[1]);
        v[3] = v_sub(d[1], d[3]);
        return;
    }
    const vf four = v_all(4.0f);
    const vf two = v_all(2.0f);
    const vf even = v_fma(v_all(-4.0f), d[2], d[4]); /* d4 - 4 d2 */
    const vf odd = v_fma(v_all(-4.0f), d[1], d[3]);  /* d3 - 4 d1 */
    const vf even2 = v_sub(d[4], d[2]);
    const vf odd2 = v_mul(two, v_sub(d[3], d[1]));
    v[0] = v_fma(four, d[0], v_fma(v_all(-5.0f), d[2], d[4]));
    v[1] = v_add(even, odd);
    v[2] = v_sub(even, odd);
    v[3] = v_add(even2, odd2);
    v[4] = v_sub(even2, odd2);
    v[5] = v_fma(four, d[1], v_fma(v_all(-5.0f), d[3], d[5]));
}

/* A^T p */
HARK_INLINE void transform_output(const uint32_t m, const vf *p, vf *y)
{
    if (m == 2) {
        y[0] = v_add(v_add(p[0], p[1]), p[2]);
        y[1] = v_sub(v_sub(p[1], p[2]), p[3]);
        return;
    }
    const vf sum = v_add(p[1], p[2]);
    const vf difference = v_sub(p[1], p[2]);
    const vf sum2 = v_add(p[3], p[4]);
    const vf difference2 = v_sub(p[3], p[4]);
    y[0] = v_add(v_add(p[0], sum), sum2);
    y[1] = v_fma(v_all(2.0f), difference2, difference);
    y[2] = v_fma(v_all(4.0f), sum2, sum);
    y[3] = v_add(v_fma(v_all(8.0f), difference2, difference), p[5]);
}

/* `n` columns of one tile, at most HARK_LANES. Points lie `point_step` apart. */
HARK_INLINE void transform_columns(const uint32_t m, const float *x, uint32_t columns, uint32_t n,
                                   float *out, size_t point_step)
{
    vf rows[MOST_POINTS];
    vf points[MOST_POINTS];
    HARK_UNROLL for (uint32_t i = 0; i < m + 2; i++) rows[i] =
        load_lanes(x + (size_t)i * columns, n);
    transform_input(m, rows, points);
    HARK_UNROLL for (uint32_t i = 0; i < m + 2; i++)
        store_lanes(out + i * point_step, points[i], n);
}

/* [tile * step + i][columns] -> [point][tile][columns] */
HARK_INLINE void transform_rows(const uint32_t m, const float *x, uint32_t step, uint32_t tiles,
                                uint32_t columns, float *out)
{
    const size_t point_step = (size_t)tiles * columns;
    for (uint32_t t = 0; t < tiles; t++, x += (size_t)step * columns, out += columns)
        for (uint32_t c = 0; c < columns; c += HARK_LANES)
            transform_columns(m, x + c, columns, lanes_left(columns - c), out + c, point_step);
}

#define DEFINE_PRODUCT(rows, panels)                                                           \
    static void product_##rows##x##panels(const walk *w, const float *x, const float *weights, \
                                          float *out)                                          \
    {                                                                                          \
        vf sums[rows][TILE_VECTORS];                                                           \
        HARK_UNROLL for (uint32_t r = 0; r < (rows); r++)                                      \
            HARK_UNROLL for (uint32_t v = 0; v < (panels)*PANEL_VECTORS; v++) sums[r][v] =     \
                v_all(0.0f);                                                                   \
        multiply(rows, panels, w, x, weights, sums);                                           \
        HARK_UNROLL for (uint32_t r = 0; r < (rows); r++)                                      \
            HARK_UNROLL for (uint32_t v = 0; v < (panels)*PANEL_VECTORS; v++)                  \
                v_store(out + (r * TILE_VECTORS + v) * HARK_LANES, sums[r][v]);                \
    }
#define DEFINE_ONE(rows) DEFINE_PRODUCT(rows, 1)
#define CASE_ONE(rows) \
    case rows: product_##rows##x1(w, x, weights, out); break;
HARK_HEIGHTS_WINOGRAD(DEFINE_ONE)
#if HARK_TILE_PANELS == 2
#define DEFINE_TWO(rows) DEFINE_PRODUCT(rows, 2)
#define CASE_TWO(rows) \
    case rows: product_##rows##x2(w, x, weights, out); break;
HARK_HEIGHTS_WINOGRAD(DEFINE_TWO)
#endif

static const uint8_t NEXT[] = {HARK_NEXT_WINOGRAD};

static void product(const walk *w, uint32_t panels, uint32_t rows, const float *x,
                    const float *weights, float *out)
{
    if (panels == 1) {
        switch (rows) {
            HARK_HEIGHTS_WINOGRAD(CASE_ONE)
        }
        return;
    }
#if HARK_TILE_PANELS == 2
    switch (rows) {
        HARK_HEIGHTS_WINOGRAD(CASE_TWO)
    }
#endif
}

/* Clamps one vector and stores its first `n` lanes. */
HARK_INLINE void store_clamped(const hark_conv_f32 *c, float *y, vf value, uint32_t n)
{
    store_lanes(y, v_min(v_max(value, v_all(c->low)), v_all(c->high)), n);
}

/* The m rows of output from row `row` (before the pool) on, of one vector of columns. */
HARK_INLINE void finish_vector(const uint32_t m, const hark_conv_f32 *c, const float *products,
                               uint32_t row, uint32_t column, uint32_t n, vf bias, float *y)
{
    vf points[MOST_POINTS];
    vf out[MOST_POINTS];
    const uint32_t rows = c->shape.rows;
    const size_t step = c->shape.columns_out;
    HARK_UNROLL for (uint32_t i = 0; i < m + 2; i++) points[i] =
        v_load(products + (size_t)i * TILE_FLOATS);
    transform_output(m, points, out);
    if (c->shape.pool == 2) {
        HARK_UNROLL for (uint32_t i = 0; i < m; i += 2) if ((row + i) / 2 < rows) store_clamped(
            c, y + (row + i) / 2 * step + column, v_add(v_max(out[i], out[i + 1]), bias), n);
        return;
    }
    HARK_UNROLL for (uint32_t i = 0; i < m; i++) if (row + i < rows)
        store_clamped(c, y + (row + i) * step + column, v_add(out[i], bias), n);
}

/* Some tiles of one or two panels, which begin at output column `column`. `points` is the
 * transformed input of the first tile. */
HARK_INLINE void block(const uint32_t m, const hark_conv_f32 *c, const walk *w, const float *points,
                       size_t point_step, uint32_t tile, uint32_t count, uint32_t column,
                       uint32_t panels, float *y)
{
    float products[MOST_POINTS * TILE_FLOATS];
    const uint32_t columns = c->shape.columns_out;
    const size_t depth = (size_t)c->shape.columns_in * HARK_PANEL;
    const float *weights = c->weights + (size_t)column * (m + 2) * c->shape.columns_in;
    for (uint32_t i = 0; i < m + 2; i++)
        product(w, panels, count, points + i * point_step, weights + i * depth,
                products + (size_t)i * TILE_FLOATS);
    for (uint32_t v = 0; v < panels * PANEL_VECTORS && column + v * HARK_LANES < columns; v++) {
        const uint32_t at = column + v * HARK_LANES;
        const uint32_t n = smaller(columns - at, HARK_LANES);
        const vf bias = v_load(c->bias + at);
        for (uint32_t t = 0; t < count; t++)
            finish_vector(m, c, products + (t * TILE_VECTORS + v) * HARK_LANES, (tile + t) * m, at,
                          n, bias, y);
    }
}

HARK_INLINE void winograd(const uint32_t m, const hark_conv_f32 *c, const float *x, float *y,
                          float *scratch)
{
    const uint32_t inputs = c->shape.columns_in;
    const uint32_t panels = hark_panels(&c->shape);
    const uint32_t tiles = hark_winograd_tiles(&c->shape, m);
    const size_t point_step = (size_t)tiles * inputs;
    const walk w = {inputs, {1, inputs, 0}, (size_t)(m + 2) * inputs * HARK_PANEL};
    transform_rows(m, x, c->tile_step ? c->tile_step : m, tiles, inputs, scratch);
    for (uint32_t p = 0; p < panels; p += HARK_TILE_PANELS) {
        for (uint32_t tile = 0, count; tile < tiles; tile += count) {
            count = tile_rows(tiles - tile, HARK_ROWS_WINOGRAD, NEXT);
            block(m, c, &w, scratch + (size_t)tile * inputs, point_step, tile, count,
                  p * HARK_PANEL, smaller(panels - p, HARK_TILE_PANELS), y);
        }
    }
}

void HARK_NAME(winograd4_f32)(const hark_conv_f32 *c, const float *x, float *y, float *scratch)
{
    winograd(4, c, x, y, scratch);
}

void HARK_NAME(winograd2_f32)(const hark_conv_f32 *c, const float *x, float *y, float *scratch)
{
    winograd(2, c, x, y, scratch);
}
