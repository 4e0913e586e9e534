#include "explain/gradient.h"

#include "base/error.h"

/* Tensors that copying a node and going back through it takes, at most, beside two for each of its
 * inputs: attention takes the most. */
enum { MOST_TENSORS = 16 };

int32_t hari_gradient_build(hari_gradient *gradient, const hari_graph *source, hari_pool *pool,
                            hari_pool *scratch, har_error *error)
{
    uint32_t tensors = MOST_TENSORS;
    uint32_t inputs = 0;
    for (uint32_t n = 0; n < source->node_count; n++) {
        tensors += MOST_TENSORS + 2 * source->nodes[n].input_count;
        inputs += source->nodes[n].input_count;
    }
    hari_builder b = {.pool = pool, .scratch = scratch, .error = error};
    hari_builder_start(&b, tensors, 4 * tensors + inputs);
    const uint32_t output = hari_gradient_forward(&b, source, &gradient->is_logits);
    const uint32_t by_input = hari_gradient_backward(&b, output, &gradient->map);
    if (b.status == HAR_OK && by_input == HARI_NO_TENSOR)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING, "does not depend on graph.input",
                              "graph.output");
    return hari_builder_finish(&b, by_input, &gradient->graph);
}
