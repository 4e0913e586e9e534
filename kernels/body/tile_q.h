/* A tile of INT8 sums in registers. Four bytes of input, 4 U8 or 2 I16, are multiplied and added at
 * once, in every lane by the weights of that lane's column; so a panel of weights has 64 bytes for
 * each four bytes of input. */
#ifndef HARK_BODY_TILE_Q_H
#define HARK_BODY_TILE_Q_H

#include "kernels/body/tile.h"

enum { INPUT_BYTES = 4, PANEL_BYTES = 4 * HARK_PANEL };

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

HARK_INLINE vi input_at(const int is_i16, const uint8_t *x)
{
    return is_i16 ? vi_input_i16(x) : vi_input_u8(x);
}

HARK_INLINE vi dot(const int is_i16, vi sum, vi x, vi w)
{
    return is_i16 ? vi_dot_i16(sum, x, w) : vi_dot_u8(sum, x, w);
}

HARK_INLINE vi weights_at(const uint8_t *weights, size_t panel_step, uint32_t vector)
{
    return vi_weights(weights + vector / PANEL_VECTORS * panel_step +
                      vector % PANEL_VECTORS * (HARK_LANES * INPUT_BYTES));
}

/* sums += products of `rows` rows of input at x and `panels` panels of weights. */
HARK_INLINE void multiply_q(const int is_i16, const uint32_t rows, const uint32_t panels,
                            const walk_q *w, const uint8_t *x, const uint8_t *weights,
                            vi sums[][TILE_VECTORS])
{
    const size_t row_step = w->row_step;
    const size_t panel_step = w->panel_step;
    for (uint32_t run = 0; run < w->runs; run++, x += w->run_step) {
        const uint8_t *at = x;
        for (uint32_t u = 0; u < w->units; u++, at += INPUT_BYTES, weights += PANEL_BYTES) {
            vi columns[TILE_VECTORS];
            HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) columns[v] =
                weights_at(weights, panel_step, v);
            HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
                v_prefetch(weights + p * panel_step + PREFETCH_BYTES);
            HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
            {
                const vi input = input_at(is_i16, at + r * row_step);
                HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) sums[r][v] =
                    dot(is_i16, sums[r][v], input, columns[v]);
            }
        }
    }
}

/* sums += products of one row alone: several units at a time, because one sum can take only one
 * product every few cycles. */
#define ROW_SUMS (8u / TILE_VECTORS)

HARK_INLINE void multiply_row_q(const int is_i16, const uint32_t panels, const walk_q *w,
                                const uint8_t *x, const uint8_t *weights, vi sums[TILE_VECTORS])
{
    const size_t panel_step = w->panel_step;
    vi parts[ROW_SUMS][TILE_VECTORS];
    HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
        HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) parts[s][v] = vi_all(0);
    for (uint32_t run = 0; run < w->runs; run++, x += w->run_step) {
        uint32_t u = 0;
        for (; u + ROW_SUMS <= w->units; u += ROW_SUMS, weights += ROW_SUMS * PANEL_BYTES) {
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
            {
                const vi input = input_at(is_i16, x + (size_t)(u + s) * INPUT_BYTES);
                HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) parts[s][v] =
                    dot(is_i16, parts[s][v], input,
                        weights_at(weights + s * PANEL_BYTES, panel_step, v));
                HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
                    v_prefetch(weights + s * PANEL_BYTES + p * panel_step + PREFETCH_BYTES);
            }
        }
        for (; u < w->units; u++, weights += PANEL_BYTES) {
            const vi input = input_at(is_i16, x + (size_t)u * INPUT_BYTES);
            HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) parts[0][v] =
                dot(is_i16, parts[0][v], input, weights_at(weights, panel_step, v));
        }
    }
    HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++)
        HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++) sums[v] = vi_add(sums[v], parts[s][v]);
}

#endif /* HARK_BODY_TILE_Q_H */
