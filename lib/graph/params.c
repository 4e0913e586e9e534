/* The attributes of ops. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "graph/graph.h"
#include "model/schema.h"

/* An enum field of an op, below `count`. */
static int32_t read_enum(hari_table params, unsigned slot, unsigned count, unsigned *value,
                         uint32_t index, const char *field, har_error *error)
{
    *value = hari_get_u8(params, slot, 0);
    if (*value < count) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, *value, "below", count, "graph.ops[%u].%s",
                           index, field);
}

static int32_t check_size(uint32_t value, uint32_t smallest, uint32_t index, const char *field,
                          har_error *error)
{
    const uint32_t largest = 1u << 16;
    if (value >= smallest && value <= largest) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, value,
                           value < smallest ? "at least" : "at most",
                           value < smallest ? smallest : largest, "graph.ops[%u].%s", index, field);
}

static int32_t check_sliding(hari_sliding *s, hari_table params, unsigned padding_slot,
                             uint32_t index, har_error *error)
{
    unsigned padding;
    int32_t status =
        read_enum(params, padding_slot, HARI_PADDINGS, &padding, index, "padding", error);
    s->padding = (hari_padding)padding;
    if (status == HAR_OK) status = check_size(s->stride, 1, index, "stride", error);
    if (status == HAR_OK) status = check_size(s->dilation, 1, index, "dilation", error);
    if (status == HAR_OK) status = check_size(s->pad_left, 0, index, "pad_left", error);
    if (status == HAR_OK) status = check_size(s->pad_right, 0, index, "pad_right", error);
    return status;
}

static int32_t read_conv(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    node->sliding = (hari_sliding){.stride = hari_get_u32(params, HARI_Conv1d_stride, 1),
                                   .dilation = hari_get_u32(params, HARI_Conv1d_dilation, 1),
                                   .pad_left = hari_get_u32(params, HARI_Conv1d_pad_left, 0),
                                   .pad_right = hari_get_u32(params, HARI_Conv1d_pad_right, 0)};
    node->groups = hari_get_u32(params, HARI_Conv1d_groups, 1);
    int32_t status = check_size(node->groups, 1, index, "groups", error);
    if (status != HAR_OK) return status;
    return check_sliding(&node->sliding, params, HARI_Conv1d_padding, index, error);
}

static int32_t read_pool_kind(hari_node *node, hari_table params, unsigned slot, unsigned count,
                              uint32_t index, har_error *error)
{
    unsigned kind;
    int32_t status = read_enum(params, slot, count, &kind, index, "kind", error);
    node->pool = (hari_pool_kind)kind;
    return status;
}

static int32_t read_pool(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    node->sliding = (hari_sliding){.kernel = hari_get_u32(params, HARI_Pool_kernel, 0),
                                   .stride = hari_get_u32(params, HARI_Pool_stride, 1),
                                   .dilation = 1,
                                   .pad_left = hari_get_u32(params, HARI_Pool_pad_left, 0),
                                   .pad_right = hari_get_u32(params, HARI_Pool_pad_right, 0)};
    node->count_padding = hari_get_u8(params, HARI_Pool_count_padding, 0) != 0;
    int32_t status = read_pool_kind(node, params, HARI_Pool_kind, HARI_POOL_SUM, index, error);
    if (status == HAR_OK) status = check_size(node->sliding.kernel, 1, index, "kernel", error);
    if (status != HAR_OK) return status;
    return check_sliding(&node->sliding, params, HARI_Pool_padding, index, error);
}

static int32_t read_axis(hari_node *node, hari_table params, unsigned slot, uint32_t otherwise,
                         uint32_t index, har_error *error)
{
    node->axis = hari_get_u32(params, slot, otherwise);
    if (node->axis <= 1) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, node->axis, "at most", 1,
                           "graph.ops[%u].axis", index);
}

static int32_t read_global_pool(hari_node *node, hari_table params, uint32_t index,
                                har_error *error)
{
    int32_t status =
        read_pool_kind(node, params, HARI_GlobalPool_kind, HARI_POOL_KINDS, index, error);
    if (status != HAR_OK) return status;
    return read_axis(node, params, HARI_GlobalPool_axis, 0, index, error);
}

/* A number that multiplies: finite, and where `low` says so not below it. */
static int32_t read_number(float *value, hari_table params, unsigned slot, float otherwise,
                           float low, uint32_t index, const char *field, har_error *error)
{
    *value = hari_get_f32(params, slot, otherwise);
    if (isfinite(*value) && *value >= low) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)*value, "finite and at least",
                           (double)low, "graph.ops[%u].%s", index, field);
}

static int32_t read_activation(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    unsigned kind;
    int32_t status =
        read_enum(params, HARI_Activation_kind, HARI_ACTIVATIONS, &kind, index, "kind", error);
    node->activation = (hari_activation)kind;
    if (status != HAR_OK) return status;
    return read_number(&node->slope, params, HARI_Activation_slope, 0.01f, -FLT_MAX, index, "slope",
                       error);
}

static int32_t read_slice(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    node->begin = hari_get_u32(params, HARI_Slice_begin, 0);
    node->count = hari_get_u32(params, HARI_Slice_count, 1);
    return read_axis(node, params, HARI_Slice_axis, 0, index, error);
}

static int32_t read_attention(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    node->heads = hari_get_u32(params, HARI_Attention_heads, 1);
    int32_t status = check_size(node->heads, 1, index, "heads", error);
    if (status != HAR_OK) return status;
    return read_number(&node->scale, params, HARI_Attention_scale, 1.0f, FLT_MIN, index, "scale",
                       error);
}

static int32_t read_recurrent(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    unsigned cell;
    int32_t status =
        read_enum(params, HARI_Recurrent_cell, HARI_CELLS, &cell, index, "cell", error);
    if (status != HAR_OK) return status;
    node->recurrent =
        (hari_recurrent){.cell = (hari_cell)cell,
                         .reset_after = hari_get_u8(params, HARI_Recurrent_reset_after, 0) != 0,
                         .reverse = hari_get_u8(params, HARI_Recurrent_reverse, 0) != 0,
                         .last = hari_get_u8(params, HARI_Recurrent_last, 0) != 0};
    const unsigned activation = hari_get_u8(params, HARI_Recurrent_activation, HARI_ACT_TANH);
    node->activation = (hari_activation)activation;
    if (activation == HARI_ACT_TANH || (cell == HARI_CELL_RNN && activation == HARI_ACT_RELU))
        return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, activation, "1 (RELU, of an RNN) or",
                           HARI_ACT_TANH, "graph.ops[%u].activation", index);
}

int32_t hari_graph_read_params(hari_node *node, hari_table params, uint32_t index, har_error *error)
{
    switch (node->kind) {
    case HARI_OP_CONV1D: return read_conv(node, params, index, error);
    case HARI_OP_POOL: return read_pool(node, params, index, error);
    case HARI_OP_GLOBAL_POOL: return read_global_pool(node, params, index, error);
    case HARI_OP_ADAPTIVE_POOL:
        node->rows = hari_get_u32(params, HARI_AdaptivePool_rows, 1);
        return check_size(node->rows, 1, index, "rows", error);
    case HARI_OP_CONCAT: return read_axis(node, params, HARI_Concat_axis, 1, index, error);
    case HARI_OP_ACTIVATION: return read_activation(node, params, index, error);
    case HARI_OP_SOFTMAX: return read_axis(node, params, HARI_Softmax_axis, 1, index, error);
    case HARI_OP_LAYER_NORM:
        return read_number(&node->epsilon, params, HARI_LayerNorm_epsilon, 1e-5f, FLT_MIN, index,
                           "epsilon", error);
    case HARI_OP_SLICE: return read_slice(node, params, index, error);
    case HARI_OP_ATTENTION: return read_attention(node, params, index, error);
    case HARI_OP_RECURRENT: return read_recurrent(node, params, index, error);
    default: return HAR_OK;
    }
}
