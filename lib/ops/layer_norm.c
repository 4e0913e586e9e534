/* Every row to mean 0 and variance 1, then a scale and an offset per column. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "ops/columns.h"
#include "ops/list.h"

typedef struct prepared {
    hari_columns columns;
    float scale_in; /* of codes */
} prepared;

/* columns * code fits in 32 bits, and what normalizes a row is a normal number far from the end of
 * the range, both for codes that are all the same and for those that are as far apart as can be. */
static int32_t check_codes(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_op_path path = hari_path_of(graph, node);
    const uint32_t most = INT32_MAX / 255;
    if (x->columns > most)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, x->columns, "at most", most,
                               "%s columns of a layer norm of codes", path.text);
    const double scale = (double)x->scales[0];
    const double epsilon = (double)node->epsilon;
    const double deviation = 127.5 * scale;
    const double largest = scale / sqrt(epsilon);
    const double smallest = scale / sqrt(deviation * deviation + epsilon) / x->columns;
    if (largest > 0x1p100)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, largest, "at most", 0x1p100,
                               "%s scale over the root of epsilon", path.text);
    if (smallest >= (double)FLT_MIN * 2) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, smallest, "at least", (double)FLT_MIN * 2,
                           "%s smallest factor of a row", path.text);
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_columns_check(graph, node, 1.0f, error);
    if (status != HAR_OK || hari_output(graph, node)->dtype != HARI_U8) return status;
    return check_codes(graph, node, error);
}

static void run_rows(const hari_step *step, const void *x, uint32_t rows, void *y)
{
    const prepared *p = step->prepared;
    const hari_columns *c = &p->columns;
    const float epsilon = step->node->epsilon;
    if (c->is_codes)
        step->kernels->layer_norm_u8(&c->q, p->scale_in, epsilon, x, rows, c->columns, y);
    else
        step->kernels->layer_norm_f32(x, c->scale, c->offset, epsilon, rows, c->columns,
                                      c->bounds.low, c->bounds.high, y);
}

static void run_again(const hari_step *step, const hari_again *again)
{
    const size_t row_bytes = hari_columns_row_bytes(&((const prepared *)step->prepared)->columns);
    hari_again_by_rows(step, again, row_bytes, row_bytes, run_rows);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    hari_goes_by_rows(step);
    step->run_again = run_again;
    step->row_work = HARI_ROW_WORK;
    int32_t status = hari_columns_prepare(&p->columns, step, graph, 1.0f, pool, error);
    if (p->columns.is_codes) p->scale_in = hari_input(graph, step->node, 0)->scales[0];
    step->isa =
        p->columns.is_codes ? step->kernels->layer_norm_u8_isa : step->kernels->layer_norm_f32_isa;
    return status;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    run_rows(step, inputs[0], ((const prepared *)step->prepared)->columns.rows, output);
}

const hari_op hari_layer_norm_op = {
    .check = check, .prepare = prepare, .run = run, .in_place = true, .takes_clamp = true};
