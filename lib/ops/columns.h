/* A scale and an offset for each column: what affine and layer norm share. */
#ifndef HARI_OPS_COLUMNS_H
#define HARI_OPS_COLUMNS_H

#include "ops/op.h"

/* Three inputs: x, F32 or U8, and F32 constants of its columns; the output is like x. Of codes no
 * column can leave the range of binary32, where what the kernel computes of x reaches at most 2^24.
 * `scale_in` is what the scales are multiplied with. */
int32_t hari_columns_check(const hari_graph *graph, const hari_node *node, float scale_in,
                           har_error *error);

/* What a run takes: of F32 `scale`, `offset` and `bounds`, of codes `q`. */
typedef struct hari_columns {
    bool is_codes;
    uint32_t rows;
    uint32_t columns;
    const float *scale;
    const float *offset;
    hari_bounds bounds;
    hark_columns_q q;
} hari_columns;

/* Bytes of a row, of x as of the output. */
static inline size_t hari_columns_row_bytes(const hari_columns *columns)
{
    return columns->columns * (columns->is_codes ? sizeof(uint8_t) : sizeof(float));
}

/* Scales and offsets of codes are in codes of the output: fl(fl(scale_in * scale) / s_y),
 * fl(offset / s_y). Errors: HAR_ERR_MEMORY. */
int32_t hari_columns_prepare(hari_columns *columns, const hari_step *step, const hari_graph *graph,
                             float scale_in, hari_pool *pool, har_error *error);

#endif /* HARI_OPS_COLUMNS_H */
