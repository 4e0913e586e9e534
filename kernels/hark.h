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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Weights of convolutions are packed in panels of so many output columns. */
#define HARK_PANEL 16u
/* Bytes of U8 or I16 input that a convolution on panels may read past its last row. */
#define HARK_SLACK 4u

/* A convolution over rows; a dense layer is one with kernel 1.
 *
 * `x` points to the first row of padding, where there is padding: rows of zeros (of the zero point)
 * lie before and after the input. Output row t reads rows t * stride + k * dilation of it, k = 0 ..
 * kernel - 1. `pool` is 1, or 2 where each output row is the maximum of two such rows that follow
 * each other, taken before bias and clamp; `rows` counts after that. Channels come in `groups`,
 * which divides both numbers of columns. */
typedef struct hark_conv {
    uint32_t rows; /* of the output */
    uint32_t columns_in;
    uint32_t columns_out;
    uint32_t kernel;
    uint32_t stride;
    uint32_t dilation;
    uint32_t groups;
    uint32_t pool;
} hark_conv;

/* FP32: y = clamp(sum + bias, low, high). `weights` are packed as kernels/pack.h says for the
 * kernel that is called; `bias` has one value for every packed column. `backward` is 1 where
 * conv_f32 is to take the panels of weights from the last to the first, which changes nothing but
 * what the caches hold: a layer that runs again and again takes turns. `tile_step` is the rows of
 * input from one tile of Winograd's to the next; 0: as many as it has rows of output.
 *
 * A row of output has the same bits among any others, as long as conv_f32 computes two or more at
 * once, and a tile of Winograd's among any others. */
typedef struct hark_conv_f32 {
    hark_conv shape;
    const float *weights;
    const float *bias;
    float low;
    float high;
    uint32_t backward;
    uint32_t tile_step;
} hark_conv_f32;

/* INT8: |w| <= 63. The reference takes `weights` as in the file, [columns_out][kernel][columns_in /
 * groups]; all others take `panels`. bias, multipliers and sums have one value for every packed
 * column (the reference: for every column). */
typedef struct hark_conv_q {
    hark_conv shape;
    const int8_t *weights;
    const void *panels;
    const int32_t *bias;
    const float *multipliers; /* to U8 s_x * s_w / s_y, to F32 s_x * s_w */
    const int32_t *sums;      /* of the weights of a column */
    int32_t zero_in;
    int32_t zero_out;
    int32_t low; /* of the output code */
    int32_t high;
} hark_conv_q;

/* How two matrices meet in one of rows x columns: values from a row of each to the next, 0 where
 * one row stands for all; and whether b has one value for all columns of a row. */
typedef struct hark_pair {
    uint32_t rows, columns;
    uint32_t a_step, b_step;
    bool b_is_column;
} hark_pair;

/* y = clamp(rne((a - zero_a) * scale_a + (b - zero_b) * scale_b) + zero_out, low, high) */
typedef struct hark_add_q {
    int32_t zero_a, zero_b, zero_out;
    float scale_a, scale_b;
    int32_t low, high;
} hark_add_q;

/* y = clamp(rne((a - zero_a) * (b - zero_b) * multiplier) + zero_out, low, high) */
typedef struct hark_multiply_q {
    int32_t zero_a, zero_b, zero_out;
    float multiplier;
    int32_t low, high;
} hark_multiply_q;

/* y = clamp(rne(x' * scales[c] + offsets[c]) + zero_out, low, high) for every column c; of affine
 * x' = x - zero_in, of layer norm the normalized row. */
typedef struct hark_columns_q {
    const float *scales;
    const float *offsets;
    int32_t zero_in, zero_out;
    int32_t low, high;
} hark_columns_q;

/* One code per value: q = clamp(rne(x * inverse_scale) + zero, low, high), x = (q - zero) * scale.
 */
typedef struct hark_codes {
    float scale;
    float inverse_scale;
    int32_t zero;
    int32_t low, high;
} hark_codes;

/* What a recurrent layer does between two products (numbers.md, "Recurrent"). Gates lie one after
 * the other, each `wide` columns, a multiple of HARK_PANEL: LSTM input, forget, candidate, output;
 * GRU reset, update, candidate. A GRU whose reset comes before the product takes two kinds, with a
 * product between them. */
typedef enum hark_cell {
    HARK_CELL_TANH,
    HARK_CELL_RELU,
    HARK_CELL_LSTM,
    HARK_CELL_GRU,       /* reset after */
    HARK_CELL_GRU_GATES, /* of the first two gates; leaves reset * h in `kept`, update behind it */
    HARK_CELL_GRU_CANDIDATE /* of the third gate alone; takes update from there */
} hark_cell;

/* The types that hark_list.inc names. `n` counts values. */
typedef void hark_conv_f32_fn(const hark_conv_f32 *c, const float *x, float *y);
/* groups == columns_in == columns_out */
typedef void hark_depthwise_f32_fn(const hark_conv_f32 *c, const float *x, float *y);
/* kernel 3, stride 1, dilation 1, groups 1, by Winograd's algorithm for 4 and for 2 output rows at
 * a time. Reads, and may read anything in, the rows that fill up the last tile. `scratch` has room
 * for hark_winograd_scratch values. */
typedef void hark_winograd4_f32_fn(const hark_conv_f32 *c, const float *x, float *y,
                                   float *scratch);
typedef void hark_winograd2_f32_fn(const hark_conv_f32 *c, const float *x, float *y,
                                   float *scratch);
/* groups == columns_in == columns_out; takes `weights` transposed, [kernel][columns]. */
typedef void hark_depthwise_u8_u8_fn(const hark_conv_q *c, const uint8_t *x, uint8_t *y);
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
/* One output column from `columns` input columns: of every row the maximum and the mean. */
typedef void hark_max_columns_f32_fn(const float *x, uint32_t rows, uint32_t columns, float *y);
typedef void hark_max_columns_u8_fn(const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y);
typedef void hark_mean_columns_f32_fn(const float *x, uint32_t rows, uint32_t columns,
                                      float divisor, float *y);
typedef void hark_mean_columns_u8_fn(const uint8_t *x, uint32_t rows, uint32_t columns,
                                     int32_t zero_in, int32_t zero_out, float multiplier,
                                     uint8_t *y);
/* Elementwise; the output may be an input of its size. */
typedef void hark_add_f32_fn(const hark_pair *p, const float *a, const float *b, float low,
                             float high, float *y);
typedef void hark_add_u8_fn(const hark_add_q *c, const hark_pair *p, const uint8_t *a,
                            const uint8_t *b, uint8_t *y);
typedef void hark_multiply_f32_fn(const hark_pair *p, const float *a, const float *b, float low,
                                  float high, float *y);
typedef void hark_multiply_u8_fn(const hark_multiply_q *c, const hark_pair *p, const uint8_t *a,
                                 const uint8_t *b, uint8_t *y);
typedef void hark_affine_f32_fn(const float *x, const float *scale, const float *offset,
                                uint32_t rows, uint32_t columns, float low, float high, float *y);
typedef void hark_affine_u8_fn(const hark_columns_q *c, const uint8_t *x, uint32_t rows,
                               uint32_t columns, uint8_t *y);
/* y = clamp((x - mean) / sqrt(variance + epsilon) * scale + offset, low, high) of every row. */
typedef void hark_layer_norm_f32_fn(const float *x, const float *scale, const float *offset,
                                    float epsilon, uint32_t rows, uint32_t columns, float low,
                                    float high, float *y);
/* `scale_in` is that of the codes; columns are at most (2^31 - 1) / 255. */
typedef void hark_layer_norm_u8_fn(const hark_columns_q *c, float scale_in, float epsilon,
                                   const uint8_t *x, uint32_t rows, uint32_t columns, uint8_t *y);
typedef void hark_clamp_f32_fn(const float *x, size_t n, float low, float high, float *y);
typedef void hark_clamp_u8_fn(const uint8_t *x, size_t n, uint8_t low, uint8_t high, uint8_t *y);
typedef void hark_sigmoid_f32_fn(const float *x, size_t n, float *y);
typedef void hark_tanh_f32_fn(const float *x, size_t n, float *y);
typedef void hark_silu_f32_fn(const float *x, size_t n, float *y);
typedef void hark_gelu_f32_fn(const float *x, size_t n, float *y);
typedef void hark_gelu_tanh_f32_fn(const float *x, size_t n, float *y);
typedef void hark_hard_sigmoid_f32_fn(const float *x, size_t n, float *y);
typedef void hark_hard_swish_f32_fn(const float *x, size_t n, float *y);
typedef void hark_leaky_relu_f32_fn(const float *x, size_t n, float slope, float *y);
/* Over the columns of every row, and over the rows of every column. */
typedef void hark_softmax_rows_f32_fn(const float *x, uint32_t rows, uint32_t columns, float *y);
typedef void hark_softmax_f32_fn(const float *x, uint32_t rows, uint32_t columns, float *y);
/* h, [wide], from the state before to the state after, of `p`, the product of the input, and `r`,
 * that of the state, in whose place LSTM and GRU leave the gates after their curves. `kept` is
 * [wide], c of an LSTM, or [2 * wide]. */
typedef void hark_cells_f32_fn(hark_cell cell, uint32_t wide, const float *p, float *r, float *h,
                               float *kept);
typedef void hark_table_u8_fn(const uint8_t *x, size_t n, const uint8_t table[256], uint8_t *y);
typedef void hark_quantize_u8_fn(const hark_codes *c, const float *x, size_t n, uint8_t *y);
typedef void hark_quantize_i16_fn(const hark_codes *c, const float *x, size_t n, int16_t *y);
typedef void hark_dequantize_u8_fn(const hark_codes *c, const uint8_t *x, size_t n, float *y);
typedef void hark_dequantize_i16_fn(const hark_codes *c, const int16_t *x, size_t n, float *y);

/* The table: for each entry of the list a function and the name of its instruction set. */
typedef struct hark_table {
#define HARK_KERNEL(name, has) \
    hark_##name##_fn *name;    \
    const char *name##_isa;
#include "kernels/hark_list.inc"
#undef HARK_KERNEL
} hark_table;

/* The references: what is correct, and what runs everywhere. */
#define HARK_KERNEL(name, has) hark_##name##_fn hark_##name##_ref;
#include "kernels/hark_list.inc"
#undef HARK_KERNEL

/* Fills the table with the best kernels among `features` (HARI_CPU_* of base/cpu.h). */
void hark_table_init(hark_table *table, uint32_t features);

#endif /* HARK_H */
