#include "ops/op.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "kernels/ref/math.h"
#include "ops/list.h"

/* A bit for each kind of op that is left out (cmake/ops.cmake); with any of them, so are gradients.
 */
#ifndef HARI_LEFT_OUT
#define HARI_LEFT_OUT 0u
#endif

/* A table of pointers would be relocated when the library is loaded, and take thrice the bytes. */
const hari_op *hari_op_of(hari_op_kind kind)
{
    switch (kind) {
#define HARI_OP(kind, name) \
    case HARI_OP_##kind:    \
        return ((HARI_LEFT_OUT) >> HARI_OP_##kind & 1u) != 0 ? NULL : &hari_##name##_op;
#include "ops/list.inc"
#undef HARI_OP
#define HARI_OP(kind, name) \
    case HARI_OP_##kind:    \
        return (HARI_LEFT_OUT) != 0 ? NULL : &hari_##name##_op;
#include "ops/back_list.inc"
#undef HARI_OP
    default: return NULL;
    }
}

const char *hari_op_name(hari_op_kind kind)
{
    static const char names[HARI_OP_ALL_KINDS][16] = {
#define HARI_OP(kind, name) [HARI_OP_##kind] = #name,
#include "ops/back_list.inc"
#include "ops/list.inc"
#undef HARI_OP
    };
    return names[kind];
}

hari_op_path hari_path_of(const hari_graph *graph, const hari_node *node)
{
    hari_op_path path;
    snprintf(path.text, sizeof path.text, "graph.ops[%u]", (unsigned)(node - graph->nodes));
    return path;
}

int32_t hari_expect_inputs(const hari_graph *graph, const hari_node *node, uint32_t least,
                           uint32_t most, har_error *error)
{
    if (node->input_count >= least && node->input_count <= most) return HAR_OK;
    bool few = node->input_count < least;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, node->input_count,
                           few ? "at least" : "at most", few ? least : most, "%s (%s) inputs count",
                           hari_path_of(graph, node).text, hari_op_name(node->kind));
}

int32_t hari_expect_output(const hari_graph *graph, const hari_node *node, hari_dtype dtype,
                           uint64_t rows, uint64_t columns, har_error *error)
{
    const hari_tensor *output = hari_output(graph, node);
    const hari_op_path path = hari_path_of(graph, node);
    const char *name = hari_op_name(node->kind);
    if (output->dtype != dtype)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, output->dtype, "equal to", dtype,
                               "%s (%s) output dtype", path.text, name);
    if (output->rows != rows)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, output->rows, "equal to", (double)rows,
                               "%s (%s) output rows", path.text, name);
    if (output->columns != columns)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, output->columns, "equal to",
                               (double)columns, "%s (%s) output columns", path.text, name);
    return HAR_OK;
}

int32_t hari_expect_computed(const hari_graph *graph, const hari_node *node, uint32_t position,
                             hari_dtype first, hari_dtype second, har_error *error)
{
    const hari_tensor *input = hari_input(graph, node, position);
    bool is_right = !input->data && (input->dtype == first || input->dtype == second);
    if (is_right) return HAR_OK;
    return hari_fail_text(
        error, HAR_ERR_FILE_MEANING,
        input->data ? "is a constant, must be computed" : "has a type that the op does not take",
        "%s (%s) inputs[%u]", hari_path_of(graph, node).text, hari_op_name(node->kind), position);
}

int32_t hari_expect_constant(const hari_graph *graph, const hari_node *node, uint32_t position,
                             hari_dtype dtype, uint64_t elements, har_error *error)
{
    const hari_tensor *input = hari_input(graph, node, position);
    const hari_op_path path = hari_path_of(graph, node);
    const char *name = hari_op_name(node->kind);
    if (!input->data || input->dtype != dtype)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                              input->data ? "has a type that the op does not take"
                                          : "must be a constant",
                              "%s (%s) inputs[%u]", path.text, name, position);
    if (input->elements != elements)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)input->elements, "equal to",
                               (double)elements, "%s (%s) inputs[%u] elements", path.text, name,
                               position);
    return HAR_OK;
}

int32_t hari_expect_same_codes(const hari_graph *graph, const hari_node *node, uint32_t position,
                               har_error *error)
{
    const hari_tensor *input = hari_input(graph, node, position);
    const hari_tensor *output = hari_output(graph, node);
    if (!input->scales || !output->scales) return HAR_OK;
    bool same = input->scale_count == 1 && output->scale_count == 1 &&
                input->scales[0] == output->scales[0] && input->zero_point == output->zero_point;
    if (same) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                          "must have the scale and zero point of the output", "%s (%s) inputs[%u]",
                          hari_path_of(graph, node).text, hari_op_name(node->kind), position);
}

int32_t hari_expect_codes(const hari_graph *graph, const hari_node *node, const hari_tensor *tensor,
                          har_error *error)
{
    bool is_right = (tensor->dtype == HARI_U8 || tensor->dtype == HARI_I16) &&
                    isnormal(1.0f / tensor->scales[0]);
    if (is_right) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                          "must have a U8 or I16 side whose scale has a normal reciprocal",
                          "%s (%s)", hari_path_of(graph, node).text, hari_op_name(node->kind));
}

hark_codes hari_codes_of(const hari_tensor *tensor)
{
    const bool is_u8 = tensor->dtype == HARI_U8;
    return (hark_codes){.scale = tensor->scales[0],
                        .inverse_scale = 1.0f / tensor->scales[0],
                        .zero = tensor->zero_point,
                        .low = is_u8 ? 0 : -32767,
                        .high = is_u8 ? 255 : 32767};
}

void *hari_prepare(hari_step *step, size_t size, hari_pool *pool, har_error *error)
{
    step->prepared = hari_pool_alloc(pool, 1, size);
    if (!step->prepared) hari_fail(error, HAR_ERR_MEMORY, "%s", hari_op_name(step->node->kind));
    return step->prepared;
}

int32_t hari_prepare_shapes(hari_step *step, const hari_graph *graph, hari_pool *pool,
                            har_error *error)
{
    hari_shapes *shapes = hari_prepare(step, sizeof *shapes, pool, error);
    if (!shapes) return HAR_ERR_MEMORY;
    shapes->out = hari_output(graph, step->node);
    for (uint32_t i = 0; i < step->input_count && i < HARI_MOST_SHAPES; i++)
        shapes->in[i] = &graph->tensors[step->inputs[i]];
    if (step->node->input_count > step->input_count)
        shapes->constant = hari_input(graph, step->node, step->input_count)->data;
    step->isa = "ref";
    return HAR_OK;
}

void hari_again_by_rows(const hari_step *step, const hari_again *again, size_t row_bytes_in,
                        size_t row_bytes_out,
                        void (*run)(const hari_step *step, const void *x, uint32_t rows, void *y))
{
    const hari_ends ends = again->ends;
    const unsigned char *x = again->inputs[0];
    unsigned char *y = again->output;
    if (ends.head > 0) run(step, x, ends.head, y);
    if (ends.tail == again->rows) return;
    run(step, x + ends.tail * row_bytes_in, again->rows - ends.tail, y + ends.tail * row_bytes_out);
}

hari_bounds hari_activation_bounds(hari_activation activation, const hari_tensor *tensor)
{
    hari_bounds bounds = {-INFINITY, INFINITY, 0, 255};
    if (activation != HARI_ACT_RELU && activation != HARI_ACT_RELU6) return bounds;
    bounds.low = 0.0f;
    bounds.low_code = tensor->zero_point;
    if (activation == HARI_ACT_RELU) return bounds;
    bounds.high = 6.0f;
    if (!tensor->scales) return bounds;
    float six = hark_min_f32(6.0f / tensor->scales[0], 255.0f);
    int32_t high = tensor->zero_point + hark_rne(six);
    if (high < bounds.high_code) bounds.high_code = high;
    return bounds;
}
