/* y = x * scale + offset per column: a batch norm that could not be folded. FP32. */
#include "ops/list.h"

typedef struct prepared {
    uint32_t rows;
    uint32_t columns;
    const float *scale;
    const float *offset;
    hari_bounds bounds;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 3, 3, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_F32, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_constant(graph, node, 1, HARI_F32, x->columns, error);
    if (status == HAR_OK)
        status = hari_expect_constant(graph, node, 2, HARI_F32, x->columns, error);
    if (status != HAR_OK) return status;
    return hari_expect_output(graph, node, HARI_F32, x->rows, x->columns, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_tensor *y = hari_output(graph, step->node);
    p->rows = y->rows;
    p->columns = y->columns;
    p->scale = hari_input(graph, step->node, 1)->data;
    p->offset = hari_input(graph, step->node, 2)->data;
    p->bounds = hari_activation_bounds(step->fused.activation, y);
    step->isa = step->kernels->affine_f32_isa;
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    step->kernels->affine_f32(inputs[0], p->scale, p->offset, p->rows, p->columns, p->bounds.low,
                              p->bounds.high, output);
}

const hari_op hari_affine_op = {.name = "affine",
                                .check = check,
                                .prepare = prepare,
                                .run = run,
                                .in_place = true,
                                .takes_clamp = true};
