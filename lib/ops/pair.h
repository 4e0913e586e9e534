/* Two computed matrices that meet value by value: what add and multiply share. Either may be one
 * row, or one column, that stands for all of the other. */
#ifndef HARI_OPS_PAIR_H
#define HARI_OPS_PAIR_H

#include "ops/op.h"

/* How the kernels take them: `a` is input 1 and `b` input 0 where they change places. */
typedef struct hari_pair {
    hark_pair shape;
    bool is_swapped;
    bool is_whole;    /* neither stands for more than it is */
    uint32_t columns; /* of the output */
    hari_dtype dtype;
    hari_bounds bounds;
} hari_pair;

/* Products that take as long as a value. */
#define HARI_VALUE_WORK 8u

/* Two inputs of one type, F32 or U8, that fit each other, and the output. */
int32_t hari_pair_check(const hari_graph *graph, const hari_node *node, har_error *error);

/* Of a step whose node was checked. */
hari_pair hari_pair_prepare(const hari_step *step, const hari_graph *graph);

/* The ends of the rows, of a pair that is whole; `run` computes a part. */
void hari_pair_again(const hari_pair *pair, const hari_step *step, const hari_again *again,
                     void (*run)(const hari_step *step, const hark_pair *shape, const void *a,
                                 const void *b, void *y));

#endif /* HARI_OPS_PAIR_H */
