/* The softmax outside of a graph. */
#ifndef HARI_OPS_SOFTMAX_H
#define HARI_OPS_SOFTMAX_H

#include <stdint.h>

/* In place, with the bits of docs/design/numbers.md on every machine. */
void hari_softmax(float *values, uint32_t count);

#endif /* HARI_OPS_SOFTMAX_H */
