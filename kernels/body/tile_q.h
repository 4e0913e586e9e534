/* A tile of INT8 sums in registers. A unit of input, 4 U8 or, where HARK_INPUT_I16 is 1, 2 I16, is
 * multiplied and added at once, in every lane by the I8 weights of that lane's column. Where an
 * instruction set is faster with several units at once, it defines how many as HARK_UNITS, and the
 * vis_* operations for them. */
#ifndef HARK_BODY_TILE_Q_H
#define HARK_BODY_TILE_Q_H

#include "kernels/body/tile.h"

/* Of one panel: at least as many rows as of two. */
#ifndef HARK_ROWS_Q_ONE
#define HARK_ROWS_Q_ONE HARK_ROWS_Q
#define HARK_HEIGHTS_Q_ONE HARK_HEIGHTS_Q
#define HARK_NEXT_Q_ONE HARK_NEXT_Q
#endif

/* Of one unit: input, weights of a column, weights of a panel. */
enum {
    INPUT_BYTES = 4,
    COLUMN_BYTES = HARK_INPUT_I16 ? 2 : 4,
    PANEL_BYTES = COLUMN_BYTES * HARK_PANEL
};

/* How a tile walks its input, in bytes; a run has `units` of INPUT_BYTES. */
typedef struct walk_q {
    size_t row_step;
    size_t run_step;
    uint32_t runs;
    uint32_t units;
    size_t panel_step; /* of the weights */
} walk_q;

/* Weights are asked for so many bytes before they are used. */
#define PREFETCH_BYTES 2048u

#if HARK_INPUT_I16
#define INPUT_NAME(name) name##_i16
#else
#define INPUT_NAME(name) name##_u8
#endif

HARK_INLINE vi weights_at(const uint8_t *weights, size_t panel_step, uint32_t vector)
{
    return INPUT_NAME(vi_weights)(weights + vector / PANEL_VECTORS * panel_step +
                                  vector % PANEL_VECTORS * (HARK_LANES * COLUMN_BYTES));
}

/* sums += products of one unit of `rows` rows of input at x and `panels` panels of weights. */
HARK_INLINE void multiply_unit(const uint32_t rows, const uint32_t panels, const uint8_t *x,
                               size_t row_step, const uint8_t *weights, size_t panel_step,
                               vi sums[][ROW_VECTORS])
{
    vi columns[ROW_VECTORS];
    HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) columns[v] =
        weights_at(weights, panel_step, v);
    HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
        v_prefetch(weights + p * panel_step + PREFETCH_BYTES);
    HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
    {
        const vi input = INPUT_NAME(vi_input)(x + r * row_step);
        HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) sums[r][v] =
            INPUT_NAME(vi_dot)(sums[r][v], input, columns[v]);
    }
}

#if defined(HARK_UNITS)
/* The same of HARK_UNITS units. */
HARK_INLINE void multiply_units(const uint32_t rows, const uint32_t panels, const uint8_t *x,
                                size_t row_step, const uint8_t *weights, size_t panel_step,
                                vi sums[][ROW_VECTORS])
{
    vis inputs[HARK_ROWS_Q_ONE];
    HARK_UNROLL for (uint32_t r = 0; r < rows; r++) inputs[r] =
        INPUT_NAME(vis_input)(x + r * row_step);
    HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
        HARK_UNROLL for (uint32_t u = 0; u < HARK_UNITS; u++)
            v_prefetch(weights + p * panel_step + u * PANEL_BYTES + PREFETCH_BYTES);
    HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++)
    {
        vi columns[HARK_UNITS];
        HARK_UNROLL for (uint32_t u = 0; u < HARK_UNITS; u++) columns[u] =
            weights_at(weights + u * PANEL_BYTES, panel_step, v);
        HARK_UNROLL for (uint32_t r = 0; r < rows; r++) sums[r][v] =
            INPUT_NAME(vis_dot)(sums[r][v], inputs[r], columns);
    }
}
#endif

/* sums += products of `rows` rows of input at x and `panels` panels of weights. */
HARK_INLINE void multiply_q(const uint32_t rows, const uint32_t panels, const walk_q *w,
                            const uint8_t *x, const uint8_t *weights, vi sums[][ROW_VECTORS])
{
    const size_t row_step = w->row_step;
    const size_t panel_step = w->panel_step;
    for (uint32_t run = 0; run < w->runs; run++, x += w->run_step) {
        const uint8_t *at = x;
        uint32_t u = 0;
#if defined(HARK_UNITS)
        for (; u + HARK_UNITS <= w->units; u += HARK_UNITS) {
            multiply_units(rows, panels, at, row_step, weights, panel_step, sums);
            at += HARK_UNITS * INPUT_BYTES;
            weights += HARK_UNITS * PANEL_BYTES;
        }
#endif
        for (; u < w->units; u++, at += INPUT_BYTES, weights += PANEL_BYTES)
            multiply_unit(rows, panels, at, row_step, weights, panel_step, sums);
    }
}

/* sums += products of one row alone: several units at a time, because one sum can take only one
 * product every few cycles. */
#if defined(HARK_ROW_SUMS_Q)
#define ROW_SUMS HARK_ROW_SUMS_Q
#else
#define ROW_SUMS (8u / TILE_VECTORS)
#endif
/* Panels of fewer units, 2 KiB, are over before a prefetch would help. */
enum { LEAST_FAR = 32 };

HARK_INLINE void multiply_row_q(const uint32_t panels, const walk_q *w, const uint8_t *x,
                                const uint8_t *weights, vi sums[ROW_VECTORS])
{
    const size_t panel_step = w->panel_step;
    const uint32_t vectors = panels * PANEL_VECTORS;
    vi parts[ROW_SUMS][ROW_VECTORS];
    HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
        HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[s][v] = vi_all(0);
    for (uint32_t run = 0; run < w->runs; run++, x += w->run_step) {
        uint32_t u = 0;
#if defined(HARK_UNITS)
        for (; u + ROW_SUMS * HARK_UNITS <= w->units; u += ROW_SUMS * HARK_UNITS)
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
            {
                multiply_units(1, panels, x + (size_t)(u + s * HARK_UNITS) * INPUT_BYTES, 0,
                               weights, panel_step, &parts[s]);
                weights += HARK_UNITS * PANEL_BYTES;
            }
#else
        for (; u + ROW_SUMS <= w->units; u += ROW_SUMS, weights += ROW_SUMS * PANEL_BYTES) {
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
            {
                const vi input = INPUT_NAME(vi_input)(x + (size_t)(u + s) * INPUT_BYTES);
                HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[s][v] = INPUT_NAME(vi_dot)(
                    parts[s][v], input, weights_at(weights + s * PANEL_BYTES, panel_step, v));
            }
            if (w->units <= LEAST_FAR) continue;
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
                HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
                    v_prefetch(weights + s * PANEL_BYTES + p * panel_step + PREFETCH_BYTES);
        }
#endif
        for (; u < w->units; u++, weights += PANEL_BYTES) {
            const vi input = INPUT_NAME(vi_input)(x + (size_t)u * INPUT_BYTES);
            HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[0][v] =
                INPUT_NAME(vi_dot)(parts[0][v], input, weights_at(weights, panel_step, v));
        }
    }
    HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
        HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++) sums[v] = vi_add(sums[v], parts[s][v]);
}

#endif /* HARK_BODY_TILE_Q_H */
