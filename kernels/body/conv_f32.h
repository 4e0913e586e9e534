/* FP32 convolution as a matrix product without a copy of the input.
 *
 * Rows of a tensor lie without gaps, so the values that one row of output needs are a run of kernel
 * * columns_in floats (a few runs where dilated or grouped), and the run of the next row begins
 * stride * columns_in floats later. A tile of rows x panels of output stays in registers while the
 * run is walked: one load of weights serves all rows, one load of input all vectors. Bias, clamp
 * and the maximum over a pair of rows are done before anything is stored. */
#include "kernels/body/tile_f32.h"

#ifndef HARK_ROWS_F32_ONE
#define HARK_ROWS_F32_ONE HARK_ROWS_F32
#define HARK_HEIGHTS_F32_ONE HARK_HEIGHTS_F32
#define HARK_NEXT_F32_ONE HARK_NEXT_F32
#endif

/* Where a tile lies: its input, its weights, its output. */
typedef struct place {
    const float *x;
    const float *weights;
    const float *bias;
    float *y;
    size_t y_step; /* floats from one row of output to the next */
} place;

/* One row of a tile: clamp and store. */
HARK_INLINE void finish_row(const hark_conv_f32 *c, const uint32_t vectors, const vf *sums,
                            float *y)
{
    HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
        v_store(y + v * HARK_LANES, v_min(v_max(sums[v], v_all(c->low)), v_all(c->high)));
}

HARK_INLINE void finish(const hark_conv_f32 *c, const uint32_t rows, const uint32_t vectors,
                        vf sums[][TILE_VECTORS], const place *p)
{
    if (rows % 2 != 0 || c->shape.pool == 1) { /* pairs fill tiles of even height alone */
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
            finish_row(c, vectors, sums[r], p->y + r * p->y_step);
        return;
    }
    HARK_UNROLL for (uint32_t r = 0; r + 1 < rows; r += 2)
    {
        HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) sums[r][v] =
            v_max(sums[r][v], sums[r + 1][v]);
        finish_row(c, vectors, sums[r], p->y + r / 2 * p->y_step);
    }
}

#define DEFINE_TILE(rows, panels)                                                             \
    static void tile_##rows##x##panels(const hark_conv_f32 *c, const walk *w, const place *p) \
    {                                                                                         \
        vf sums[rows][TILE_VECTORS];                                                          \
        HARK_UNROLL for (uint32_t r = 0; r < (rows); r++)                                     \
            HARK_UNROLL for (uint32_t v = 0; v < (panels)*PANEL_VECTORS; v++) sums[r][v] =    \
                v_load(p->bias + v * HARK_LANES);                                             \
        multiply(rows, panels, w, p->x, p->weights, sums);                                    \
        finish(c, rows, (panels)*PANEL_VECTORS, sums, p);                                     \
    }
#define DEFINE_ONE(rows) DEFINE_TILE(rows, 1)
#define CASE_ONE(rows) \
    case rows: tile_##rows##x1(c, w, p); break;
HARK_HEIGHTS_F32_ONE(DEFINE_ONE)
#if HARK_TILE_PANELS == 2
#define DEFINE_TWO(rows) DEFINE_TILE(rows, 2)
#define CASE_TWO(rows) \
    case rows: tile_##rows##x2(c, w, p); break;
HARK_HEIGHTS_F32(DEFINE_TWO)
#endif

static const uint8_t NEXT[] = {HARK_NEXT_F32};
static const uint8_t NEXT_ONE[] = {HARK_NEXT_F32_ONE};

/* A tile of a height there is. Tables of functions would be relocated when the library is loaded.
 */
static void tile(const hark_conv_f32 *c, const walk *w, const place *p, uint32_t panels,
                 uint32_t rows)
{
    if (panels == 1) {
        switch (rows) {
            HARK_HEIGHTS_F32_ONE(CASE_ONE)
        }
        return;
    }
#if HARK_TILE_PANELS == 2
    switch (rows) {
        HARK_HEIGHTS_F32(CASE_TWO)
    }
#endif
}

/* The one row of all: not the last of several, whose bits must not depend on how they are cut. */
static inline int is_row_alone(const hark_conv *s) { return s->rows * s->pool == 1; }

HARK_INLINE void row_of(const hark_conv_f32 *c, const walk *w, const place *p,
                        const uint32_t panels)
{
    vf sums[ROW_VECTORS];
    HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) sums[v] =
        v_load(p->bias + v * HARK_LANES);
    multiply_row(panels, w, p->x, p->weights, sums);
    finish_row(c, panels * PANEL_VECTORS, sums, p->y);
}

/* Fewer panels than the widest tile has come one by one. */
static void row_alone(const hark_conv_f32 *c, const walk *w, const place *p, uint32_t panels)
{
    if (panels == HARK_ROW_PANELS) {
        row_of(c, w, p, HARK_ROW_PANELS);
        return;
    }
    place one = *p;
    for (uint32_t i = 0; i < panels; i++) {
        row_of(c, w, &one, 1);
        one.weights += w->panel_step;
        one.bias += HARK_PANEL;
        one.y += HARK_PANEL;
    }
}

/* A tile that is wider than the `columns` of output that are left: by way of a buffer. */
static void narrow_tile(const hark_conv_f32 *c, const walk *w, place p, uint32_t panels,
                        uint32_t rows, uint32_t columns)
{
    float wide[HARK_ROWS_F32 * HARK_TILE_PANELS * HARK_PANEL];
    float *const y = p.y;
    const size_t y_step = p.y_step;
    p.y = wide;
    p.y_step = (size_t)panels * HARK_PANEL;
    if (is_row_alone(&c->shape))
        row_alone(c, w, &p, panels);
    else
        tile(c, w, &p, panels, rows * c->shape.pool);
    for (uint32_t r = 0; r < rows; r++)
        memcpy(y + r * y_step, wide + r * p.y_step, columns * sizeof *y);
}

/* All rows of one or two panels, `columns` of output wide, which begin at `p`, which is moved on:
 * a copy, read in wide pieces right after it was written in narrow ones, would wait for the stores.
 */
static void panels_down(const hark_conv_f32 *c, const walk *w, place *p, uint32_t panels,
                        uint32_t columns)
{
    const hark_conv *s = &c->shape;
    const uint32_t most = panels == 1 ? HARK_ROWS_F32_ONE : HARK_ROWS_F32;
    const uint8_t *next = panels == 1 ? NEXT_ONE : NEXT;
    for (uint32_t row = 0, count; row < s->rows; row += count) {
        const uint32_t left = (s->rows - row) * s->pool;
        count = tile_rows(left, most, next) >> (s->pool - 1);
        if (columns < panels * HARK_PANEL)
            narrow_tile(c, w, *p, panels, count, columns);
        else if (is_row_alone(s))
            row_alone(c, w, p, panels);
        else
            tile(c, w, p, panels, count * s->pool);
        p->x += count * s->pool * w->row_step;
        p->y += count * p->y_step;
    }
}

void HARK_NAME(conv_f32)(const hark_conv_f32 *c, const float *x, float *y)
{
    const hark_conv *s = &c->shape;
    const uint32_t inputs = s->columns_in / s->groups;
    const uint32_t outputs = s->columns_out / s->groups;
    const uint32_t panels = hark_panels(s);
    const walk w = {(size_t)s->stride * s->columns_in, hark_segments_of(s),
                    (size_t)s->kernel * inputs * HARK_PANEL};
    /* whole panels alone: the tile that is not full is of the usual width */
    const int is_row = is_row_alone(s) && outputs % HARK_PANEL == 0;
    for (uint32_t g = 0; g < s->groups; g++)
        for (uint32_t done = 0, wide; done < panels; done += wide) {
            wide = tile_panels(panels - done, is_row);
            const uint32_t p = c->backward ? panels - done - wide : done;
            const size_t panel = (size_t)g * panels + p;
            place at = {x + (size_t)g * inputs, c->weights + panel * w.panel_step,
                        c->bias + panel * HARK_PANEL,
                        y + (size_t)g * outputs + (size_t)p * HARK_PANEL, s->columns_out};
            const uint32_t columns = smaller(outputs - p * HARK_PANEL, wide * HARK_PANEL);
            if (is_row)
                row_alone(c, &w, &at, wide);
            else
                panels_down(c, &w, &at, wide, columns);
        }
}
