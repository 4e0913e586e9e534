/* Makes small graphs by hand, as the file would give them: tensors, constants of random values,
 * nodes. Runs them through a plan, and node by node without one. */
#ifndef TESTS_UNIT_GRAPH_MAKER_H
#define TESTS_UNIT_GRAPH_MAKER_H

#include "check.h"

#include "plan/plan.h"

enum { MAKER_TENSORS = 96, MAKER_NODES = 32, MAKER_INPUTS = 8 };

typedef struct maker {
    uint64_t random;
    hari_graph graph;
    hari_tensor tensors[MAKER_TENSORS];
    hari_node nodes[MAKER_NODES];
    uint32_t inputs[MAKER_NODES][MAKER_INPUTS];
    float scales[MAKER_TENSORS][160];
    hari_pool pool; /* constants, plans, values */
} maker;

/* An empty graph on the heap. */
maker *maker_new(uint64_t random);
void maker_free(maker *m);

/* A computed F32 tensor. */
uint32_t make_tensor(maker *m, uint32_t rows, uint32_t columns);

/* A computed tensor of codes. */
uint32_t make_codes(maker *m, hari_dtype dtype, uint32_t rows, uint32_t columns, float scale,
                    int32_t zero_point);

/* A constant of `rank` dimensions with random values: F32 in -1 .. 1, I8 in -63 .. 63 with a scale
 * for each of the first dimension, I32 in -5000 .. 5000. Dimensions past the rank are 1. */
uint32_t make_constant(maker *m, hari_dtype dtype, uint32_t rank, uint32_t a, uint32_t b,
                       uint32_t c);

/* A node that reads `inputs` and writes `output`; its attributes are those that the file takes for
 * granted. */
hari_node *make_node(maker *m, hari_op_kind kind, const uint32_t *inputs, uint32_t count,
                     uint32_t output);

/* The same for a node that reads one tensor. */
hari_node *make_node1(maker *m, hari_op_kind kind, uint32_t input, uint32_t output);

/* The graph ends with `output`. */
void make_output(maker *m, uint32_t output);

/* Room for the values of a tensor, zeroed. */
void *make_values(maker *m, uint32_t tensor);

/* Random values for an F32 tensor, -`reach` .. `reach`. */
float *make_random_values(maker *m, uint32_t tensor, double reach);

/* The plan of the graph; the test fails where it cannot be built. */
hari_plan *make_plan(maker *m);

/* What the plan computes from `input`: the values of the graph's output. */
void *run_plan(maker *m, const hari_plan *plan, const void *input);

/* One op on its own: a plan of a single step, from `input` to the node's output. */
void *run_node(maker *m, const hari_node *node, const void *const *inputs);

/* Fails where a value is further than `bound` from the one that is wanted. */
void assert_close(const float *found, const double *wanted, size_t count, double bound);

#endif /* TESTS_UNIT_GRAPH_MAKER_H */
