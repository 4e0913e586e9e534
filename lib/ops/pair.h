/* Two matrices that meet value by value, the second perhaps a constant: what add and multiply
 * share. Either may be one row, or one column, that stands for all of the other. */
#ifndef HARI_OPS_PAIR_H
#define HARI_OPS_PAIR_H

#include "ops/op.h"

/* One op on a part of its operands. */
typedef void hari_pair_part(const hari_step *step, const hark_pair *shape, const void *a,
                            const void *b, void *y);

/* How the kernels take them: `a` is input 1 and `b` input 0 where they change places. */
typedef struct hari_pair {
    hark_pair shape;
    bool is_swapped;
    const void *constant; /* input 1 where it is one; NULL: it is computed */
    bool is_whole;        /* both are computed and neither stands for more than it is */
    uint32_t columns;     /* of the output */
    hari_dtype dtype;
    hari_bounds bounds;
    hari_pair_part *run_part;
} hari_pair;

/* Two inputs of one type, F32 or U8, that fit each other, and the output. A constant has rank 1 or
 * 2 and, of codes, one scale. */
int32_t hari_pair_check(const hari_graph *graph, const hari_node *node, har_error *error);

/* Of a step whose node was checked; fills its `weight_bytes` and, for a pair that is whole, what it
 * computes again. The step's `prepared` begins with the pair. */
hari_pair hari_pair_prepare(hari_step *step, const hari_graph *graph, hari_pair_part *run_part);

/* The run of an op whose `prepared` begins with a pair. */
void hari_pair_run(const hari_step *step, const void *const *inputs, void *output, void *scratch);

#endif /* HARI_OPS_PAIR_H */
