#include "ops/sliding.h"

#include "base/error.h"

int32_t hari_slide_over(const hari_graph *graph, const hari_node *node, const hari_sliding *sliding,
                        uint32_t rows_in, hari_slide *slide, har_error *error)
{
    const hari_op_path path = hari_path_of(graph, node);
    const uint64_t extent = (uint64_t)(sliding->kernel - 1) * sliding->dilation + 1;
    if (extent > HARI_MAX_ELEMENTS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)extent, "at most",
                               HARI_MAX_ELEMENTS, "%s kernel extent", path.text);
    uint64_t left = 0;
    uint64_t right = 0;
    if (sliding->padding == HARI_PAD_SAME) {
        uint64_t rows = ((uint64_t)rows_in + sliding->stride - 1) / sliding->stride;
        uint64_t reach = (rows - 1) * sliding->stride + extent;
        uint64_t total = reach > rows_in ? reach - rows_in : 0;
        left = total / 2;
        right = total - left;
    } else if (sliding->padding == HARI_PAD_EXPLICIT) {
        left = sliding->pad_left;
        right = sliding->pad_right;
        if (left >= extent || right >= extent)
            return hari_fail_bound(
                error, HAR_ERR_FILE_MEANING, (double)(left > right ? left : right),
                "below the kernel's extent", (double)extent, "%s padding", path.text);
    }
    uint64_t padded = rows_in + left + right;
    if (extent > padded)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)extent,
                               "at most the padded input rows", (double)padded, "%s kernel extent",
                               path.text);
    slide->rows = (uint32_t)((padded - extent) / sliding->stride + 1);
    slide->pad_left = (uint32_t)left;
    return HAR_OK;
}

void hari_slide_covers(const hari_sliding *sliding, const hari_slide *slide, uint32_t rows_in,
                       uint32_t t, uint32_t *first, uint32_t *count)
{
    int64_t begin = (int64_t)t * sliding->stride - slide->pad_left;
    int64_t end = begin + sliding->kernel;
    if (begin < 0) begin = 0;
    if (end > rows_in) end = rows_in;
    *first = (uint32_t)begin;
    *count = (uint32_t)(end - begin);
}
