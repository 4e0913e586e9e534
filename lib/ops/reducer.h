/* Several rows to one: the mean, the sum and the maximum, for sliding, adaptive and global pools.
 * Of global pools also all columns to one. */
#ifndef HARI_OPS_REDUCER_H
#define HARI_OPS_REDUCER_H

#include "ops/op.h"

/* What the reduction of rows of one tensor to a row of another needs. */
typedef struct hari_reducer {
    hari_dtype dtype;
    hari_pool_kind kind;
    uint32_t axis; /* 1: of columns */
    uint32_t rows_in;
    uint32_t columns;
    int32_t zero_in;
    int32_t zero_out;
    float ratio; /* s_x / s_y */
} hari_reducer;

/* Types of input and output, which has `rows_out` rows, or one column where the axis is 1; a
 * maximum needs the same codes in both. */
int32_t hari_reducer_check(const hari_graph *graph, const hari_node *node, hari_pool_kind kind,
                           uint32_t axis, uint64_t rows_out, har_error *error);

/* Fills a reducer from the step's node and says which kernel it takes. */
hari_reducer hari_reducer_prepare(hari_step *step, const hari_graph *graph, hari_pool_kind kind,
                                  uint32_t axis);

/* The rows of the input that row `t` of `rows` stands for: equal shares, rounded outwards. */
static inline void hari_share_of(uint32_t rows_in, uint32_t rows, uint32_t t, uint32_t *first,
                                 uint32_t *count)
{
    *first = (uint32_t)((uint64_t)t * rows_in / rows);
    *count = (uint32_t)(((t + (uint64_t)1) * rows_in + rows - 1) / rows) - *first;
}

/* Output row `to` from input rows first .. first + count - 1; a mean divides by `divisor`, a sum
 * where it is 1. */
void hari_reduce(const hari_reducer *reducer, const hark_table *kernels, const void *input,
                 uint32_t first, uint32_t count, uint32_t divisor, void *output, uint32_t to);

/* All columns to one. */
void hari_reduce_columns(const hari_reducer *reducer, const hark_table *kernels, const void *input,
                         uint32_t divisor, void *output);

#endif /* HARI_OPS_REDUCER_H */
