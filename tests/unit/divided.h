/* Plans divided between XNNPACK and the native kernels, for tests. */
#ifndef TESTS_UNIT_DIVIDED_H
#define TESTS_UNIT_DIVIDED_H

#include "graph_maker.h"

#include "exec/exec.h"

/* A plan of its own with its arena, before guard bytes, and the parts that XNNPACK took. */
typedef struct divided {
    hari_plan *plan;
    hari_division division;
    hari_runtime **runtimes;
    unsigned char *arena;
} divided;

/* Whether there is XNNPACK to test; says so where there is none. */
bool xnnpack_is_here(void);

/* Stop the division when done. */
divided divide(maker *m);

/* A copy of the values of the graph's output. The test fails where something was written past the
 * arena. */
const void *run_divided(maker *m, const divided *d, const void *input);

/* Any stride and padding that fit a number of rows. */
hari_sliding any_sliding(maker *m, uint32_t rows, uint32_t kernel, uint32_t dilation);

/* The rows that follow from `rows`. */
uint32_t rows_of(const hari_sliding *s, uint32_t rows);

#endif /* TESTS_UNIT_DIVIDED_H */
