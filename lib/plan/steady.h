/* Which rows of a tensor a window further on has, too. */
#ifndef HARI_PLAN_STEADY_H
#define HARI_PLAN_STEADY_H

#include "ops/op.h"

/* The steady rows, among `rows`, of what a step makes of an input with the steady rows `in`, where
 * `unit` rows are computed together. None where windows would have to be further apart than
 * `window` samples. */
hari_steady hari_steady_after(const hari_reach *reach, uint32_t unit, hari_steady in, uint32_t rows,
                              uint32_t window);

/* Those that are steady in both of two tensors, row by row. */
hari_steady hari_steady_both(hari_steady a, hari_steady b, uint32_t window);

/* The least common multiple; 0 where it is above `most`. */
uint32_t hari_common_multiple(uint64_t a, uint64_t b, uint32_t most);

#endif /* HARI_PLAN_STEADY_H */
