#include <float.h>
#include <math.h>

#include "base/error.h"
#include "ops/weighted.h"

enum { WEIGHT_LIMIT = 63 };

int64_t hari_largest_code(const hari_tensor *x)
{
    if (x->dtype == HARI_I16) return 32767;
    return x->zero_point > 255 - x->zero_point ? x->zero_point : 255 - x->zero_point;
}

/* |bias| of an output, 0 where it has none. */
static int64_t bias_magnitude(const hari_graph *graph, const hari_node *node,
                              const hari_integer_weights *w, uint32_t output)
{
    if (w->bias == 0) return 0;
    const hari_tensor *bias = hari_input(graph, node, w->bias);
    const size_t without = w->outputs - bias->elements;
    if (output < without) return 0;
    const int64_t value = ((const int32_t *)bias->data)[output - without];
    return value < 0 ? -value : value;
}

/* max|x - z| * sum|w| + |bias| <= 2^31 - 1 for one output channel, and |w| <= 63. */
static int32_t check_channel(const hari_graph *graph, const hari_node *node,
                             const hari_integer_weights *weights, uint32_t channel,
                             har_error *error)
{
    const hari_op_path path = hari_path_of(graph, node);
    const int8_t *w = (const int8_t *)hari_input(graph, node, weights->weight)->data +
                      (size_t)channel * weights->values;
    int64_t sum = 0;
    for (uint32_t i = 0; i < weights->values; i++) {
        int32_t magnitude = w[i] < 0 ? -w[i] : w[i];
        if (magnitude > WEIGHT_LIMIT)
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, magnitude, "at most", WEIGHT_LIMIT,
                                   "%s %sweight magnitude of output %u", path.text, weights->prefix,
                                   channel);
        sum += magnitude;
    }
    const int64_t reach = sum * weights->largest + bias_magnitude(graph, node, weights, channel);
    if (reach <= INT32_MAX) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)reach, "at most", INT32_MAX,
                           "%s %slargest accumulator of output %u", path.text, weights->prefix,
                           channel);
}

/* Multipliers must be normal numbers, so that no machine flushes them. */
static int32_t check_multiplier(const hari_graph *graph, const hari_node *node,
                                const hari_integer_weights *weights, uint32_t channel,
                                har_error *error)
{
    const hari_tensor *weight = hari_input(graph, node, weights->weight);
    float multiplier = weights->scale_in * weight->scales[weight->scale_count == 1 ? 0 : channel];
    if (isnormal(multiplier)) multiplier /= weights->scale_out;
    if (isnormal(multiplier)) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)multiplier, "a normal number above",
                           (double)FLT_MIN, "%s %smultiplier of output %u",
                           hari_path_of(graph, node).text, weights->prefix, channel);
}

int32_t hari_integer_weights_check(const hari_graph *graph, const hari_node *node,
                                   const hari_integer_weights *weights, har_error *error)
{
    int32_t status = HAR_OK;
    for (uint32_t o = 0; o < weights->outputs && status == HAR_OK; o++) {
        status = check_channel(graph, node, weights, o, error);
        if (status == HAR_OK) status = check_multiplier(graph, node, weights, o, error);
    }
    return status;
}

int32_t hari_weighted_check_inputs(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 2, 3, error);
    if (status != HAR_OK) return status;
    const bool is_i16 = hari_input(graph, node, 0)->dtype == HARI_I16;
    return hari_expect_computed(graph, node, 0, is_i16 ? HARI_I16 : HARI_F32, HARI_U8, error);
}

hari_dtype hari_weighted_output_type(const hari_graph *graph, const hari_node *node)
{
    const bool is_codes =
        hari_input(graph, node, 0)->dtype != HARI_F32 && hari_output(graph, node)->dtype == HARI_U8;
    return is_codes ? HARI_U8 : HARI_F32;
}

int32_t hari_weighted_check(const hari_graph *graph, const hari_node *node, uint32_t outputs,
                            uint32_t values_per_output, har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    const bool is_f32 = x->dtype == HARI_F32;
    const uint64_t values = (uint64_t)outputs * values_per_output;
    int32_t status =
        hari_expect_constant(graph, node, 1, is_f32 ? HARI_F32 : HARI_I8, values, error);
    if (status == HAR_OK && node->input_count > 2)
        status = hari_expect_constant(graph, node, 2, is_f32 ? HARI_F32 : HARI_I32, outputs, error);
    if (status != HAR_OK || is_f32) return status;
    const hari_tensor *y = hari_output(graph, node);
    const hari_integer_weights weights = {.prefix = "",
                                          .weight = 1,
                                          .bias = node->input_count > 2 ? 2 : 0,
                                          .outputs = outputs,
                                          .values = values_per_output,
                                          .largest = hari_largest_code(x),
                                          .scale_in = x->scales[0],
                                          .scale_out = y->dtype == HARI_U8 ? y->scales[0] : 1.0f};
    return hari_integer_weights_check(graph, node, &weights, error);
}
