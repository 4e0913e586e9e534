/* FP32 convolution as a matrix product without a copy of the input.
 *
 * Rows of a tensor lie without gaps, so the values that one row of output needs are a run of kernel
 * * columns_in floats (a few runs where dilated or grouped), and the run of the next row begins
 * stride * columns_in floats later. A tile of rows x panels of output stays in registers while the
 * run is walked: one load of weights serves all rows, one load of input all vectors. Bias, clamp
 * and the maximum over a pair of rows are done before anything is stored. */
#include "kernels/body/tile_f32.h"

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

typedef void tile_fn(const hark_conv_f32 *c, const walk *w, const place *p);

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
#define NAME_ONE(rows) tile_##rows##x1,
HARK_HEIGHTS_F32(DEFINE_ONE)
#if HARK_TILE_PANELS == 2
#define DEFINE_TWO(rows) DEFINE_TILE(rows, 2)
#define NAME_TWO(rows) tile_##rows##x2,
HARK_HEIGHTS_F32(DEFINE_TWO)
#endif

/* By panels - 1 and rows - 1. */
static tile_fn *const TILES[HARK_TILE_PANELS][HARK_ROWS_F32] = {
    {HARK_HEIGHTS_F32(NAME_ONE)},
#if HARK_TILE_PANELS == 2
    {HARK_HEIGHTS_F32(NAME_TWO)},
#endif
};

/* The one row of all: not the last of several, whose bits must not depend on how they are cut. */
static inline int is_row_alone(const hark_conv *s) { return s->rows * s->pool == 1; }

static void row_alone(const hark_conv_f32 *c, const walk *w, const place *p, uint32_t panels)
{
    vf sums[TILE_VECTORS];
    HARK_UNROLL for (uint32_t v = 0; v < TILE_VECTORS; v++) sums[v] =
        v / PANEL_VECTORS < panels ? v_load(p->bias + v * HARK_LANES) : v_all(0.0f);
    if (panels == 1) {
        multiply_row(1, w, p->x, p->weights, sums);
        finish_row(c, PANEL_VECTORS, sums, p->y);
    } else {
        multiply_row(HARK_TILE_PANELS, w, p->x, p->weights, sums);
        finish_row(c, TILE_VECTORS, sums, p->y);
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
        TILES[panels - 1][rows * c->shape.pool - 1](c, w, &p);
    for (uint32_t r = 0; r < rows; r++)
        memcpy(y + r * y_step, wide + r * p.y_step, columns * sizeof *y);
}

/* All rows of one or two panels, `columns` of output wide, which begin at `p`, which is moved on:
 * a copy, read in wide pieces right after it was written in narrow ones, would wait for the stores.
 */
static void panels_down(const hark_conv_f32 *c, const walk *w, const cut *rows, place *p,
                        uint32_t panels, uint32_t columns)
{
    const hark_conv *s = &c->shape;
    for (uint32_t t = 0; t < rows->tiles; t++) {
        const uint32_t count = rows_of_tile(rows, t);
        if (columns < panels * HARK_PANEL)
            narrow_tile(c, w, *p, panels, count, columns);
        else if (is_row_alone(s))
            row_alone(c, w, p, panels);
        else
            TILES[panels - 1][count * s->pool - 1](c, w, p);
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
    const uint32_t tiles = hark_divide_up(panels, HARK_TILE_PANELS);
    const walk w = {(size_t)s->stride * s->columns_in, hark_segments_of(s),
                    (size_t)s->kernel * inputs * HARK_PANEL};
    const cut rows = cut_rows(s->rows, s->pool, HARK_ROWS_F32);
    for (uint32_t g = 0; g < s->groups; g++)
        for (uint32_t t = 0; t < tiles; t++) {
            const uint32_t p = (c->backward ? tiles - 1 - t : t) * HARK_TILE_PANELS;
            const size_t panel = (size_t)g * panels + p;
            place at = {x + (size_t)g * inputs, c->weights + panel * w.panel_step,
                        c->bias + panel * HARK_PANEL,
                        y + (size_t)g * outputs + (size_t)p * HARK_PANEL, s->columns_out};
            const uint32_t wide = smaller(panels - p, HARK_TILE_PANELS);
            const uint32_t columns = smaller(outputs - p * HARK_PANEL, wide * HARK_PANEL);
            if (is_row_alone(s) && columns == wide * HARK_PANEL)
                row_alone(c, &w, &at, wide);
            else
                panels_down(c, &w, &rows, &at, wide, columns);
        }
}
