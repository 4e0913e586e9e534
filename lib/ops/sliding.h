/* How many rows a sliding op gives, and where the first one starts. */
#ifndef HARI_OPS_SLIDING_H
#define HARI_OPS_SLIDING_H

#include "ops/op.h"

typedef struct hari_slide {
    uint32_t rows;     /* of the output */
    uint32_t pad_left; /* rows before the input */
} hari_slide;

/* Fails where padding reaches past the kernel or the kernel past the padded input. `sliding` has
 * its kernel. */
int32_t hari_slide_over(const hari_graph *graph, const hari_node *node, const hari_sliding *sliding,
                        uint32_t rows_in, hari_slide *slide, har_error *error);

/* The rows of the input that output row `t` covers. Never none: hari_slide_over keeps padding below
 * the kernel's extent on both sides. */
void hari_slide_covers(const hari_sliding *sliding, const hari_slide *slide, uint32_t rows_in,
                       uint32_t t, uint32_t *first, uint32_t *count);

#endif /* HARI_OPS_SLIDING_H */
