/* Two computed matrices that meet value by value: what add and multiply share. Either may be one
 * row, or one column, that stands for all of the other. */
#ifndef HARI_OPS_PAIR_H
#define HARI_OPS_PAIR_H

#include "ops/op.h"

/* How the kernels take them: `a` is input 1 and `b` input 0 where they change places. */
typedef struct hari_pair {
    hark_pair shape;
    bool is_swapped;
    hari_dtype dtype;
    hari_bounds bounds;
} hari_pair;

/* Two inputs of one type, F32 or U8, that fit each other, and the output. */
int32_t hari_pair_check(const hari_graph *graph, const hari_node *node, har_error *error);

/* Of a step whose node was checked. */
hari_pair hari_pair_prepare(const hari_step *step, const hari_graph *graph);

#endif /* HARI_OPS_PAIR_H */
