#include "ops/columns.h"

#include <float.h>
#include <math.h>

#include "base/error.h"

/* 2^100 times 2^24 is far from the end of the range. */
static const float LARGEST = 0x1p100f;

static const float *constant(const hari_graph *graph, const hari_node *node, uint32_t position)
{
    return hari_input(graph, node, position)->data;
}

static int32_t check_column(const hari_graph *graph, const hari_node *node, float scale_in,
                            uint32_t column, har_error *error)
{
    const float scale_out = hari_output(graph, node)->scales[0];
    const float scale = constant(graph, node, 1)[column];
    const float offset = constant(graph, node, 2)[column] / scale_out;
    const float multiplier = scale_in * scale / scale_out;
    const bool is_normal = scale == 0.0f || (isnormal(scale_in * scale) && isnormal(multiplier));
    const hari_op_path path = hari_path_of(graph, node);
    if (!is_normal || !(fabsf(multiplier) <= LARGEST))
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)multiplier,
                               "0, or a normal number at most", (double)LARGEST,
                               "%s multiplier of column %u", path.text, column);
    if (!(fabsf(offset) <= LARGEST))
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)offset, "at most",
                               (double)LARGEST, "%s offset of column %u", path.text, column);
    return HAR_OK;
}

int32_t hari_columns_check(const hari_graph *graph, const hari_node *node, float scale_in,
                           har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 3, 3, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    for (uint32_t i = 1; i <= 2 && status == HAR_OK; i++)
        status = hari_expect_constant(graph, node, i, HARI_F32, x->columns, error);
    if (status == HAR_OK)
        status = hari_expect_output(graph, node, x->dtype, x->rows, x->columns, error);
    if (x->dtype != HARI_U8) return status;
    for (uint32_t c = 0; c < x->columns && status == HAR_OK; c++)
        status = check_column(graph, node, scale_in, c, error);
    return status;
}

static int32_t prepare_codes(hari_columns *columns, const hari_step *step, const hari_graph *graph,
                             float scale_in, hari_pool *pool, har_error *error)
{
    const hari_tensor *y = hari_output(graph, step->node);
    float *scales = hari_pool_alloc(pool, (size_t)columns->columns * 2, sizeof *scales);
    if (!scales)
        return hari_fail(error, HAR_ERR_MEMORY, "%s scales", hari_op_name(step->node->kind));
    float *offsets = scales + columns->columns;
    for (uint32_t c = 0; c < columns->columns; c++) {
        scales[c] = scale_in * columns->scale[c] / y->scales[0];
        offsets[c] = columns->offset[c] / y->scales[0];
    }
    columns->q = (hark_columns_q){.scales = scales,
                                  .offsets = offsets,
                                  .zero_in = hari_input(graph, step->node, 0)->zero_point,
                                  .zero_out = y->zero_point,
                                  .low = columns->bounds.low_code,
                                  .high = columns->bounds.high_code};
    return HAR_OK;
}

int32_t hari_columns_prepare(hari_columns *columns, const hari_step *step, const hari_graph *graph,
                             float scale_in, hari_pool *pool, har_error *error)
{
    const hari_tensor *y = hari_output(graph, step->node);
    *columns = (hari_columns){.is_codes = y->dtype == HARI_U8,
                              .rows = y->rows,
                              .columns = y->columns,
                              .scale = constant(graph, step->node, 1),
                              .offset = constant(graph, step->node, 2),
                              .bounds = hari_activation_bounds(step->fused.activation, y)};
    return columns->is_codes ? prepare_codes(columns, step, graph, scale_in, pool, error) : HAR_OK;
}
