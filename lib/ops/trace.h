/* What a recurrent layer leaves for its gradient. */
#ifndef HARI_OPS_TRACE_H
#define HARI_OPS_TRACE_H

#include "ops/product.h"

/* Parts of one row of floats. Gates lie as in a product, each `wide` values. */
typedef struct hari_trace {
    float *states; /* [rows][units] */
    float *gates;  /* [rows][gates][wide], after their curves */
    float *own;    /* [rows][wide]: c of an LSTM; of a GRU whose reset comes after the product, the
                      candidate's product before it */
    size_t size;   /* of all */
} hari_trace;

static inline hari_trace hari_trace_of(float *values, uint32_t rows, uint32_t units, uint32_t gates)
{
    const size_t wide = hari_product_wide(units);
    const size_t states = ((size_t)rows * units + HARK_PANEL - 1) / HARK_PANEL * HARK_PANEL;
    const size_t own = states + rows * gates * wide;
    hari_trace trace = {.size = own + rows * wide};
    if (!values) return trace;
    trace.states = values;
    trace.gates = values + states;
    trace.own = values + own;
    return trace;
}

/* Gates of a layer, and whether a GRU resets after the product. */
uint32_t hari_recurrent_gates(const hari_node *node);
bool hari_recurrent_resets_after(const hari_node *node);

#endif /* HARI_OPS_TRACE_H */
