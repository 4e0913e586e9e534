/* The gradient through a layer norm, of its input x, with n = (x - mean) * factor the normalized
 * row and h = g * scale: factor * (h - mean of h - n * mean of h n). */
#include <math.h>

#include "ops/list.h"

static void back_row(const float *x, const float *g, const float *scale, uint32_t n, float epsilon,
                     float *dx)
{
    double mean = 0.0;
    double variance = 0.0;
    for (uint32_t c = 0; c < n; c++) mean += (double)x[c] / n;
    for (uint32_t c = 0; c < n; c++) variance += ((double)x[c] - mean) * ((double)x[c] - mean) / n;
    const double factor = 1.0 / sqrt(variance + (double)epsilon);
    double sum = 0.0;
    double slope = 0.0;
    for (uint32_t c = 0; c < n; c++) {
        const double h = (double)g[c] * (double)scale[c] / n;
        sum += h;
        slope += h * ((double)x[c] - mean) * factor;
    }
    for (uint32_t c = 0; c < n; c++) {
        const double normal = ((double)x[c] - mean) * factor;
        dx[c] = (float)(factor * ((double)g[c] * (double)scale[c] - sum - normal * slope));
    }
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const hari_shapes *s = step->prepared;
    const uint32_t columns = s->out->columns;
    for (uint32_t r = 0; r < s->out->rows; r++) {
        const size_t at = (size_t)r * columns;
        back_row((const float *)inputs[0] + at, (const float *)inputs[1] + at, s->constant, columns,
                 step->node->epsilon, (float *)output + at);
    }
}

const hari_op hari_back_layer_norm_op = {
    .prepare = hari_prepare_shapes, .run = run, .in_place = true};
