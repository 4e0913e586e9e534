#include <float.h>
#include <math.h>

#include "base/error.h"
#include "ops/weighted.h"

enum { WEIGHT_LIMIT = 63 };

/* The largest |x - zero point| of a type. */
static int64_t largest_input(const hari_tensor *x)
{
    if (x->dtype == HARI_I16) return 32767;
    return x->zero_point > 255 - x->zero_point ? x->zero_point : 255 - x->zero_point;
}

/* max|x - z| * sum|w| + |bias| <= 2^31 - 1 for one output channel, and |w| <= 63. */
static int32_t check_channel(const hari_graph *graph, const hari_node *node, uint32_t channel,
                             uint32_t values, har_error *error)
{
    const hari_op_path path = hari_path_of(graph, node);
    const hari_tensor *weight = hari_input(graph, node, 1);
    const int8_t *w = (const int8_t *)weight->data + (size_t)channel * values;
    int64_t sum = 0;
    for (uint32_t i = 0; i < values; i++) {
        int32_t magnitude = w[i] < 0 ? -w[i] : w[i];
        if (magnitude > WEIGHT_LIMIT)
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, magnitude, "at most", WEIGHT_LIMIT,
                                   "%s weight magnitude of output %u", path.text, channel);
        sum += magnitude;
    }
    int64_t reach = sum * largest_input(hari_input(graph, node, 0));
    if (node->input_count > 2) {
        int64_t bias = ((const int32_t *)hari_input(graph, node, 2)->data)[channel];
        reach += bias < 0 ? -bias : bias;
    }
    if (reach <= INT32_MAX) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)reach, "at most", INT32_MAX,
                           "%s largest accumulator of output %u", path.text, channel);
}

/* Multipliers must be normal numbers, so that no machine flushes them. */
static int32_t check_multiplier(const hari_graph *graph, const hari_node *node, uint32_t channel,
                                har_error *error)
{
    const hari_tensor *weight = hari_input(graph, node, 1);
    const hari_tensor *output = hari_output(graph, node);
    float w = weight->scales[weight->scale_count == 1 ? 0 : channel];
    float multiplier = hari_input(graph, node, 0)->scales[0] * w;
    if (output->dtype == HARI_U8 && isnormal(multiplier)) multiplier /= output->scales[0];
    if (isnormal(multiplier)) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)multiplier, "a normal number above",
                           (double)FLT_MIN, "%s multiplier of output %u",
                           hari_path_of(graph, node).text, channel);
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
    for (uint32_t o = 0; !is_f32 && o < outputs && status == HAR_OK; o++) {
        status = check_channel(graph, node, o, values_per_output, error);
        if (status == HAR_OK) status = check_multiplier(graph, node, o, error);
    }
    return status;
}
