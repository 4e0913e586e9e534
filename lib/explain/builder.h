/* Putting a graph together in memory: tensors, constants, nodes. */
#ifndef HARI_EXPLAIN_BUILDER_H
#define HARI_EXPLAIN_BUILDER_H

#include "graph/graph.h"

#define HARI_NO_TENSOR UINT32_MAX

/* A graph that grows, in room that was counted before. After an error nothing grows: tensors are
 * then number 0, and `status` says what happened. */
typedef struct hari_builder {
    hari_graph graph;
    uint32_t *inputs; /* of all nodes */
    uint32_t input_count;
    hari_pool *pool;    /* for constants that the graph needs as long as it is there */
    hari_pool *scratch; /* for those that are packed, and for the graph while it grows */
    har_error *error;
    int32_t status;
    hari_node none; /* given after an error */
} hari_builder;

/* Room for `tensors` tensors, as many nodes, and `inputs` inputs of them. */
void hari_builder_start(hari_builder *builder, uint32_t tensors, uint32_t inputs);

/* A computed F32 tensor. */
uint32_t hari_builder_tensor(hari_builder *builder, size_t rows, size_t columns);

/* An F32 constant of that shape; `values` stay where they are. NULL: it is computed. */
uint32_t hari_builder_constant(hari_builder *builder, uint32_t rank, const uint32_t *dim,
                               const float *values);

/* Values for a constant; NULL after an error. */
float *hari_builder_values(hari_builder *builder, hari_pool *pool, size_t count);

/* A node with the attributes of `like` (NULL: none) but for its kind, that reads `inputs` and
 * writes a tensor of its own. */
hari_node *hari_builder_node(hari_builder *builder, hari_op_kind kind, const hari_node *like,
                             const uint32_t *inputs, uint32_t count, size_t rows, size_t columns);

/* The same for a node of one or two inputs; gives its tensor. */
uint32_t hari_builder_op(hari_builder *builder, hari_op_kind kind, const hari_node *like,
                         uint32_t first, uint32_t second, size_t rows, size_t columns);

/* The finished graph, with its input and output, in memory of builder->pool. */
int32_t hari_builder_finish(hari_builder *builder, uint32_t output, hari_graph *graph);

#endif /* HARI_EXPLAIN_BUILDER_H */
