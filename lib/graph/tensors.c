/* Tensors of the file: shapes, types, quantization, constants. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/finite.h"
#include "graph/graph.h"
#include "model/schema.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "constants are little-endian and used in place: this needs a little-endian machine"
#endif

size_t hari_dtype_size(hari_dtype dtype)
{
    static const uint8_t sizes[HARI_DTYPES] = {
        [HARI_F32] = 4, [HARI_I32] = 4, [HARI_I16] = 2, [HARI_I8] = 1, [HARI_U8] = 1};
    return sizes[dtype];
}

size_t hari_tensor_bytes(const hari_tensor *tensor)
{
    return tensor->elements * hari_dtype_size(tensor->dtype);
}

static int32_t read_shape(hari_tensor *tensor, hari_table table, uint32_t index, har_error *error)
{
    hari_vector shape = hari_get_vector(table, HARI_Tensor_shape);
    if (shape.count < 1 || shape.count > HARI_MAX_RANK)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, shape.count, "1 to", HARI_MAX_RANK,
                               "graph.tensors[%u].shape rank", index);
    tensor->rank = shape.count;
    tensor->elements = 1;
    for (uint32_t i = 0; i < shape.count; i++) {
        int32_t dim = hari_i32_of(shape, i);
        if (dim < 1 || (uint32_t)dim > HARI_MAX_ELEMENTS / tensor->elements)
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, dim, "1 to",
                                   (double)(HARI_MAX_ELEMENTS / tensor->elements),
                                   "graph.tensors[%u].shape[%u]", index, i);
        tensor->dim[i] = (uint32_t)dim;
        tensor->elements *= (uint32_t)dim;
    }
    tensor->rows = tensor->rank == 1 ? 1 : tensor->dim[0];
    tensor->columns = tensor->dim[tensor->rank - 1];
    return HAR_OK;
}

static int32_t read_scales(hari_tensor *tensor, hari_table quantization, uint32_t index,
                           hari_pool *pool, har_error *error)
{
    hari_vector scales = hari_get_vector(quantization, HARI_Quantization_scales);
    if (scales.count != 1 && scales.count != tensor->dim[0])
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, scales.count, "1 or", tensor->dim[0],
                               "graph.tensors[%u].quantization.scales count", index);
    tensor->scales = hari_pool_alloc(pool, scales.count, sizeof *tensor->scales);
    if (!tensor->scales) return hari_fail(error, HAR_ERR_MEMORY, "graph.tensors[%u].scales", index);
    tensor->scale_count = scales.count;
    for (uint32_t i = 0; i < scales.count; i++) {
        float scale = hari_f32_of(scales, i);
        if (!(scale >= FLT_MIN && scale <= FLT_MAX))
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)scale,
                                   "a positive normal number, at least", (double)FLT_MIN,
                                   "graph.tensors[%u].quantization.scales[%u]", index, i);
        tensor->scales[i] = scale;
    }
    return HAR_OK;
}

static int32_t read_quantization(hari_tensor *tensor, hari_table table, uint32_t index,
                                 hari_pool *pool, har_error *error)
{
    hari_table quantization = hari_get_table(table, HARI_Tensor_quantization);
    bool needed = tensor->dtype == HARI_U8 || tensor->dtype == HARI_I8 || tensor->dtype == HARI_I16;
    if (needed != (quantization.bytes != NULL))
        return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                              needed ? "is quantized but has no quantization"
                                     : "has a quantization that its type does not take",
                              "graph.tensors[%u]", index);
    if (!needed) return HAR_OK;
    tensor->zero_point = hari_get_i32(quantization, HARI_Quantization_zero_point, 0);
    int32_t largest = tensor->dtype == HARI_U8 ? 255 : 0;
    if (tensor->zero_point < 0 || tensor->zero_point > largest)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, tensor->zero_point, "0 to", largest,
                               "graph.tensors[%u].quantization.zero_point", index);
    return read_scales(tensor, quantization, index, pool, error);
}

static int32_t check_finite(const hari_tensor *tensor, uint32_t index, har_error *error)
{
    const float *values = tensor->data;
    if (tensor->dtype != HARI_F32 || hari_all_finite(values, tensor->elements)) return HAR_OK;
    for (size_t i = 0; i < tensor->elements; i++)
        if (!isfinite(values[i]))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not finite",
                                  "graph.tensors[%u] value %zu", index, i);
    return HAR_OK;
}

static int32_t read_data(hari_tensor *tensor, hari_table table, uint32_t index, hari_vector buffers,
                         har_error *error)
{
    int32_t buffer = hari_get_i32(table, HARI_Tensor_buffer, -1);
    if (buffer == -1) return HAR_OK;
    if (buffer < 0 || (uint32_t)buffer >= buffers.count)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, buffer, "below", buffers.count,
                               "graph.tensors[%u].buffer", index);
    hari_vector data = hari_get_vector(hari_table_of(buffers, (uint32_t)buffer), HARI_Buffer_data);
    if (data.count != hari_tensor_bytes(tensor))
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, data.count, "equal to",
                               (double)hari_tensor_bytes(tensor),
                               "buffers[%d].data bytes of graph.tensors[%u]", buffer, index);
    tensor->data = data.bytes + data.at;
    return check_finite(tensor, index, error);
}

static int32_t build_tensor(hari_tensor *tensor, hari_table table, uint32_t index,
                            hari_vector buffers, hari_pool *pool, har_error *error)
{
    tensor->name = hari_get_string(table, HARI_Tensor_name);
    tensor->producer = HARI_NO_NODE;
    unsigned dtype = hari_get_u8(table, HARI_Tensor_dtype, HARI_F32);
    if (dtype >= HARI_DTYPES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, dtype, "below", HARI_DTYPES,
                               "graph.tensors[%u].dtype", index);
    tensor->dtype = (hari_dtype)dtype;
    int32_t status = read_shape(tensor, table, index, error);
    if (status == HAR_OK) status = read_quantization(tensor, table, index, pool, error);
    if (status == HAR_OK) status = read_data(tensor, table, index, buffers, error);
    return status;
}

int32_t hari_graph_build_tensors(hari_graph *graph, hari_table graph_table, hari_vector buffers,
                                 hari_pool *pool, har_error *error)
{
    hari_vector tensors = hari_get_vector(graph_table, HARI_Graph_tensors);
    if (tensors.count < 1 || tensors.count > HARI_MAX_TENSORS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, tensors.count, "1 to", HARI_MAX_TENSORS,
                               "graph.tensors count");
    graph->tensors = hari_pool_alloc(pool, tensors.count, sizeof *graph->tensors);
    if (!graph->tensors) return hari_fail(error, HAR_ERR_MEMORY, "graph.tensors");
    graph->tensor_count = tensors.count;
    size_t constants = 0;
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < tensors.count && status == HAR_OK; i++) {
        hari_tensor *tensor = &graph->tensors[i];
        status = build_tensor(tensor, hari_table_of(tensors, i), i, buffers, pool, error);
        if (tensor->data) constants += hari_tensor_bytes(tensor);
        if (status == HAR_OK && constants > HARI_MAX_CONSTANT_BYTES)
            status = hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)constants, "at most",
                                     HARI_MAX_CONSTANT_BYTES, "graph.tensors constant bytes");
    }
    return status;
}
