/* The sum of two tensors, as residual blocks need it, or of a tensor and a constant: positions. */
#include <math.h>

#include "base/error.h"
#include "ops/list.h"
#include "ops/pair.h"

typedef struct prepared {
    hari_pair pair; /* first, for hari_pair_run */
    hark_add_q q;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_pair_check(graph, node, error);
    const hari_tensor *y = hari_output(graph, node);
    if (status != HAR_OK || y->dtype != HARI_U8) return status;
    for (uint32_t i = 0; i < 2; i++)
        if (!isnormal(hari_input(graph, node, i)->scales[0] / y->scales[0]))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                                  "has a scale too far from the output's", "%s (add) inputs[%u]",
                                  hari_path_of(graph, node).text, i);
    return HAR_OK;
}

static void run_part(const hari_step *step, const hark_pair *shape, const void *a, const void *b,
                     void *y)
{
    const prepared *p = step->prepared;
    if (p->pair.dtype == HARI_F32)
        step->kernels->add_f32(shape, a, b, p->pair.bounds.low, p->pair.bounds.high, y);
    else
        step->kernels->add_u8(&p->q, shape, a, b, y);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    p->pair = hari_pair_prepare(step, graph, run_part);
    const hari_tensor *a = hari_input(graph, step->node, p->pair.is_swapped);
    const hari_tensor *b = hari_input(graph, step->node, !p->pair.is_swapped);
    const hari_tensor *y = hari_output(graph, step->node);
    step->isa = y->dtype == HARI_F32 ? step->kernels->add_f32_isa : step->kernels->add_u8_isa;
    if (y->dtype == HARI_U8)
        p->q = (hark_add_q){.zero_a = a->zero_point,
                            .zero_b = b->zero_point,
                            .zero_out = y->zero_point,
                            .scale_a = a->scales[0] / y->scales[0],
                            .scale_b = b->scales[0] / y->scales[0],
                            .low = p->pair.bounds.low_code,
                            .high = p->pair.bounds.high_code};
    return HAR_OK;
}

const hari_op hari_add_op = {.check = check,
                             .prepare = prepare,
                             .run = hari_pair_run,
                             .in_place = true,
                             .takes_clamp = true};
