/* What convolution and dense layers share: a dense layer is a convolution with kernel 1. */
#ifndef HARI_OPS_WEIGHTED_H
#define HARI_OPS_WEIGHTED_H

#include "ops/op.h"

/* A convolution, and the rows of padding before its input. */
typedef struct hari_weighted_shape {
    hark_conv conv;
    uint32_t rows_in;
    uint32_t pad_left;
} hari_weighted_shape;

/* The head of what is prepared, for FP32 and for INT8. `x` is the first row of padding. */
typedef struct hari_weighted {
    /* `conv` is that below, or a copy with another shape. */
    void (*run)(const hari_step *step, const void *conv, const void *x, void *y, void *scratch);
    const hark_conv *conv; /* the head of a hark_conv_f32 or hark_conv_q: what all rows take */
    size_t conv_bytes;     /* of the whole of it */
    uint32_t rows_in;
    size_t row_bytes; /* of the input */
    size_t row_bytes_out;
    size_t pad_bytes; /* before the input */
    uint32_t tile;    /* of Winograd's; 0: direct */
} hari_weighted;

/* Types and sizes of weight and bias, the rules of INT8 weights, and that no accumulator can
 * overflow. The weight is [columns out][kernel][inputs]; both sizes were read from its shape. */
int32_t hari_weighted_check(const hari_graph *graph, const hari_node *node, uint32_t outputs,
                            uint32_t values_per_output, har_error *error);

/* INT8 weights and bias of a product, by their positions among the inputs of the node. */
typedef struct hari_integer_weights {
    const char *prefix; /* of what errors name: "" or "recurrent " */
    uint32_t weight;    /* position */
    uint32_t bias;      /* position, or 0: none. Of the last outputs where it is shorter */
    uint32_t outputs;
    uint32_t values; /* of an output */
    int64_t largest; /* |x - zero point| of the input */
    float scale_in;
    float scale_out; /* 1: to F32 */
} hari_integer_weights;

/* The rules of INT8 weights: |w| <= 63, no accumulator can overflow, multipliers are normal
 * numbers. */
int32_t hari_integer_weights_check(const hari_graph *graph, const hari_node *node,
                                   const hari_integer_weights *weights, har_error *error);

/* The largest |x - zero point| that a tensor of codes can hold. */
int64_t hari_largest_code(const hari_tensor *x);

/* The number of inputs, and that the first is computed and of a type with a kernel. */
int32_t hari_weighted_check_inputs(const hari_graph *graph, const hari_node *node,
                                   har_error *error);

/* The type that the output must have: codes where it is declared so and the input is codes, else
 * F32. */
hari_dtype hari_weighted_output_type(const hari_graph *graph, const hari_node *node);

/* Prepares the step for a convolution of that shape. Errors: HAR_ERR_FILE_MEANING (padding that no
 * arena holds), HAR_ERR_MEMORY. */
int32_t hari_weighted_prepare(hari_step *step, const hari_graph *graph,
                              const hari_weighted_shape *shape, hari_pool *pool, har_error *error);

void hari_weighted_run(const hari_step *step, const void *const *inputs, void *output,
                       void *scratch);

/* The ends of the rows: their inputs gathered, in one pass over the weights. */
void hari_weighted_run_again(const hari_step *step, const hari_again *again);

/* The scratch that it needs where all rows are computed, behind what the kernel needs. */
size_t hari_weighted_again_bytes(const hari_step *step);

/* As hari_op.tile. */
uint32_t hari_weighted_tile(const hari_step *step, uint32_t largest);

/* Parts of the preparation, by the type of the input: choose a kernel, pack the weights, and tell
 * how many rows of the padded input the kernel reads. */
int32_t hari_weighted_prepare_f32(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                                  uint64_t *rows_read, hari_pool *pool, har_error *error);
int32_t hari_weighted_prepare_q(hari_step *step, const hari_graph *graph, const hark_conv *shape,
                                hari_pool *pool, har_error *error);

/* Whether every output column has its own input column. */
static inline bool hari_is_depthwise(const hark_conv *shape)
{
    return shape->groups > 1 && shape->groups == shape->columns_in &&
           shape->groups == shape->columns_out;
}

#endif /* HARI_OPS_WEIGHTED_H */
