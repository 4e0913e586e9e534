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

#endif /* HARI_OPS_SLIDING_H */
