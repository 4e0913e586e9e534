/* Softmax over the columns of every row, or over the rows of every column. FP32. */
#include "ops/softmax.h"

#include "ops/list.h"

typedef struct prepared {
    uint32_t rows;
    uint32_t columns;
    bool over_rows;
} prepared;

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_F32, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    return hari_expect_output(graph, node, HARI_F32, x->rows, x->columns, error);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_tensor *y = hari_output(graph, step->node);
    p->rows = y->rows;
    p->columns = y->columns;
    p->over_rows = step->node->axis == 0 && y->columns > 1;
    if (step->node->axis == 0 && y->columns == 1) { /* lies like a row */
        p->rows = 1;
        p->columns = y->rows;
    }
    if (step->node->axis != 0) hari_goes_by_rows(step);
    step->isa = p->over_rows ? step->kernels->softmax_rows_f32_isa : step->kernels->softmax_f32_isa;
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    if (p->over_rows)
        step->kernels->softmax_rows_f32(inputs[0], p->rows, p->columns, output);
    else
        step->kernels->softmax_f32(inputs[0], p->rows, p->columns, output);
}

void hari_softmax(float *values, uint32_t count) { hark_softmax_f32_ref(values, 1, count, values); }

const hari_op hari_softmax_op = {.check = check, .prepare = prepare, .run = run, .in_place = true};
