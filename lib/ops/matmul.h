/* Products of matrices that were both computed, head by head. */
#ifndef HARI_OPS_MATMUL_H
#define HARI_OPS_MATMUL_H

#include "kernels/pack.h"

/* What a matmul node computes, in its `begin`. */
enum { HARI_MATMUL_DOTS, HARI_MATMUL_PLAIN, HARI_MATMUL_TURNED };

/* Rows of `heads` heads times a matrix for each of them, as a convolution. */
static inline hark_conv hari_heads_product(uint32_t heads, uint32_t columns_in,
                                           uint32_t columns_out)
{
    return (hark_conv){.columns_in = columns_in,
                       .columns_out = columns_out,
                       .kernel = 1,
                       .stride = 1,
                       .dilation = 1,
                       .groups = heads,
                       .pool = 1};
}

/* values[group * group_step + output * output_step + input * input_step] * factor */
typedef struct hari_matrix {
    const float *values;
    size_t group_step, output_step, input_step;
    float factor;
} hari_matrix;

/* FP32 panels of a matrix that was computed, for a convolution with kernel 1. */
void hari_pack_matrix(const hark_conv *shape, const hari_matrix *matrix, float *panels);

#endif /* HARI_OPS_MATMUL_H */
