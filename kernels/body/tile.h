/* Cutting the output into tiles of some rows by one or two panels. */
#ifndef HARK_BODY_TILE_H
#define HARK_BODY_TILE_H

#include "kernels/pack.h"

/* Vectors of one panel, and of the widest tile. */
#define PANEL_VECTORS (HARK_PANEL / HARK_LANES)
#define TILE_VECTORS (HARK_TILE_PANELS * PANEL_VECTORS)

/* One function for each number of rows: DEFINE(rows) for 1 .. HARK_ROWS_*. */
#define HARK_HEIGHTS_2(DEFINE) DEFINE(1) DEFINE(2)
#define HARK_HEIGHTS_4(DEFINE) HARK_HEIGHTS_2(DEFINE) DEFINE(3) DEFINE(4)
#define HARK_HEIGHTS_6(DEFINE) HARK_HEIGHTS_4(DEFINE) DEFINE(5) DEFINE(6)
#define HARK_HEIGHTS_8(DEFINE) HARK_HEIGHTS_6(DEFINE) DEFINE(7) DEFINE(8)
#define HARK_HEIGHTS_12(DEFINE) HARK_HEIGHTS_8(DEFINE) DEFINE(9) DEFINE(10) DEFINE(11) DEFINE(12)

static inline uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Cuts `rows` output rows, `pool` products each, into tiles of nearly equal height. */
typedef struct cut {
    uint32_t tiles;
    uint32_t least; /* output rows of a tile */
    uint32_t more;  /* tiles with one more */
} cut;

static inline cut cut_rows(uint32_t rows, uint32_t pool, uint32_t most)
{
    if (rows == 1) return (cut){1, 1, 0};
    const uint32_t tiles = hark_divide_up(rows, pool == 1 ? most : most / pool);
    return (cut){tiles, rows / tiles, rows % tiles};
}

static inline uint32_t rows_of_tile(const cut *c, uint32_t tile)
{
    return c->least + (tile < c->more ? 1u : 0u);
}

#endif /* HARK_BODY_TILE_H */
