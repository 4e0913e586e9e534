/* ReLU and ReLU6 where they were not fused, sigmoid and tanh. */
#include "base/error.h"
#include "kernels/ref/math.h"
#include "ops/list.h"

typedef struct prepared {
    size_t elements;
    hari_dtype dtype;
    hari_bounds bounds;
    uint8_t table[256]; /* U8 sigmoid and tanh: a code for each code */
} prepared;

static bool is_curve(hari_activation activation)
{
    return activation == HARI_ACT_SIGMOID || activation == HARI_ACT_TANH;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 1, 1, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    status = hari_expect_output(graph, node, x->dtype, x->rows, x->columns, error);
    if (status != HAR_OK || is_curve(node->activation)) return status;
    return hari_expect_same_codes(graph, node, 0, error);
}

static void fill_table(uint8_t table[256], hari_activation activation, const hari_tensor *x,
                       const hari_tensor *y)
{
    const float inverse = 1.0f / y->scales[0];
    for (int32_t code = 0; code < 256; code++) {
        float value = (float)(code - x->zero_point) * x->scales[0];
        float curve = activation == HARI_ACT_TANH ? hark_tanh_one(value) : hark_sigmoid_one(value);
        table[code] = (uint8_t)hark_code(curve * inverse, y->zero_point, 0, 255);
    }
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hark_table *k = step->kernels;
    const hari_tensor *y = hari_output(graph, step->node);
    const hari_activation kind = step->node->activation;
    p->elements = y->elements;
    p->dtype = y->dtype;
    p->bounds = hari_activation_bounds(kind, y);
    if (is_curve(kind) && y->dtype == HARI_U8) {
        fill_table(p->table, kind, hari_input(graph, step->node, 0), y);
        step->isa = k->table_u8_isa;
    } else if (is_curve(kind)) {
        step->isa = kind == HARI_ACT_TANH ? k->tanh_f32_isa : k->sigmoid_f32_isa;
    } else {
        step->isa = y->dtype == HARI_U8 ? k->clamp_u8_isa : k->clamp_f32_isa;
    }
    return HAR_OK;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const hari_activation kind = step->node->activation;
    if (p->dtype == HARI_U8 && is_curve(kind))
        k->table_u8(inputs[0], p->elements, p->table, output);
    else if (p->dtype == HARI_U8)
        k->clamp_u8(inputs[0], p->elements, (uint8_t)p->bounds.low_code,
                    (uint8_t)p->bounds.high_code, output);
    else if (kind == HARI_ACT_TANH)
        k->tanh_f32(inputs[0], p->elements, output);
    else if (kind == HARI_ACT_SIGMOID)
        k->sigmoid_f32(inputs[0], p->elements, output);
    else
        k->clamp_f32(inputs[0], p->elements, p->bounds.low, p->bounds.high, output);
}

const hari_op hari_activation_op = {
    .name = "activation", .check = check, .prepare = prepare, .run = run, .in_place = true};
