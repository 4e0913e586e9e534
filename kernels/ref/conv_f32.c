#include "kernels/pack.h"
#include "kernels/ref/math.h"

static float finish(const hark_conv_f32 *c, float sum, float bias)
{
    return hark_min_f32(hark_max_f32(sum + bias, c->low), c->high);
}

/* So many products make a sum of their own: n of them one by one have the rounding of n sums, in
 * blocks that of n / BLOCK + BLOCK. Recurrent layers carry it from step to step. */
enum { BLOCK = 8 };

static float dot(const float *x, const float *w, uint32_t count)
{
    float sum = 0.0f;
    for (uint32_t i = 0; i < count;) {
        const uint32_t end = count - i < BLOCK ? count : i + BLOCK;
        float part = 0.0f;
        for (; i < end; i++) part += x[i] * w[(size_t)i * HARK_PANEL];
        sum += part;
    }
    return sum;
}

/* Column `column` of the row whose input begins at `x`, without bias. */
static float sum_of(const hark_conv_f32 *c, const float *x, uint32_t column)
{
    const hark_conv *s = &c->shape;
    const uint32_t inputs = s->columns_in / s->groups;
    const size_t packed = hark_packed_column(s, column);
    const float *w = c->weights + packed / HARK_PANEL * s->kernel * inputs * HARK_PANEL;
    float sum = 0.0f;
    x += (size_t)(column / (s->columns_out / s->groups)) * inputs;
    w += packed % HARK_PANEL;
    for (uint32_t k = 0; k < s->kernel; k++, x += (size_t)s->dilation * s->columns_in)
        sum += dot(x, w + (size_t)k * inputs * HARK_PANEL, inputs);
    return sum;
}

void hark_conv_f32_ref(const hark_conv_f32 *c, const float *x, float *y)
{
    const hark_conv *s = &c->shape;
    const size_t row_step = (size_t)s->stride * s->columns_in;
    for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step)
        for (uint32_t o = 0; o < s->columns_out; o++) {
            float sum = sum_of(c, x, o);
            if (s->pool == 2) sum = hark_max_f32(sum, sum_of(c, x + row_step, o));
            *y++ = finish(c, sum, c->bias[hark_packed_column(s, o)]);
        }
}

static float depthwise_sum(const hark_conv_f32 *c, const float *x, uint32_t column)
{
    const hark_conv *s = &c->shape;
    const size_t step = (size_t)s->dilation * s->columns_in;
    float sum = 0.0f;
    for (uint32_t k = 0; k < s->kernel; k++)
        sum += x[k * step + column] * c->weights[(size_t)k * s->columns_in + column];
    return sum;
}

void hark_depthwise_f32_ref(const hark_conv_f32 *c, const float *x, float *y)
{
    const hark_conv *s = &c->shape;
    const size_t row_step = (size_t)s->stride * s->columns_in;
    for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step)
        for (uint32_t o = 0; o < s->columns_out; o++) {
            float sum = depthwise_sum(c, x, o);
            if (s->pool == 2) sum = hark_max_f32(sum, depthwise_sum(c, x + row_step, o));
            *y++ = finish(c, sum, c->bias[o]);
        }
}
