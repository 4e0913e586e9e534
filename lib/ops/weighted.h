/* What convolution and dense layers share: a dense layer is a convolution with kernel 1. */
#ifndef HARI_OPS_WEIGHTED_H
#define HARI_OPS_WEIGHTED_H

#include "ops/op.h"

/* Types and sizes of weight and bias, the rules of INT8 weights, and that no accumulator can
 * overflow. The weight is [columns out][kernel][inputs]; both sizes were read from its shape. */
int32_t hari_weighted_check(const hari_graph *graph, const hari_node *node, uint32_t outputs,
                            uint32_t values_per_output, har_error *error);

/* The number of inputs, and that the first is computed and of a type with a kernel. */
int32_t hari_weighted_check_inputs(const hari_graph *graph, const hari_node *node,
                                   har_error *error);

/* The type that the output must have: codes where it is declared so and the input is codes, else
 * F32. */
hari_dtype hari_weighted_output_type(const hari_graph *graph, const hari_node *node);

/* Prepares the step for a convolution of that shape; `shape->pool` and `rows_out` follow from
 * `fused`. */
int32_t hari_weighted_prepare(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                              hari_pool *pool, har_error *error);

void hari_weighted_run(const hari_step *step, const void *const *inputs, void *output,
                       void *scratch);

#endif /* HARI_OPS_WEIGHTED_H */
