/* A tile of FP32 sums in registers: rows x panels of output, one run of input after the other. */
#ifndef HARK_BODY_TILE_F32_H
#define HARK_BODY_TILE_F32_H

#include "kernels/body/tile.h"

/* How a tile walks its input: floats from one row of output to the next, the runs that a row needs,
 * and floats from one panel of weights to the next. */
typedef struct walk {
    size_t row_step;
    hark_segments runs;
    size_t panel_step;
} walk;

/* Weights are asked for so many floats, 2 KiB, before they are used. */
#define PREFETCH_FLOATS 512u

/* sums += products of `rows` rows of input at x and `panels` panels of weights. */
HARK_INLINE void multiply(const uint32_t rows, const uint32_t panels, const walk *w, const float *x,
                          const float *weights, vf sums[][TILE_VECTORS])
{
    const size_t row_step = w->row_step;
    const size_t panel_step = w->panel_step;
    for (uint32_t run = 0; run < w->runs.count; run++, x += w->runs.step) {
        const uint32_t length = w->runs.length;
        for (uint32_t k = 0; k < length; k++, weights += HARK_PANEL) {
            vf columns[TILE_VECTORS];
            HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) columns[v] =
                v_load(weights + v / PANEL_VECTORS * panel_step + v % PANEL_VECTORS * HARK_LANES);
            HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
                v_prefetch(weights + p * panel_step + PREFETCH_FLOATS);
            HARK_UNROLL for (uint32_t r = 0; r < rows; r++)
            {
                const vs input = vs_load(x + r * row_step + k);
                HARK_UNROLL for (uint32_t v = 0; v < panels * PANEL_VECTORS; v++) sums[r][v] =
                    v_fma_s(input, columns[v], sums[r][v]);
            }
        }
    }
}

/* sums += products of one row alone: several steps of the walk at a time, because one sum can take
 * only one product every few cycles. A panel of at most LEAST_FAR steps, 4 KiB, is over before a
 * prefetch would help, and with one product for each weight the loads are what it waits for. */
#define ROW_SUMS (8u / TILE_VECTORS)
enum { LEAST_FAR = 64 };

HARK_INLINE void multiply_row(const uint32_t panels, const walk *w, const float *x,
                              const float *weights, vf sums[ROW_VECTORS])
{
    const size_t panel_step = w->panel_step;
    const uint32_t vectors = panels * PANEL_VECTORS;
    const int is_far = w->runs.length > LEAST_FAR;
    vf parts[ROW_SUMS][ROW_VECTORS];
    HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
        HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[s][v] = v_all(0.0f);
    for (uint32_t run = 0; run < w->runs.count; run++, x += w->runs.step) {
        uint32_t k = 0;
        for (; k + ROW_SUMS <= w->runs.length; k += ROW_SUMS, weights += ROW_SUMS * HARK_PANEL) {
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
            {
                const vs input = vs_load(x + k + s);
                HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[s][v] =
                    v_fma_s(input,
                            v_load(weights + s * HARK_PANEL + v / PANEL_VECTORS * panel_step +
                                   v % PANEL_VECTORS * HARK_LANES),
                            parts[s][v]);
            }
            if (!is_far) continue;
            HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++)
                HARK_UNROLL for (uint32_t p = 0; p < panels; p++)
                    v_prefetch(weights + s * HARK_PANEL + p * panel_step + PREFETCH_FLOATS);
        }
        for (; k < w->runs.length; k++, weights += HARK_PANEL) {
            const vs input = vs_load(x + k);
            HARK_UNROLL for (uint32_t v = 0; v < vectors; v++) parts[0][v] = v_fma_s(
                input,
                v_load(weights + v / PANEL_VECTORS * panel_step + v % PANEL_VECTORS * HARK_LANES),
                parts[0][v]);
        }
    }
    HARK_UNROLL for (uint32_t v = 0; v < vectors; v++)
    {
        HARK_UNROLL for (uint32_t s = 0; s < ROW_SUMS; s++) sums[v] = v_add(sums[v], parts[s][v]);
    }
}

#endif /* HARK_BODY_TILE_F32_H */
