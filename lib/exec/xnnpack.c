/* Parts of a plan as XNNPACK subgraphs, the one place that knows it. Rows are the width of images
 * of height 1: a tensor is [1, 1, rows, columns], a convolution has a kernel of height 1, and the
 * weights of the file [out, kernel, in / groups] are XNNPACK's [out, 1, kernel, in / groups].
 *
 * Every tensor is an external value with its place in the arena, so XNNPACK keeps no tensors of its
 * own but those between a convolution and the max pool fused into it. */
#include "exec/xnnpack.h"

#include <math.h>
#include <stdlib.h>
#include <xnnpack.h>

enum { DIMENSIONS = 4 };

bool hari_xnnpack_runs(void) { return xnn_initialize(NULL) == xnn_status_success; }

size_t hari_xnnpack_slack(void) { return XNN_EXTRA_BYTES; }

/* A tensor like `value`, with as many rows as are told. */
static bool define_tensor(xnn_subgraph_t graph, const hari_part_value *value, uint32_t rows,
                          uint32_t id, uint32_t flags, uint32_t *found)
{
    const size_t dims[DIMENSIONS] = {1, 1, rows, value->columns};
    if (!value->is_codes)
        return xnn_define_tensor_value(graph, xnn_datatype_fp32, DIMENSIONS, dims, NULL, id, flags,
                                       found) == xnn_status_success;
    return xnn_define_quantized_tensor_value(graph, xnn_datatype_qint8, value->zero_point - 128,
                                             value->scale, DIMENSIONS, dims, NULL, id, flags,
                                             found) == xnn_status_success;
}

/* `scales` are those of the first dimension; NULL for FP32. */
static bool define_constant(xnn_subgraph_t graph, enum xnn_datatype codes, const float *scales,
                            size_t rank, const size_t *dims, const void *data, uint32_t *found)
{
    if (!scales)
        return xnn_define_tensor_value(graph, xnn_datatype_fp32, rank, dims, data,
                                       XNN_INVALID_VALUE_ID, 0, found) == xnn_status_success;
    return xnn_define_channelwise_quantized_tensor_value(graph, codes, scales, rank, 0, dims, data,
                                                         XNN_INVALID_VALUE_ID, 0,
                                                         found) == xnn_status_success;
}

static bool define_weights(xnn_subgraph_t graph, const hari_part_op *op, size_t rank,
                           const size_t *dims, uint32_t *filter, uint32_t *bias)
{
    const size_t bias_dims[] = {op->columns_out};
    return define_constant(graph, xnn_datatype_qcint8, op->scales, rank, dims, op->weights,
                           filter) &&
           define_constant(graph, xnn_datatype_qcint32, op->bias_scales, 1, bias_dims, op->bias,
                           bias);
}

static bool define_values(xnn_subgraph_t graph, const hari_part *part)
{
    for (uint32_t v = 0; v < part->value_count; v++) {
        const hari_part_value *value = &part->values[v];
        const uint32_t flags =
            value->is_computed ? XNN_VALUE_FLAG_EXTERNAL_OUTPUT : XNN_VALUE_FLAG_EXTERNAL_INPUT;
        uint32_t id;
        if (!define_tensor(graph, value, value->rows, v, flags, &id)) return false;
    }
    return true;
}

static bool define_max_pool(xnn_subgraph_t graph, const hari_part_op *op, uint32_t kernel,
                            uint32_t stride, uint32_t input, uint32_t output)
{
    return xnn_define_max_pooling_2d(graph, 0, op->pad_right, 0, op->pad_left, 1, kernel, 1, stride,
                                     1, 1, -INFINITY, INFINITY, input, output,
                                     0) == xnn_status_success;
}

static bool define_average_pool(xnn_subgraph_t graph, const hari_part_op *op)
{
    return xnn_define_average_pooling_2d(graph, 0, op->pad_right, 0, op->pad_left, 1, op->kernel, 1,
                                         op->stride, -INFINITY, INFINITY, op->inputs[0], op->output,
                                         0) == xnn_status_success;
}

/* A depthwise convolution is one whose groups have one column: XNNPACK takes its depthwise kernels
 * for it, with the weights in the order of the file. */
static bool define_conv(xnn_subgraph_t graph, const hari_part *part, const hari_part_op *op)
{
    const uint32_t inputs = op->columns_in / op->groups;
    const size_t filter_dims[DIMENSIONS] = {op->columns_out, 1, op->kernel, inputs};
    const hari_part_value *output = &part->values[op->output];
    uint32_t filter;
    uint32_t bias;
    uint32_t result = op->output;
    if (!define_weights(graph, op, DIMENSIONS, filter_dims, &filter, &bias)) return false;
    if (op->pool > 1 && !define_tensor(graph, output, op->rows, XNN_INVALID_VALUE_ID, 0, &result))
        return false;
    const enum xnn_status status = xnn_define_convolution_2d(
        graph, 0, op->pad_right, 0, op->pad_left, 1, op->kernel, 1, op->stride, 1, op->dilation,
        op->groups, inputs, op->columns_out / op->groups, op->low, op->high, op->inputs[0], filter,
        bias, result, 0);
    if (status != xnn_status_success || op->pool == 1) return status == xnn_status_success;
    const hari_part_op unpadded = {0};
    return define_max_pool(graph, &unpadded, op->pool, op->pool, result, op->output);
}

static bool define_dense(xnn_subgraph_t graph, const hari_part_op *op)
{
    const size_t filter_dims[] = {op->columns_out, op->columns_in};
    uint32_t filter;
    uint32_t bias;
    return define_weights(graph, op, 2, filter_dims, &filter, &bias) &&
           xnn_define_fully_connected(graph, op->low, op->high, op->inputs[0], filter, bias,
                                      op->output, 0) == xnn_status_success;
}

#if HARI_XNNPACK_RESHAPES /* the version of 2024 */

static bool define_add(xnn_subgraph_t graph, const hari_part_op *op)
{
    const struct xnn_binary_params bounds = {(double)op->low, (double)op->high};
    return xnn_define_binary(graph, xnn_binary_add, &bounds, op->inputs[0], op->inputs[1],
                             op->output, 0) == xnn_status_success;
}

static bool define_clamp(xnn_subgraph_t graph, const hari_part_op *op)
{
    const union xnn_unary_params bounds = {.clamp = {op->low, op->high}};
    return xnn_define_unary(graph, xnn_unary_clamp, &bounds, op->inputs[0], op->output, 0) ==
           xnn_status_success;
}

static bool define_sigmoid(xnn_subgraph_t graph, const hari_part_op *op)
{
    return xnn_define_unary(graph, xnn_unary_sigmoid, NULL, op->inputs[0], op->output, 0) ==
           xnn_status_success;
}

static bool bind_values(xnn_runtime_t runtime, size_t count,
                        const struct xnn_external_value *values)
{
    return xnn_reshape_runtime(runtime) == xnn_status_success &&
           xnn_setup_runtime_v2(runtime, count, values) == xnn_status_success;
}

#else /* the version of 2022 */

static bool define_add(xnn_subgraph_t graph, const hari_part_op *op)
{
    return xnn_define_add2(graph, op->low, op->high, op->inputs[0], op->inputs[1], op->output, 0) ==
           xnn_status_success;
}

static bool define_clamp(xnn_subgraph_t graph, const hari_part_op *op)
{
    return xnn_define_clamp(graph, op->low, op->high, op->inputs[0], op->output, 0) ==
           xnn_status_success;
}

static bool define_sigmoid(xnn_subgraph_t graph, const hari_part_op *op)
{
    return xnn_define_sigmoid(graph, op->inputs[0], op->output, 0) == xnn_status_success;
}

static bool bind_values(xnn_runtime_t runtime, size_t count,
                        const struct xnn_external_value *values)
{
    return xnn_setup_runtime(runtime, count, values) == xnn_status_success;
}

#endif

static bool define_op(xnn_subgraph_t graph, const hari_part *part, const hari_part_op *op)
{
    switch (op->kind) {
    case HARI_PART_CONV: return define_conv(graph, part, op);
    case HARI_PART_DENSE: return define_dense(graph, op);
    case HARI_PART_MAX_POOL:
        return define_max_pool(graph, op, op->kernel, op->stride, op->inputs[0], op->output);
    case HARI_PART_AVERAGE_POOL: return define_average_pool(graph, op);
    case HARI_PART_ADD: return define_add(graph, op);
    case HARI_PART_CLAMP: return define_clamp(graph, op);
    case HARI_PART_SIGMOID: return define_sigmoid(graph, op);
    case HARI_PART_SOFTMAX:
        return xnn_define_softmax(graph, op->inputs[0], op->output, 0) == xnn_status_success;
    }
    return false;
}

static xnn_runtime_t make_runtime(const hari_part *part)
{
    xnn_subgraph_t graph;
    xnn_runtime_t runtime = NULL;
    if (xnn_create_subgraph(part->value_count, 0, &graph) != xnn_status_success) return NULL;
    bool is_defined = define_values(graph, part);
    for (uint32_t i = 0; i < part->step_count && is_defined; i++)
        is_defined = define_op(graph, part, &part->ops[i]);
    if (is_defined && xnn_create_runtime_v2(graph, NULL, 0, &runtime) != xnn_status_success)
        runtime = NULL;
    xnn_delete_subgraph(graph);
    return runtime;
}

static bool bind_arena(xnn_runtime_t runtime, const hari_part *part, unsigned char *arena)
{
    struct xnn_external_value *values = malloc(part->value_count * sizeof *values);
    if (!values) return false;
    for (uint32_t v = 0; v < part->value_count; v++)
        values[v] = (struct xnn_external_value){v, arena + part->values[v].offset};
    const bool is_bound = bind_values(runtime, part->value_count, values);
    free(values);
    return is_bound;
}

hari_runtime *hari_runtime_create(const hari_part *part, unsigned char *arena)
{
    xnn_runtime_t runtime = make_runtime(part);
    if (runtime && !bind_arena(runtime, part, arena)) {
        xnn_delete_runtime(runtime);
        runtime = NULL;
    }
    return (hari_runtime *)runtime;
}

bool hari_runtime_run(hari_runtime *runtime)
{
    return xnn_invoke_runtime((xnn_runtime_t)runtime) == xnn_status_success;
}

void hari_runtime_delete(hari_runtime *runtime)
{
    if (runtime) xnn_delete_runtime((xnn_runtime_t)runtime);
}
