#include "base/error.h"
#include "ops/list.h"
#include "ops/weighted.h"

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_weighted_check_inputs(graph, node, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *weight = hari_input(graph, node, 1);
    if (weight->rank != 2 || weight->dim[1] != x->columns)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, weight->columns,
                               "of rank 2 with inputs", x->columns, "%s (dense) weight",
                               hari_path_of(graph, node).text);
    const hari_dtype out = hari_weighted_output_type(graph, node);
    status = hari_expect_output(graph, node, out, x->rows, weight->dim[0], error);
    if (status == HAR_OK)
        status = hari_weighted_check(graph, node, weight->dim[0], weight->dim[1], error);
    return status;
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_weighted_shape shape = {
        .conv = {.rows = x->rows,
                 .columns_in = x->columns,
                 .columns_out = hari_output(graph, step->node)->columns,
                 .kernel = 1,
                 .stride = 1,
                 .dilation = 1,
                 .groups = 1,
                 .pool = 1},
        .rows_in = x->rows};
    return hari_weighted_prepare(step, graph, &shape, pool, error);
}

const hari_op hari_dense_op = {.check = check,
                               .prepare = prepare,
                               .run = hari_weighted_run,
                               .takes_affine = true,
                               .takes_clamp = true};
