/* INT8 convolutions: one body for two input types and two output types. */
#include "kernels/pack.h"
#include "kernels/ref/math.h"

static void store_u8(const hark_conv_q *c, size_t packed, int32_t sum, uint8_t *y)
{
    float value = (float)sum * c->multipliers[packed];
    *y = (uint8_t)hark_code(value, c->zero_out, c->low, c->high);
}

static void store_f32(const hark_conv_q *c, size_t packed, int32_t sum, float *y)
{
    *y = (float)sum * c->multipliers[packed];
}

/* Defines the sum of one output column of the row that begins at `x`, and the loop over rows and
 * columns. The maximum over pooled rows is taken of the sums: requantization is monotone. */
#define DEFINE_CONV(name, input_type, output_type, store)                                  \
    static int32_t name##_sum(const hark_conv_q *c, const input_type *x, uint32_t column)  \
    {                                                                                      \
        const hark_conv *s = &c->shape;                                                    \
        const uint32_t inputs = s->columns_in / s->groups;                                 \
        const int8_t *w = c->weights + (size_t)column * s->kernel * inputs;                \
        int32_t sum = c->bias[hark_packed_column(s, column)];                              \
        x += (size_t)(column / (s->columns_out / s->groups)) * inputs;                     \
        for (uint32_t k = 0; k < s->kernel; k++, x += (size_t)s->dilation * s->columns_in) \
            for (uint32_t i = 0; i < inputs; i++) sum += (x[i] - c->zero_in) * *w++;       \
        return sum;                                                                        \
    }                                                                                      \
                                                                                           \
    void hark_##name##_ref(const hark_conv_q *c, const input_type *x, output_type *y)      \
    {                                                                                      \
        const hark_conv *s = &c->shape;                                                    \
        const size_t row_step = (size_t)s->stride * s->columns_in;                         \
        for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step)                    \
            for (uint32_t o = 0; o < s->columns_out; o++) {                                \
                int32_t best = name##_sum(c, x, o);                                        \
                const int32_t next = s->pool == 2 ? name##_sum(c, x + row_step, o) : best; \
                if (next > best) best = next;                                              \
                store(c, hark_packed_column(s, o), best, y++);                             \
            }                                                                              \
    }

DEFINE_CONV(conv_u8_u8, uint8_t, uint8_t, store_u8)
DEFINE_CONV(conv_u8_f32, uint8_t, float, store_f32)
DEFINE_CONV(conv_i16_u8, int16_t, uint8_t, store_u8)
DEFINE_CONV(conv_i16_f32, int16_t, float, store_f32)

static int32_t depthwise_sum(const hark_conv_q *c, const uint8_t *x, uint32_t column)
{
    const hark_conv *s = &c->shape;
    const int8_t *weights = c->panels;
    const size_t step = (size_t)s->dilation * s->columns_in;
    int32_t sum = c->bias[column];
    for (uint32_t k = 0; k < s->kernel; k++)
        sum += (x[k * step + column] - c->zero_in) * weights[(size_t)k * s->columns_in + column];
    return sum;
}

void hark_depthwise_u8_u8_ref(const hark_conv_q *c, const uint8_t *x, uint8_t *y)
{
    const hark_conv *s = &c->shape;
    const size_t row_step = (size_t)s->stride * s->columns_in;
    for (uint32_t t = 0; t < s->rows; t++, x += s->pool * row_step)
        for (uint32_t o = 0; o < s->columns_out; o++) {
            int32_t best = depthwise_sum(c, x, o);
            const int32_t next = s->pool == 2 ? depthwise_sum(c, x + row_step, o) : best;
            if (next > best) best = next;
            store_u8(c, o, best, y++);
        }
}
