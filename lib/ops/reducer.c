#include "ops/reducer.h"

#include <float.h>
#include <math.h>

#include "base/error.h"

/* The sum of codes fits in 32 bits, and no number of them pushes the ratio of scales out of the
 * normal range: they are at most 2^24. */
static int32_t check_codes(const hari_graph *graph, const hari_node *node, uint32_t axis,
                           har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    if (x->dtype != HARI_U8) return HAR_OK;
    const uint32_t most = INT32_MAX / 255;
    const uint32_t found = axis == 0 ? x->rows : x->columns;
    if (found > most)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, found, "at most", most,
                               "%s %s of an average of codes", hari_path_of(graph, node).text,
                               axis == 0 ? "rows" : "columns");
    const float smallest = FLT_MIN * (float)HARI_MAX_ELEMENTS;
    const float ratio = x->scales[0] / hari_output(graph, node)->scales[0];
    if (ratio >= smallest && ratio <= FLT_MAX) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)ratio, "a normal number above",
                           (double)smallest, "%s ratio of scales", hari_path_of(graph, node).text);
}

int32_t hari_reducer_check(const hari_graph *graph, const hari_node *node, hari_pool_kind kind,
                           uint32_t axis, uint64_t rows_out, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_output(graph, node, x->dtype, axis == 0 ? rows_out : x->rows,
                                axis == 0 ? x->columns : 1, error);
    if (status != HAR_OK) return status;
    if (kind == HARI_POOL_MAX) return hari_expect_same_codes(graph, node, 0, error);
    return check_codes(graph, node, axis, error);
}

static const char *isa_of(const hari_reducer *reducer, const hark_table *kernels)
{
    const bool is_max = reducer->kind == HARI_POOL_MAX;
    if (reducer->axis == 1 && reducer->dtype == HARI_F32)
        return is_max ? kernels->max_columns_f32_isa : kernels->mean_columns_f32_isa;
    if (reducer->axis == 1)
        return is_max ? kernels->max_columns_u8_isa : kernels->mean_columns_u8_isa;
    if (reducer->dtype == HARI_F32)
        return is_max ? kernels->max_rows_f32_isa : kernels->mean_rows_f32_isa;
    return is_max ? kernels->max_rows_u8_isa : kernels->mean_rows_u8_isa;
}

hari_reducer hari_reducer_prepare(hari_step *step, const hari_graph *graph, hari_pool_kind kind,
                                  uint32_t axis)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_tensor *y = hari_output(graph, step->node);
    hari_reducer reducer = {.dtype = x->dtype,
                            .kind = kind,
                            .axis = axis,
                            .rows_in = x->rows,
                            .columns = x->columns,
                            .zero_in = x->zero_point,
                            .zero_out = y->zero_point};
    if (x->scales) reducer.ratio = x->scales[0] / y->scales[0];
    step->isa = isa_of(&reducer, step->kernels);
    return reducer;
}

static void reduce_f32(const hari_reducer *r, const hark_table *kernels, const float *x,
                       uint32_t count, uint32_t divisor, float *y)
{
    if (r->kind == HARI_POOL_MAX)
        kernels->max_rows_f32(x, count, r->columns, y);
    else
        kernels->mean_rows_f32(x, count, r->columns, (float)divisor, y);
}

static void reduce_u8(const hari_reducer *r, const hark_table *kernels, const uint8_t *x,
                      uint32_t count, uint32_t divisor, uint8_t *y)
{
    if (r->kind == HARI_POOL_MAX)
        kernels->max_rows_u8(x, count, r->columns, y);
    else
        kernels->mean_rows_u8(x, count, r->columns, r->zero_in, r->zero_out,
                              r->ratio / (float)divisor, y);
}

void hari_reduce(const hari_reducer *reducer, const hark_table *kernels, const void *input,
                 uint32_t first, uint32_t count, uint32_t divisor, void *output, uint32_t to)
{
    const size_t from_at = (size_t)first * reducer->columns;
    const size_t to_at = (size_t)to * reducer->columns;
    if (reducer->dtype == HARI_F32)
        reduce_f32(reducer, kernels, (const float *)input + from_at, count, divisor,
                   (float *)output + to_at);
    else
        reduce_u8(reducer, kernels, (const uint8_t *)input + from_at, count, divisor,
                  (uint8_t *)output + to_at);
}

void hari_reduce_columns(const hari_reducer *r, const hark_table *kernels, const void *input,
                         uint32_t divisor, void *output)
{
    const bool is_max = r->kind == HARI_POOL_MAX;
    if (r->dtype == HARI_F32 && is_max)
        kernels->max_columns_f32(input, r->rows_in, r->columns, output);
    else if (r->dtype == HARI_F32)
        kernels->mean_columns_f32(input, r->rows_in, r->columns, (float)divisor, output);
    else if (is_max)
        kernels->max_columns_u8(input, r->rows_in, r->columns, output);
    else
        kernels->mean_columns_u8(input, r->rows_in, r->columns, r->zero_in, r->zero_out,
                                 r->ratio / (float)divisor, output);
}
