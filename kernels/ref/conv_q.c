/* INT8 convolutions: one body for two input types and two output types. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

static void store_u8(const hark_conv_q *c, uint32_t column, int32_t sum, uint8_t *y)
{
    float value = (float)sum * c->multipliers[column];
    *y = (uint8_t)hark_code(value, c->zero_out, c->low, c->high);
}

static void store_f32(const hark_conv_q *c, uint32_t column, int32_t sum, float *y)
{
    *y = (float)sum * c->multipliers[column];
}

/* Defines the sum of one output column of unpooled row `t` and the loop over rows and columns. The
 * maximum over pooled rows is taken of the sums: requantization is monotone. */
#define DEFINE_CONV(name, input_type, output_type, store)                                    \
    static int32_t name##_sum(const hark_conv_q *c, const input_type *x, uint32_t t,         \
                              uint32_t column)                                               \
    {                                                                                        \
        const hark_conv *s = &c->shape;                                                      \
        uint32_t inputs = s->columns_in / s->groups;                                         \
        uint32_t group = column / (s->columns_out / s->groups);                              \
        const int8_t *w = c->weights + (size_t)column * s->kernel * inputs;                  \
        int32_t sum = c->bias[column];                                                       \
        for (uint32_t k = 0; k < s->kernel; k++, w += inputs) {                              \
            int64_t row = (int64_t)t * s->stride - s->pad_left + (int64_t)k * s->dilation;   \
            if (row < 0 || row >= s->rows_in) continue;                                      \
            const input_type *in = x + (size_t)row * s->columns_in + (size_t)group * inputs; \
            for (uint32_t i = 0; i < inputs; i++) sum += (in[i] - c->zero_in) * w[i];        \
        }                                                                                    \
        return sum;                                                                          \
    }                                                                                        \
                                                                                             \
    void hark_##name##_ref(const hark_conv_q *c, const input_type *x, output_type *y)        \
    {                                                                                        \
        const hark_conv *s = &c->shape;                                                      \
        for (uint32_t t = 0; t < s->rows_out; t++)                                           \
            for (uint32_t o = 0; o < s->columns_out; o++, y++) {                             \
                int32_t best = name##_sum(c, x, t * s->pool, o);                             \
                for (uint32_t p = 1; p < s->pool; p++) {                                     \
                    int32_t sum = name##_sum(c, x, t * s->pool + p, o);                      \
                    if (sum > best) best = sum;                                              \
                }                                                                            \
                store(c, o, best, y);                                                        \
            }                                                                                \
    }

hark_conv_u8_u8_fn hark_conv_u8_u8_ref;
hark_conv_u8_f32_fn hark_conv_u8_f32_ref;
hark_conv_i16_u8_fn hark_conv_i16_u8_ref;
hark_conv_i16_f32_fn hark_conv_i16_f32_ref;

DEFINE_CONV(conv_u8_u8, uint8_t, uint8_t, store_u8)
DEFINE_CONV(conv_u8_f32, uint8_t, float, store_f32)
DEFINE_CONV(conv_i16_u8, int16_t, uint8_t, store_u8)
DEFINE_CONV(conv_i16_f32, int16_t, float, store_f32)
