#include "ops/weighted.h"

#include "base/error.h"

/* The rows of the padded input that a convolution reads. */
static uint64_t rows_read_by(const hark_conv *shape)
{
    const uint64_t last = ((uint64_t)shape->rows * shape->pool - 1) * shape->stride;
    return last + (uint64_t)(shape->kernel - 1) * shape->dilation + 1;
}

/* Asks for the bytes around the input: rows of padding, and what a kernel may read past the end. */
static int32_t ask_for_halo(hari_step *step, const hari_graph *graph,
                            const hari_weighted_shape *shape, uint64_t rows_read, har_error *error)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const uint64_t row = (uint64_t)x->columns * hari_dtype_size(x->dtype);
    const uint64_t present = (uint64_t)shape->pad_left + shape->rows_in;
    const uint64_t rows_after = rows_read > present ? rows_read - present : 0;
    const double bytes = (double)row * (double)(shape->pad_left + rows_after);
    if (bytes > HARI_MAX_HALO_BYTES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, bytes, "at most", HARI_MAX_HALO_BYTES,
                               "%s bytes of padding", hari_path_of(graph, step->node).text);
    step->halo = (hari_halo){.before = (size_t)(row * shape->pad_left),
                             .after = (size_t)(row * rows_after),
                             .input_bytes = hari_tensor_bytes(x),
                             .value = x->dtype == HARI_U8 ? x->zero_point : 0};
    if (x->dtype != HARI_F32) step->halo.after += HARK_SLACK;
    return HAR_OK;
}

int32_t hari_weighted_prepare(hari_step *step, const hari_graph *graph,
                              const hari_weighted_shape *shape, hari_pool *pool, har_error *error)
{
    const hark_conv *conv = &shape->conv;
    uint64_t rows_read = rows_read_by(conv);
    step->macs = (uint64_t)conv->rows * conv->pool * conv->columns_out * conv->kernel *
                 (conv->columns_in / conv->groups);
    step->weight_bytes = hari_tensor_bytes(hari_input(graph, step->node, 1));
    const bool x_is_f32 = hari_input(graph, step->node, 0)->dtype == HARI_F32;
    int32_t status = HAR_OK;
    if (x_is_f32)
        status = hari_weighted_prepare_f32(step, graph, conv, &rows_read, pool, error);
    else
        status = hari_weighted_prepare_q(step, graph, conv, pool, error);
    if (status == HAR_OK) status = ask_for_halo(step, graph, shape, rows_read, error);
    if (status != HAR_OK) return status;
    hari_weighted *p = step->prepared;
    p->rows_in = shape->rows_in;
    p->row_bytes = step->halo.input_bytes / shape->rows_in;
    p->row_bytes_out = hari_tensor_bytes(&graph->tensors[step->output]) / conv->rows;
    p->pad_bytes = step->halo.before;
    step->row_macs = step->macs / conv->rows;
    step->reach = (hari_reach){.stride = conv->stride,
                               .pad = shape->pad_left,
                               .extent = (conv->kernel - 1) * conv->dilation + 1,
                               .unit = p->tile ? p->tile : 1,
                               .pool = conv->pool};
    if (hari_is_depthwise(conv) && x_is_f32)
        return HAR_OK; /* as many products as values to gather */
    step->run_again = hari_weighted_run_again;
    step->again_bytes = hari_weighted_again_bytes(step);
    return HAR_OK;
}

void hari_weighted_run(const hari_step *step, const void *const *inputs, void *output,
                       void *scratch)
{
    const hari_weighted *p = step->prepared;
    p->run(step, p->conv, (const unsigned char *)inputs[0] - p->pad_bytes, output, scratch);
}
