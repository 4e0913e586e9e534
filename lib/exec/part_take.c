/* Which steps XNNPACK can take: ops whose result is the contract's in both of its versions (2022,
 * 2024), and whose tables of pointers and packed weights stay in proportion to the file. */
#include <math.h>

#include "exec/part.h"
#include "ops/sliding.h"
#include "ops/weighted.h"

/* XNNPACK keeps a pointer for each tap of each output row. */
enum { MOST_TAPS = 1u << 20 };

/* XNNPACK's depthwise kernels have up to 25 taps. Convolutions in groups pad the columns of a group
 * to 16 or 32: narrower groups would be mostly padding. */
enum { MOST_DEPTHWISE_TAPS = 25, LEAST_GROUP_COLUMNS = 4 };

/* Padding on the right is what the last row needs, no more. */
static bool slide(hari_part_op *op, uint32_t rows_in, const hari_sliding *sliding,
                  const hari_slide *over)
{
    const uint64_t extent = (uint64_t)(sliding->kernel - 1) * sliding->dilation + 1;
    const uint64_t reach = (uint64_t)(over->rows - 1) * sliding->stride + extent;
    const uint64_t present = (uint64_t)over->pad_left + rows_in;
    op->rows = over->rows;
    op->kernel = sliding->kernel;
    op->stride = sliding->stride;
    op->dilation = sliding->dilation;
    op->pad_left = over->pad_left;
    op->pad_right = reach > present ? (uint32_t)(reach - present) : 0;
    return (uint64_t)over->rows * sliding->kernel <= MOST_TAPS;
}

static bool take_conv(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    hari_sliding sliding = step->node->sliding;
    sliding.kernel = hari_input(graph, step->node, 1)->dim[1];
    hari_slide over;
    if (hari_slide_over(graph, step->node, &sliding, x->rows, &over, NULL) != HAR_OK) return false;
    op->kind = HARI_PART_CONV;
    op->groups = step->node->groups;
    op->pool = step->fused.pool;
    const hark_conv shape = {
        .columns_in = op->columns_in, .columns_out = op->columns_out, .groups = op->groups};
    if (hari_is_depthwise(&shape)) {
        if (sliding.kernel > MOST_DEPTHWISE_TAPS) return false;
    } else if (op->groups > 1 && op->columns_out / op->groups < LEAST_GROUP_COLUMNS) {
        return false;
    }
    return slide(op, x->rows, &sliding, &over);
}

/* Of codes a convolution, for XNNPACK of 2022 has no dense layer with a scale for each column. */
static bool take_dense(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    const bool is_codes = hari_input(graph, step->node, 0)->dtype != HARI_F32;
    op->kind = is_codes ? HARI_PART_CONV : HARI_PART_DENSE;
    return !is_codes || op->rows <= MOST_TAPS;
}

/* y = x * scale + offset is a depthwise convolution with one tap. */
static bool take_affine(hari_part_op *op)
{
    op->kind = HARI_PART_CONV;
    op->groups = op->columns_in;
    return op->rows <= MOST_TAPS;
}

/* XNNPACK knows no pool of one row and skips no rows; its average divides by the rows present. */
static bool take_window(hari_part_op *op, hari_pool_kind kind, bool count_padding)
{
    op->kind = kind == HARI_POOL_MAX ? HARI_PART_MAX_POOL : HARI_PART_AVERAGE_POOL;
    if (op->kernel < 2 || op->stride > op->kernel) return false;
    return kind == HARI_POOL_MAX || !count_padding || op->pad_left + op->pad_right == 0;
}

static bool take_pool(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    const hari_tensor *x = hari_input(graph, step->node, 0);
    const hari_sliding *sliding = &step->node->sliding;
    hari_slide over;
    if (hari_slide_over(graph, step->node, sliding, x->rows, &over, NULL) != HAR_OK) return false;
    return slide(op, x->rows, sliding, &over) &&
           take_window(op, step->node->pool, step->node->count_padding);
}

/* All rows, or equal shares of them, to one each. */
static bool take_shares(const hari_graph *graph, const hari_step *step, hari_part_op *op,
                        hari_pool_kind kind)
{
    const uint32_t rows_in = hari_input(graph, step->node, 0)->rows;
    if (op->rows == 0 || rows_in % op->rows != 0 || rows_in > MOST_TAPS) return false;
    op->kernel = rows_in / op->rows;
    op->stride = op->kernel;
    return take_window(op, kind, false);
}

/* Tanh and the later curves are not in the version of 2022. */
static bool take_activation(const hari_step *step, hari_part_op *op)
{
    const hari_activation kind = step->node->activation;
    op->kind = kind == HARI_ACT_SIGMOID ? HARI_PART_SIGMOID : HARI_PART_CLAMP;
    return kind == HARI_ACT_RELU || kind == HARI_ACT_RELU6 || kind == HARI_ACT_SIGMOID;
}

/* Of two computed tensors of one shape. */
static bool take_add(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    const hari_tensor *a = hari_input(graph, step->node, 0);
    const hari_tensor *b = hari_input(graph, step->node, 1);
    op->kind = HARI_PART_ADD;
    return !b->data && a->rows == b->rows && a->columns == b->columns;
}

/* All rows to one, not all columns. */
static bool take_global(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    if (step->node->axis != 0 || step->node->pool == HARI_POOL_SUM) return false;
    return take_shares(graph, step, op, step->node->pool);
}

/* Multipliers that XNNPACK takes for codes: below 256, and not so small that all becomes zero. */
static bool takes_scales(const hari_tensor *x, const hari_tensor *weight, const hari_tensor *y)
{
    const float most = 256.0f;
    const float least = 0x1p-32f;
    for (uint32_t i = 0; i < weight->scale_count; i++) {
        const float product = x->scales[0] * weight->scales[i];
        const float multiplier = product / y->scales[0];
        if (!isnormal(product) || !(multiplier >= least && multiplier < most)) return false;
    }
    return true;
}

/* Convolutions and dense layers from codes to codes, and the copies of a max pool. */
static bool takes_codes(const hari_graph *graph, const hari_step *step)
{
    const hari_node *node = step->node;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *y = hari_output(graph, node);
    if (x->dtype != HARI_U8 || y->dtype != HARI_U8) return false;
    if (node->kind == HARI_OP_CONV1D || node->kind == HARI_OP_DENSE)
        return takes_scales(x, hari_input(graph, node, 1), y);
    return (node->kind == HARI_OP_POOL || node->kind == HARI_OP_GLOBAL_POOL) &&
           node->pool == HARI_POOL_MAX;
}

bool hari_part_take(const hari_graph *graph, const hari_step *step, hari_part_op *op)
{
    const hari_node *node = step->node;
    const hari_tensor *y = hari_output(graph, node);
    const bool is_alone = node->kind == HARI_OP_ACTIVATION;
    const hari_bounds bounds =
        hari_activation_bounds(is_alone ? node->activation : step->fused.activation, y);
    *op = (hari_part_op){.rows = y->rows,
                         .columns_in = hari_input(graph, node, 0)->columns,
                         .columns_out = y->columns,
                         .kernel = 1,
                         .stride = 1,
                         .dilation = 1,
                         .groups = 1,
                         .pool = 1,
                         .low = bounds.low,
                         .high = bounds.high};
    const bool is_f32 = hari_input(graph, node, 0)->dtype == HARI_F32 && y->dtype == HARI_F32;
    if (!is_f32 && !takes_codes(graph, step)) return false;
    switch (node->kind) {
    case HARI_OP_CONV1D: return take_conv(graph, step, op);
    case HARI_OP_DENSE: return take_dense(graph, step, op);
    case HARI_OP_AFFINE: return take_affine(op);
    case HARI_OP_POOL: return take_pool(graph, step, op);
    case HARI_OP_GLOBAL_POOL: return take_global(graph, step, op);
    case HARI_OP_ADAPTIVE_POOL: return take_shares(graph, step, op, HARI_POOL_AVERAGE);
    case HARI_OP_ADD: return take_add(graph, step, op);
    case HARI_OP_ACTIVATION: return take_activation(step, op);
    case HARI_OP_SOFTMAX: op->kind = HARI_PART_SOFTMAX; return node->axis == 1;
    default: return false; /* concat is not in the version of 2022; flatten computes nothing */
    }
}
