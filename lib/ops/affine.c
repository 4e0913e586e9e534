/* y = x * scale + offset per column: a batch norm that could not be folded. */
#include "ops/columns.h"
#include "ops/list.h"

typedef struct prepared {
    uint32_t rows;
    uint32_t columns;
    const float *scale;
    const float *offset;
    hari_bounds bounds;
    hark_columns_q q;
} prepared;

/* The scale of codes; F32 needs none. */
static float scale_in(const hari_tensor *x) { return x->scales ? x->scales[0] : 1.0f; }

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_columns_check(graph, node, scale_in(hari_input(graph, node, 0)), error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_tensor *x = hari_input(graph, step->node, 0);
    p->rows = x->rows;
    p->columns = x->columns;
    p->scale = hari_input(graph, step->node, 1)->data;
    p->offset = hari_input(graph, step->node, 2)->data;
    p->bounds = hari_activation_bounds(step->fused.activation, hari_output(graph, step->node));
    step->isa = step->kernels->affine_f32_isa;
    if (x->dtype == HARI_F32) return HAR_OK;
    step->isa = step->kernels->affine_u8_isa;
    return hari_columns_prepare(&p->q, step, graph, scale_in(x), pool, error);
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    if (p->q.scales)
        step->kernels->affine_u8(&p->q, inputs[0], p->rows, p->columns, output);
    else
        step->kernels->affine_f32(inputs[0], p->scale, p->offset, p->rows, p->columns,
                                  p->bounds.low, p->bounds.high, output);
}

const hari_op hari_affine_op = {.name = "affine",
                                .check = check,
                                .prepare = prepare,
                                .run = run,
                                .in_place = true,
                                .takes_clamp = true};
