/* What a recurrent layer leaves for its gradient: the states of all rows, and of every step what
 * the gates were made of. */
#ifndef HARI_OPS_TRACE_H
#define HARI_OPS_TRACE_H

#include "ops/product.h"

/* Parts of one row of floats. Gates lie as in a product: `columns` = gates * wide. */
typedef struct hari_trace {
    float *states;   /* [rows][units] */
    float *inputs;   /* [rows][columns], products of the input */
    float *products; /* [rows][columns], of the state */
    float *cells;    /* [rows][wide], of an LSTM */
    size_t size;     /* of all */
} hari_trace;

static inline hari_trace hari_trace_of(float *values, uint32_t rows, uint32_t units, uint32_t gates)
{
    const size_t wide = hari_product_wide(units);
    const size_t columns = gates * wide;
    const size_t inputs = ((size_t)rows * units + HARK_PANEL - 1) / HARK_PANEL * HARK_PANEL;
    const size_t products = inputs + rows * columns;
    const size_t cells = products + rows * columns;
    hari_trace trace = {.size = cells + rows * wide};
    if (!values) return trace;
    trace.states = values;
    trace.inputs = values + inputs;
    trace.products = values + products;
    trace.cells = values + cells;
    return trace;
}

/* Gates of a layer, and whether a GRU resets after the product. */
uint32_t hari_recurrent_gates(const hari_node *node);
bool hari_recurrent_resets_after(const hari_node *node);

#endif /* HARI_OPS_TRACE_H */
