/* Rows, or columns, of the input among zeros: what a slice and a stride took away stands at its
 * place again. Row r of the input becomes row begin + r * stride (axis 0), or its columns those
 * from `begin` on (axis 1). */
#include <string.h>

#include "ops/list.h"

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_shapes *s = step->prepared;
    const hari_node *node = step->node;
    const uint32_t columns = s->in[0]->columns;
    const float *from = inputs[0];
    float *to = (float *)output + (node->axis == 0 ? node->begin * (size_t)columns : node->begin);
    memset(output, 0, s->out->elements * sizeof *to);
    for (uint32_t r = 0; r < s->in[0]->rows; r++) {
        memcpy(to, from, columns * sizeof *to);
        from += columns;
        to += (size_t)s->out->columns * node->sliding.stride;
    }
}

const hari_op hari_spread_op = {.prepare = hari_prepare_shapes, .run = run};
