/* Two matrices that meet value by value, the second perhaps a constant: what add and multiply
 * share. Either may be one row, or one column, that stands for all of the other. */
#ifndef HARI_OPS_PAIR_H
#define HARI_OPS_PAIR_H

#include "ops/op.h"

/* How the kernels take them: `a` is input 1 and `b` input 0 where they change places. */
typedef struct hari_pair {
    hark_pair shape;
    bool is_swapped;
    const void *constant; /* input 1 where it is one; NULL: it is computed */
    bool is_whole;        /* both are computed and neither stands for more than it is */
    uint32_t columns;     /* of the output */
    hari_dtype dtype;
    hari_bounds bounds;
} hari_pair;

/* Products that take as long as a value. */
#define HARI_VALUE_WORK 8u

/* Two inputs of one type, F32 or U8, that fit each other, and the output. A constant has rank 1 or
 * 2 and, of codes, one scale. */
int32_t hari_pair_check(const hari_graph *graph, const hari_node *node, har_error *error);

/* Of a step whose node was checked; fills its `weight_bytes`. */
hari_pair hari_pair_prepare(hari_step *step, const hari_graph *graph);

/* What the kernels take as `a` (0) or as `b` (1), of the computed inputs of the step. */
static inline const void *hari_pair_operand(const hari_pair *pair, const void *const *inputs,
                                            uint32_t which)
{
    const uint32_t input = pair->is_swapped ? 1 - which : which;
    return input == 1 && pair->constant ? pair->constant : inputs[input];
}

/* The ends of the rows, of a pair that is whole; `run` computes a part. */
void hari_pair_again(const hari_pair *pair, const hari_step *step, const hari_again *again,
                     void (*run)(const hari_step *step, const hark_pair *shape, const void *a,
                                 const void *b, void *y));

#endif /* HARI_OPS_PAIR_H */
