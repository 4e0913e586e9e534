/* ReLU and ReLU6 where they were not fused, and the curves. */
#include "base/error.h"
#include "ops/list.h"

typedef void curve_fn(const float *x, size_t n, float *y);

typedef struct prepared {
    size_t elements;
    uint32_t columns;
    hari_dtype dtype;
    hari_bounds bounds;
    curve_fn *curve;    /* NULL: leaky ReLU, which has a slope, or none */
    uint8_t table[256]; /* curves of U8: a code for each code */
} prepared;

static bool is_curve(hari_activation activation) { return activation > HARI_ACT_RELU6; }

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_output(graph, node, x->dtype, x->rows, x->columns, error);
    if (status != HAR_OK) return status;
    if (!is_curve(node->activation)) return hari_expect_same_codes(graph, node, 0, error);
    return x->dtype == HARI_U8 ? hari_expect_codes(graph, node, hari_output(graph, node), error)
                               : HAR_OK;
}

/* The kernel of a curve and whose it is. */
static curve_fn *curve_of(const hark_table *k, hari_activation kind, const char **isa)
{
#define CURVE(name)           \
    *isa = k->name##_f32_isa; \
    return k->name##_f32
    switch (kind) {
    case HARI_ACT_SIGMOID: CURVE(sigmoid);
    case HARI_ACT_TANH: CURVE(tanh);
    case HARI_ACT_GELU: CURVE(gelu);
    case HARI_ACT_GELU_TANH: CURVE(gelu_tanh);
    case HARI_ACT_HARD_SIGMOID: CURVE(hard_sigmoid);
    case HARI_ACT_HARD_SWISH: CURVE(hard_swish);
    case HARI_ACT_SILU: CURVE(silu);
    default: *isa = k->leaky_relu_f32_isa; return NULL;
    }
#undef CURVE
}

static void run_curve(const hari_step *step, const float *x, size_t n, float *y)
{
    const prepared *p = step->prepared;
    if (p->curve)
        p->curve(x, n, y);
    else
        step->kernels->leaky_relu_f32(x, n, step->node->slope, y);
}

/* Every code there is, as a value, through the curve, to its code. */
static void fill_table(const hari_step *step, const hari_graph *graph, uint8_t table[256])
{
    const hark_codes in = hari_codes_of(hari_input(graph, step->node, 0));
    const hark_codes out = hari_codes_of(hari_output(graph, step->node));
    float values[256];
    for (int i = 0; i < 256; i++) table[i] = (uint8_t)i;
    step->kernels->dequantize_u8(&in, table, 256, values);
    run_curve(step, values, 256, values);
    step->kernels->quantize_u8(&out, values, 256, table);
}

/* Of a curve of FP32; all others take no longer than a copy. */
static void curve_rows(const hari_step *step, const void *x, uint32_t rows, void *y)
{
    const prepared *p = step->prepared;
    run_curve(step, x, (size_t)rows * p->columns, y);
}

static void run_again(const hari_step *step, const hari_again *again)
{
    const prepared *p = step->prepared;
    const size_t row_bytes = p->columns * sizeof(float);
    hari_again_by_rows(step, again, row_bytes, row_bytes, curve_rows);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hark_table *k = step->kernels;
    const hari_tensor *y = hari_output(graph, step->node);
    const hari_activation kind = step->node->activation;
    p->elements = y->elements;
    p->columns = y->columns;
    hari_goes_by_rows(step);
    p->dtype = y->dtype;
    p->bounds = hari_activation_bounds(kind, y);
    if (!is_curve(kind)) {
        step->isa = y->dtype == HARI_U8 ? k->clamp_u8_isa : k->clamp_f32_isa;
        return HAR_OK;
    }
    p->curve = curve_of(k, kind, &step->isa);
    if (y->dtype == HARI_F32) {
        step->run_again = run_again;
        step->row_work = HARI_ROW_WORK;
        return HAR_OK;
    }
    fill_table(step, graph, p->table);
    step->isa = k->table_u8_isa;
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const bool is_curved = is_curve(step->node->activation);
    if (p->dtype == HARI_U8 && is_curved)
        k->table_u8(inputs[0], p->elements, p->table, output);
    else if (p->dtype == HARI_U8)
        k->clamp_u8(inputs[0], p->elements, (uint8_t)p->bounds.low_code,
                    (uint8_t)p->bounds.high_code, output);
    else if (is_curved)
        run_curve(step, inputs[0], p->elements, output);
    else
        k->clamp_f32(inputs[0], p->elements, p->bounds.low, p->bounds.high, output);
}

const hari_op hari_activation_op = {
    .check = check, .prepare = prepare, .run = run, .in_place = true};
