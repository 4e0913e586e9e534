/* y = x * scale + offset per column: a batch norm that could not be folded. */
#include "ops/columns.h"
#include "ops/list.h"

/* The scale of codes; F32 needs none. */
static float scale_in(const hari_tensor *x) { return x->scales ? x->scales[0] : 1.0f; }

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    return hari_columns_check(graph, node, scale_in(hari_input(graph, node, 0)), error);
}

static void run_rows(const hari_step *step, const void *x, uint32_t rows, void *y)
{
    const hari_columns *c = step->prepared;
    if (c->is_codes)
        step->kernels->affine_u8(&c->q, x, rows, c->columns, y);
    else
        step->kernels->affine_f32(x, c->scale, c->offset, rows, c->columns, c->bounds.low,
                                  c->bounds.high, y);
}

static void run_again(const hari_step *step, const hari_again *again)
{
    const size_t row_bytes = hari_columns_row_bytes(step->prepared);
    hari_again_by_rows(step, again, row_bytes, row_bytes, run_rows);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    hari_columns *c = hari_prepare(step, sizeof *c, pool, error);
    if (!c) return HAR_ERR_MEMORY;
    hari_goes_by_rows(step);
    step->run_again = run_again;
    step->row_work = HARI_ROW_WORK;
    const float scale = scale_in(hari_input(graph, step->node, 0));
    int32_t status = hari_columns_prepare(c, step, graph, scale, pool, error);
    step->isa = c->is_codes ? step->kernels->affine_u8_isa : step->kernels->affine_f32_isa;
    return status;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    run_rows(step, inputs[0], ((const hari_columns *)step->prepared)->rows, output);
}

const hari_op hari_affine_op = {
    .check = check, .prepare = prepare, .run = run, .in_place = true, .takes_clamp = true};
