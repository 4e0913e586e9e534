/* The product of two tensors value by value: gates, attention to channels or to time steps, scales
 * that were learned. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "ops/list.h"
#include "ops/pair.h"

typedef struct prepared {
    hari_pair pair; /* first, for hari_pair_run */
    hark_multiply_q q;
} prepared;

/* s_a * s_b / s_y; 0 where that, or the product, is not a normal number. */
static float multiplier_of(const hari_graph *graph, const hari_node *node)
{
    const float product =
        hari_input(graph, node, 0)->scales[0] * hari_input(graph, node, 1)->scales[0];
    const float multiplier = product / hari_output(graph, node)->scales[0];
    return isnormal(product) && isnormal(multiplier) ? multiplier : 0.0f;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_pair_check(graph, node, error);
    if (status != HAR_OK || hari_output(graph, node)->dtype != HARI_U8) return status;
    const float multiplier = multiplier_of(graph, node);
    if (multiplier > 0.0f) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)multiplier, "a normal number above",
                           (double)FLT_MIN, "%s multiplier", hari_path_of(graph, node).text);
}

static void run_part(const hari_step *step, const hark_pair *shape, const void *a, const void *b,
                     void *y)
{
    const prepared *p = step->prepared;
    if (p->pair.dtype == HARI_F32)
        step->kernels->multiply_f32(shape, a, b, p->pair.bounds.low, p->pair.bounds.high, y);
    else
        step->kernels->multiply_u8(&p->q, shape, a, b, y);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->pair = hari_pair_prepare(step, graph, run_part);
    const hari_node *node = step->node;
    const bool is_f32 = p->pair.dtype == HARI_F32;
    step->isa = is_f32 ? step->kernels->multiply_f32_isa : step->kernels->multiply_u8_isa;
    if (!is_f32)
        p->q = (hark_multiply_q){.zero_a = hari_input(graph, node, p->pair.is_swapped)->zero_point,
                                 .zero_b = hari_input(graph, node, !p->pair.is_swapped)->zero_point,
                                 .zero_out = hari_output(graph, node)->zero_point,
                                 .multiplier = multiplier_of(graph, node),
                                 .low = p->pair.bounds.low_code,
                                 .high = p->pair.bounds.high_code};
    return HAR_OK;
}

const hari_op hari_multiply_op = {.check = check,
                                  .prepare = prepare,
                                  .run = hari_pair_run,
                                  .in_place = true,
                                  .takes_clamp = true};
