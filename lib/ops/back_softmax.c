/* The gradient through a softmax, of its output y: y (g - sum of g y). */
#include "ops/list.h"

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_tensor *out = ((const hari_shapes *)step->prepared)->out;
    const bool over_rows = step->node->axis == 0;
    const size_t stride = over_rows ? out->columns : 1;
    const size_t count = over_rows ? out->rows : out->columns;
    for (uint32_t r = 0; r < out->elements / count; r++) {
        const size_t at = over_rows ? r : r * count;
        const float *y = (const float *)inputs[0] + at;
        const float *g = (const float *)inputs[1] + at;
        float *dx = (float *)output + at;
        float sum = 0.0f;
        for (size_t i = 0; i < count * stride; i += stride) sum += g[i] * y[i];
        for (size_t i = 0; i < count * stride; i += stride) dx[i] = y[i] * (g[i] - sum);
    }
}

const hari_op hari_back_softmax_op = {.prepare = hari_prepare_shapes, .run = run, .in_place = true};
