/* The network with its gradient, as one graph: the nodes of the network in FP32, a seed that reads
 * its output, and behind it the nodes that compute the gradient by the input, from the seed's
 * back. So one plan fuses, chooses kernels and shares memory for both (docs/design/explain.md).
 *
 * Of a model of codes the constants are dequantized, and quantize and dequantize are gone. */
#ifndef HARI_EXPLAIN_GRADIENT_H
#define HARI_EXPLAIN_GRADIENT_H

#include "explain/builder.h"

typedef struct hari_gradient {
    hari_graph graph; /* its output is the gradient by its input */
    bool is_logits;   /* a softmax that ended the network was left out */
    uint32_t map; /* tensor [rows][1], the class activation map; HARI_NO_TENSOR: there is none */
} hari_gradient;

/* `scratch` is needed until a plan of the graph was built. Errors: HAR_ERR_MEMORY,
 * HAR_ERR_FILE_MEANING. */
int32_t hari_gradient_build(hari_gradient *gradient, const hari_graph *source, hari_pool *pool,
                            hari_pool *scratch, har_error *error);

/* Parts of it. Copies the nodes of `source`; gives the tensor of its output, before the softmax. */
uint32_t hari_gradient_forward(hari_builder *builder, const hari_graph *source, bool *is_logits);

/* Adds the gradient of the seed's tensor, which reads `output`; gives the tensor of that by the
 * input. */
uint32_t hari_gradient_backward(hari_builder *builder, uint32_t output, uint32_t *map);

#endif /* HARI_EXPLAIN_GRADIENT_H */
