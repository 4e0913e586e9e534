#include "base/error.h"
#include "ops/list.h"
#include "ops/sliding.h"
#include "ops/weighted.h"

/* The node's sliding with the kernel of its weight [out, kernel, in / groups]. */
static hari_sliding sliding_of(const hari_graph *graph, const hari_node *node)
{
    hari_sliding sliding = node->sliding;
    sliding.kernel = hari_input(graph, node, 1)->dim[1];
    return sliding;
}

static int32_t check_groups(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_op_path path = hari_path_of(graph, node);
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *weight = hari_input(graph, node, 1);
    if (weight->rank != 3)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, weight->rank, "equal to", 3,
                               "%s (conv1d) weight rank", path.text);
    if (x->columns % node->groups != 0 || weight->dim[0] % node->groups != 0)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, node->groups,
                               "a divisor of the input columns and of the outputs", weight->dim[0],
                               "%s.groups", path.text);
    if (weight->dim[2] != x->columns / node->groups)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, weight->dim[2], "equal to",
                               x->columns / node->groups, "%s (conv1d) weight inputs", path.text);
    return HAR_OK;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_weighted_check_inputs(graph, node, error);
    if (status == HAR_OK) status = check_groups(graph, node, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *weight = hari_input(graph, node, 1);
    const hari_sliding sliding = sliding_of(graph, node);
    hari_slide slide;
    status = hari_slide_over(graph, node, &sliding, x->rows, &slide, error);
    const hari_dtype out = hari_weighted_output_type(graph, node);
    if (status == HAR_OK)
        status = hari_expect_output(graph, node, out, slide.rows, weight->dim[0], error);
    if (status == HAR_OK)
        status = hari_weighted_check(graph, node, weight->dim[0], weight->dim[1] * weight->dim[2],
                                     error);
    return status;
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *y = hari_output(graph, step->node);
    const hari_sliding sliding = sliding_of(graph, step->node);
    hari_slide slide;
    int32_t status = hari_slide_over(graph, step->node, &sliding, x->rows, &slide, error);
    if (status != HAR_OK) return status;
    const hari_weighted_shape shape = {.conv = {.rows = slide.rows / step->fused.pool,
                                                .columns_in = x->columns,
                                                .columns_out = y->columns,
                                                .kernel = sliding.kernel,
                                                .stride = sliding.stride,
                                                .dilation = sliding.dilation,
                                                .groups = step->node->groups,
                                                .pool = step->fused.pool},
                                       .rows_in = x->rows,
                                       .pad_left = slide.pad_left};
    return hari_weighted_prepare(step, graph, &shape, pool, error);
}

const hari_op hari_conv1d_op = {.check = check,
                                .prepare = prepare,
                                .run = hari_weighted_run,
                                .tile = hari_weighted_tile,
                                .takes_affine = true,
                                .takes_clamp = true,
                                .takes_pool = true};
