/* The ops there are, one file each. */
#ifndef HARI_OPS_LIST_H
#define HARI_OPS_LIST_H

#include "ops/op.h"

extern const hari_op hari_conv1d_op;
extern const hari_op hari_dense_op;
extern const hari_op hari_pool_op;
extern const hari_op hari_adaptive_pool_op;
extern const hari_op hari_global_pool_op;
extern const hari_op hari_add_op;
extern const hari_op hari_concat_op;
extern const hari_op hari_activation_op;
extern const hari_op hari_affine_op;
extern const hari_op hari_softmax_op;
extern const hari_op hari_flatten_op;
extern const hari_op hari_quantize_op;
extern const hari_op hari_dequantize_op;
extern const hari_op hari_multiply_op;
extern const hari_op hari_layer_norm_op;
extern const hari_op hari_slice_op;
extern const hari_op hari_attention_op;
extern const hari_op hari_recurrent_op;

/* Of gradients alone. */
extern const hari_op hari_reshape_op;
extern const hari_op hari_spread_op;
extern const hari_op hari_matmul_op;
extern const hari_op hari_seed_op;
extern const hari_op hari_back_activation_op;
extern const hari_op hari_back_pool_op;
extern const hari_op hari_back_softmax_op;
extern const hari_op hari_back_layer_norm_op;
extern const hari_op hari_recurrent_trace_op;
extern const hari_op hari_back_recurrent_op;

#endif /* HARI_OPS_LIST_H */
