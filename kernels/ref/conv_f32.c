#include "kernels/hark.h"
#include "kernels/ref/math.h"

/* Adds one input row's part to the sums of a group: sum[o] += x[i] * w[i][o]. */
static void add_row(const float *x, uint32_t inputs, const float *weights, uint32_t outputs,
                    float *sum)
{
    for (uint32_t i = 0; i < inputs; i++)
        for (uint32_t o = 0; o < outputs; o++) sum[o] += x[i] * weights[(size_t)i * outputs + o];
}

/* Sums of all columns of unpooled output row `t`, without bias. */
static void sum_row(const hark_conv_f32 *c, const float *x, uint32_t t, float *sum)
{
    const hark_conv *s = &c->shape;
    uint32_t inputs = s->columns_in / s->groups;
    uint32_t outputs = s->columns_out / s->groups;
    for (uint32_t o = 0; o < s->columns_out; o++) sum[o] = 0.0f;
    for (uint32_t k = 0; k < s->kernel; k++) {
        int64_t row = (int64_t)t * s->stride - s->pad_left + (int64_t)k * s->dilation;
        if (row < 0 || row >= s->rows_in) continue;
        const float *in = x + (size_t)row * s->columns_in;
        for (uint32_t g = 0; g < s->groups; g++) {
            size_t block = ((size_t)g * s->kernel + k) * inputs * outputs;
            add_row(in + (size_t)g * inputs, inputs, c->weights + block, outputs,
                    sum + (size_t)g * outputs);
        }
    }
}

void hark_conv_f32_ref(const hark_conv_f32 *c, const float *x, float *y, float *scratch)
{
    const hark_conv *s = &c->shape;
    for (uint32_t t = 0; t < s->rows_out; t++, y += s->columns_out) {
        sum_row(c, x, t * s->pool, y);
        for (uint32_t p = 1; p < s->pool; p++) {
            sum_row(c, x, t * s->pool + p, scratch);
            for (uint32_t o = 0; o < s->columns_out; o++) y[o] = hark_max_f32(y[o], scratch[o]);
        }
        for (uint32_t o = 0; o < s->columns_out; o++)
            y[o] = hark_min_f32(hark_max_f32(y[o] + c->bias[o], c->low), c->high);
    }
}
