/* Kernels: the inner loops, behind one table of function pointers.
 *
 * kernels/ref/ holds the plain C version of each, which defines what is correct and is the
 * fallback; every other instruction set overrides what it has. docs/design/numbers.md is the
 * contract they keep: INT8 results are the same bits everywhere.
 *
 * Matrices are rows x columns, columns innermost, without gaps. No kernel allocates, and none reads
 * or writes outside what its arguments name. Outputs do not overlap inputs unless it is said. */
#ifndef HARK_H
#define HARK_H

#include <stddef.h>
#include <stdint.h>

/* A convolution over rows; a dense layer is one with kernel 1.
 *
 * Output row t reads input rows t * stride - pad_left + k * dilation, k = 0 .. kernel - 1; rows
 * outside the input contribute nothing. `pool` > 1 takes the maximum of `pool` such rows that
 * follow each other, before bias and clamp; output rows count after that. Channels come in
 * `groups`. */
typedef struct hark_conv {
    uint32_t rows_in;
    uint32_t columns_in;
    uint32_t rows_out;
    uint32_t columns_out;
    uint32_t kernel;
    uint32_t stride;
    uint32_t dilation;
    uint32_t groups;
    uint32_t pad_left;
    uint32_t pool;
} hark_conv;

/* FP32: y = clamp(sum + bias, low, high). Weights are packed per group as
 * [kernel * columns_in / groups][columns_out / groups]. */
typedef struct hark_conv_f32 {
    hark_conv shape;
    const float *weights;
    const float *bias; /* columns_out */
    float low;
    float high;
} hark_conv_f32;

/* INT8: weights as in the file, [columns_out][kernel][columns_in / groups], |w| <= 63. */
typedef struct hark_conv_q {
    hark_conv shape;
    const int8_t *weights;
    const int32_t *bias;      /* columns_out */
    const float *multipliers; /* columns_out: to U8 s_x * s_w / s_y, to F32 s_x * s_w */
    int32_t zero_in;
    int32_t zero_out;
    int32_t low; /* of the output code */
    int32_t high;
} hark_conv_q;

/* y = clamp(rne((a - zero_a) * scale_a + (b - zero_b) * scale_b) + zero_out, low, high) */
typedef struct hark_add_q {
    int32_t zero_a, zero_b, zero_out;
    float scale_a, scale_b;
    int32_t low, high;
} hark_add_q;

/* One code per value: q = clamp(rne(x * inverse_scale) + zero, low, high), x = (q - zero) * scale.
 */
typedef struct hark_codes {
    float scale;
    float inverse_scale;
    int32_t zero;
    int32_t low, high;
} hark_codes;

/* The types that hark_list.inc names. `n` counts values; `scratch` has room for columns_out values
 * of the accumulator's size. */
typedef void hark_conv_f32_fn(const hark_conv_f32 *c, const float *x, float *y, float *scratch);
typedef void hark_conv_u8_u8_fn(const hark_conv_q *c, const uint8_t *x, uint8_t *y);
typedef void hark_conv_u8_f32_fn(const hark_conv_q *c, const uint8_t *x, float *y);
typedef void hark_conv_i16_u8_fn(const hark_conv_q *c, const int16_t *x, uint8_t *y);
typedef void hark_conv_i16_f32_fn(const hark_conv_q *c, const int16_t *x, float *y);
/* One output row from `rows` input rows of `columns`. */
typedef void hark_max_rows_f32_fn(const float *x, uint32_t rows, uint32_t columns, float *y);
typedef void hark_max_rows_u8_fn(const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y);
typedef void hark_mean_rows_f32_fn(const float *x, uint32_t rows, uint32_t columns, float divisor,
                                   float *y);
/* y = clamp(rne((sum - rows * zero_in) * multiplier) + zero_out, 0, 255) */
typedef void hark_mean_rows_u8_fn(const uint8_t *x, uint32_t rows, uint32_t columns,
                                  int32_t zero_in, int32_t zero_out, float multiplier, uint8_t *y);
/* Elementwise; the output may be the first input, for add also the second. */
typedef void hark_add_f32_fn(const float *a, const float *b, size_t n, float low, float high,
                             float *y);
typedef void hark_add_u8_fn(const hark_add_q *c, const uint8_t *a, const uint8_t *b, size_t n,
                            uint8_t *y);
typedef void hark_affine_f32_fn(const float *x, const float *scale, const float *offset,
                                uint32_t rows, uint32_t columns, float low, float high, float *y);
typedef void hark_clamp_f32_fn(const float *x, size_t n, float low, float high, float *y);
typedef void hark_clamp_u8_fn(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y);
typedef void hark_sigmoid_f32_fn(const float *x, size_t n, float *y);
typedef void hark_tanh_f32_fn(const float *x, size_t n, float *y);
typedef void hark_softmax_f32_fn(const float *x, uint32_t rows, uint32_t columns, float *y);
typedef void hark_table_u8_fn(const uint8_t *x, size_t n, const uint8_t table[256], uint8_t *y);
typedef void hark_quantize_u8_fn(const hark_codes *c, const float *x, size_t n, uint8_t *y);
typedef void hark_quantize_i16_fn(const hark_codes *c, const float *x, size_t n, int16_t *y);
typedef void hark_dequantize_u8_fn(const hark_codes *c, const uint8_t *x, size_t n, float *y);
typedef void hark_dequantize_i16_fn(const hark_codes *c, const int16_t *x, size_t n, float *y);

/* The table: for each entry of the list a function and the name of its instruction set. */
typedef struct hark_table {
#define HARK_KERNEL(name)   \
    hark_##name##_fn *name; \
    const char *name##_isa;
#include "kernels/hark_list.inc"
#undef HARK_KERNEL
} hark_table;

/* The reference softmax, for what must have the same bits on every machine: the decision. */
hark_softmax_f32_fn hark_softmax_f32_ref;

/* Fills the table with the best kernels of this machine. */
void hark_table_init(hark_table *table);

#endif /* HARK_H */
