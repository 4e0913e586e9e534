/* The sum of two tensors of the same shape, as residual blocks need it. */
#include <math.h>

#include "base/error.h"
#include "ops/list.h"

typedef struct prepared {
    size_t elements;
    hari_dtype dtype;
    hari_bounds bounds;
    hark_add_q q;
} prepared;

static int32_t check_scales(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const float out = hari_output(graph, node)->scales[0];
    for (uint32_t i = 0; i < 2; i++)
        if (!isnormal(hari_input(graph, node, i)->scales[0] / out))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                                  "has a scale too far from the output's", "%s (add) inputs[%u]",
                                  hari_path_of(graph, node).text, i);
    return HAR_OK;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 2, 2, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 1, x->dtype, x->dtype, error);
    if (status == HAR_OK)
        status = hari_expect_output(graph, node, x->dtype, x->rows, x->columns, error);
    if (status != HAR_OK) return status;
    const hari_tensor *other = hari_input(graph, node, 1);
    if (other->rows != x->rows || other->columns != x->columns)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)other->elements,
                               "in the shape of inputs[0], elements", (double)x->elements,
                               "%s (add) inputs[1] elements", hari_path_of(graph, node).text);
    return x->dtype == HARI_U8 ? check_scales(graph, node, error) : HAR_OK;
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_tensor *a = hari_input(graph, step->node, 0);
    const hari_tensor *b = hari_input(graph, step->node, 1);
    const hari_tensor *y = hari_output(graph, step->node);
    p->elements = y->elements;
    p->dtype = y->dtype;
    p->bounds = hari_activation_bounds(step->fused.activation, y);
    step->isa = y->dtype == HARI_F32 ? step->kernels->add_f32_isa : step->kernels->add_u8_isa;
    if (y->dtype == HARI_U8)
        p->q = (hark_add_q){.zero_a = a->zero_point,
                            .zero_b = b->zero_point,
                            .zero_out = y->zero_point,
                            .scale_a = a->scales[0] / y->scales[0],
                            .scale_b = b->scales[0] / y->scales[0],
                            .low = p->bounds.low_code,
                            .high = p->bounds.high_code};
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    if (p->dtype == HARI_F32)
        step->kernels->add_f32(inputs[0], inputs[1], p->elements, p->bounds.low, p->bounds.high,
                               output);
    else
        step->kernels->add_u8(&p->q, inputs[0], inputs[1], p->elements, output);
}

const hari_op hari_add_op = {.name = "add",
                             .check = check,
                             .prepare = prepare,
                             .run = run,
                             .in_place = true,
                             .takes_clamp = true};
