/* Cutting the output into tiles of some rows by one or two panels. */
#ifndef HARK_BODY_TILE_H
#define HARK_BODY_TILE_H

#include "kernels/pack.h"

/* Vectors of one panel, and of the widest tile. */
#define PANEL_VECTORS (HARK_PANEL / HARK_LANES)
#define TILE_VECTORS (HARK_TILE_PANELS * PANEL_VECTORS)

/* Panels of the tile of one row alone. Where registers allow more of them, fewer loads of input
 * stand beside those of weights. */
#ifndef HARK_ROW_PANELS
#define HARK_ROW_PANELS HARK_TILE_PANELS
#endif
#define ROW_VECTORS (HARK_ROW_PANELS * PANEL_VECTORS)

/* One function for each height of a tile: DEFINE(rows) for those of 1 .. HARK_ROWS_* that are worth
 * their code. HARK_NEXT_* say how high the next tile is where 0, 1, 2 ... rows are left, fewer than
 * two of the highest: all of them, or about half where there is no such tile, of an even number an
 * even one, for pairs of rows. */
#define HARK_HEIGHTS_2(DEFINE) DEFINE(1) DEFINE(2)
#define HARK_NEXT_2 0, 1, 2, 2
#define HARK_HEIGHTS_4(DEFINE) HARK_HEIGHTS_2(DEFINE) DEFINE(3) DEFINE(4)
#define HARK_NEXT_4 0, 1, 2, 3, 4, 3, 4, 4
#define HARK_HEIGHTS_6(DEFINE) HARK_HEIGHTS_4(DEFINE) DEFINE(6)
#define HARK_NEXT_6 0, 1, 2, 3, 4, 3, 6, 4, 4, 6, 6, 6
#define HARK_HEIGHTS_8_LESS_6(DEFINE) HARK_HEIGHTS_4(DEFINE) DEFINE(8)
#define HARK_NEXT_8_LESS_6 0, 1, 2, 3, 4, 3, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8
#define HARK_HEIGHTS_8(DEFINE) HARK_HEIGHTS_6(DEFINE) DEFINE(8)
#define HARK_NEXT_8 0, 1, 2, 3, 4, 3, 6, 4, 8, 6, 6, 8, 6, 6, 8, 8

static inline uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Panels of the next tile, where `left` of them are left, of one row alone or of several. */
static inline uint32_t tile_panels(uint32_t left, int is_row)
{
    return is_row && left >= HARK_ROW_PANELS ? HARK_ROW_PANELS : smaller(left, HARK_TILE_PANELS);
}

/* Rows of the next tile of the `left` ones, where the highest has `most`. */
static inline uint32_t tile_rows(uint32_t left, uint32_t most, const uint8_t *next)
{
    return left >= 2 * most ? most : next[left];
}

#endif /* HARK_BODY_TILE_H */
