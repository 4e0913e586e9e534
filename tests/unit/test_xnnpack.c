/* Random graphs with their parts on XNNPACK against the native kernels. Every op is kept
 * non-expansive in the largest norm, so that a bound on the difference can be carried from tensor
 * to tensor: what came in, plus the rounding of the op itself. */
#include "divided.h"

#include <float.h>
#include <math.h>

#include "base/cpu.h"

enum { ROUNDS = 1500, MOST_NODES = 10, MOST_ROWS = 40, MOST_COLUMNS = 36 };

/* Of exp in XNNPACK and in the native kernels, a few last bits each. */
static const double CURVE_ERROR = 4e-7;

static uint64_t seed;

/* What may be said of a tensor: the largest value, and the largest difference. */
typedef struct bound {
    double value;
    double error;
} bound;

typedef struct graph {
    maker *m;
    bound bounds[MAKER_TENSORS];
    uint32_t newest;
} graph;

/* A tensor that follows from x by an op that sums `terms` products. */
static uint32_t follow(graph *g, uint32_t x, uint32_t rows, uint32_t columns, double terms)
{
    const uint32_t y = make_tensor(g->m, rows, columns);
    const bound b = g->bounds[x];
    g->bounds[y] = (bound){b.value, b.error + 2 * (terms + 4) * FLT_EPSILON * b.value};
    g->newest = y;
    return y;
}

/* A weight whose values for each output sum to at most 1 in magnitude. */
static uint32_t small_weight(graph *g, uint32_t rank, uint32_t outputs, uint32_t b, uint32_t c)
{
    const uint32_t index = make_constant(g->m, HARI_F32, rank, outputs, b, c);
    float *values = (float *)(uintptr_t)g->m->tensors[index].data;
    const size_t count = (size_t)b * c;
    for (uint32_t o = 0; o < outputs; o++) {
        double sum = 1e-3;
        for (size_t i = 0; i < count; i++) sum += fabs((double)values[o * count + i]);
        for (size_t i = 0; i < count; i++)
            values[o * count + i] = (float)((double)values[o * count + i] / sum);
    }
    return index;
}

/* A bias, where chance gives one: the values of what it is added to grow by 1. */
static uint32_t maybe_bias(graph *g, uint32_t columns, uint32_t inputs[3])
{
    if (random_range(&g->m->random, 0, 2) == 0) return 2;
    inputs[2] = make_constant(g->m, HARI_F32, 1, columns, 1, 1);
    return 3;
}

static void grow_by_bias(graph *g, uint32_t y) { g->bounds[y].value += 1.0; }

/* Plain, in groups of several columns, or depthwise. */
static void add_conv(graph *g, uint32_t x)
{
    maker *m = g->m;
    const hari_tensor t = m->tensors[x];
    uint32_t groups = 1;
    if (random_range(&m->random, 0, 1)) groups = t.columns;
    if (t.columns % 2 == 0 && random_range(&m->random, 0, 3) == 0) groups = 2;
    const uint32_t most = MOST_COLUMNS / groups;
    uint32_t columns = groups * random_range(&m->random, 1, most > 1 ? most : 1);
    if (random_range(&m->random, 0, 1)) columns = t.columns;
    const uint32_t kernel = random_range(&m->random, 1, random_range(&m->random, 1, 27));
    const hari_sliding s = any_sliding(m, t.rows, kernel, random_range(&m->random, 1, 3));
    uint32_t inputs[3] = {x, small_weight(g, 3, columns, kernel, t.columns / groups), 0};
    const uint32_t count = maybe_bias(g, columns, inputs);
    const uint32_t y = follow(g, x, rows_of(&s, t.rows), columns, kernel * t.columns / groups);
    if (count > 2) grow_by_bias(g, y);
    hari_node *node = make_node(m, HARI_OP_CONV1D, inputs, count, y);
    node->sliding = s;
    node->groups = groups;
}

static void add_dense(graph *g, uint32_t x)
{
    const hari_tensor t = g->m->tensors[x];
    const uint32_t columns = random_range(&g->m->random, 1, MOST_COLUMNS);
    uint32_t inputs[3] = {x, small_weight(g, 2, columns, t.columns, 1), 0};
    const uint32_t count = maybe_bias(g, columns, inputs);
    const uint32_t y = follow(g, x, t.rows, columns, t.columns);
    if (count > 2) grow_by_bias(g, y);
    make_node(g->m, HARI_OP_DENSE, inputs, count, y);
}

static void add_affine(graph *g, uint32_t x)
{
    const hari_tensor t = g->m->tensors[x];
    const uint32_t scale = make_constant(g->m, HARI_F32, 1, t.columns, 1, 1);
    const uint32_t offset = make_constant(g->m, HARI_F32, 1, t.columns, 1, 1);
    const uint32_t y = follow(g, x, t.rows, t.columns, 2);
    grow_by_bias(g, y);
    make_node(g->m, HARI_OP_AFFINE, (uint32_t[]){x, scale, offset}, 3, y);
}

static void add_pool(graph *g, uint32_t x)
{
    maker *m = g->m;
    const hari_tensor t = m->tensors[x];
    hari_sliding s = any_sliding(m, t.rows, random_range(&m->random, 1, 12), 1);
    if (t.rows >= 2 && random_range(&m->random, 0, 1)) /* what a convolution can take */
        s = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
    hari_node *node =
        make_node1(m, HARI_OP_POOL, x, follow(g, x, rows_of(&s, t.rows), t.columns, s.kernel));
    node->sliding = s;
    node->pool = (hari_pool_kind)random_range(&m->random, HARI_POOL_MAX, HARI_POOL_AVERAGE);
    node->count_padding = random_range(&m->random, 0, 1);
}

static void add_reduction(graph *g, uint32_t x)
{
    maker *m = g->m;
    const hari_tensor t = m->tensors[x];
    if (random_range(&m->random, 0, 1)) {
        const uint32_t rows = t.rows % 2 == 0 ? t.rows / 2 : random_range(&m->random, 1, t.rows);
        const uint32_t y = follow(g, x, rows, t.columns, t.rows);
        make_node1(m, HARI_OP_ADAPTIVE_POOL, x, y)->rows = rows;
    } else {
        const uint32_t y = follow(g, x, 1, t.columns, t.rows);
        make_node1(m, HARI_OP_GLOBAL_POOL, x, y)->pool =
            (hari_pool_kind)random_range(&m->random, HARI_POOL_MAX, HARI_POOL_AVERAGE);
    }
}

static void add_add(graph *g, uint32_t x)
{
    maker *m = g->m;
    const uint32_t other = random_range(&m->random, 0, m->graph.tensor_count - 1);
    const hari_tensor a = m->tensors[x];
    const hari_tensor b = m->tensors[other];
    if (b.data || a.rows != b.rows || a.columns != b.columns) return;
    const uint32_t y = follow(g, x, a.rows, a.columns, 1);
    g->bounds[y].value += g->bounds[other].value;
    g->bounds[y].error += g->bounds[other].error + FLT_EPSILON * g->bounds[y].value;
    make_node(m, HARI_OP_ADD, (uint32_t[]){x, other}, 2, y);
}

/* Softmax and sigmoid do not expand differences. */
static void add_curve(graph *g, uint32_t x, hari_op_kind kind, hari_activation activation)
{
    const hari_tensor t = g->m->tensors[x];
    const uint32_t y = follow(g, x, t.rows, t.columns, t.columns);
    const bool is_clamp = kind == HARI_OP_ACTIVATION && activation <= HARI_ACT_RELU6;
    if (!is_clamp) g->bounds[y] = (bound){1.0, g->bounds[x].error + CURVE_ERROR * (t.columns + 4)};
    make_node1(g->m, kind, x, y)->activation = activation;
}

static void add_random(graph *g)
{
    maker *m = g->m;
    uint32_t x = g->newest;
    if (random_range(&m->random, 0, 5) == 0) x = m->graph.input;
    const hari_activation activation =
        (hari_activation)random_range(&m->random, HARI_ACT_RELU, HARI_ACT_TANH);
    switch (random_range(&m->random, 0, 11)) {
    case 0:
    case 1:
    case 2: add_conv(g, x); break;
    case 3: add_dense(g, x); break;
    case 4: add_affine(g, x); break;
    case 5:
    case 6: add_curve(g, x, HARI_OP_ACTIVATION, activation); break;
    case 7: add_pool(g, x); break;
    case 8: add_reduction(g, x); break;
    case 9: add_curve(g, x, HARI_OP_SOFTMAX, HARI_ACT_NONE); break;
    case 10: add_add(g, x); break;
    default: {
        const uint32_t elements = (uint32_t)m->tensors[x].elements;
        if (elements <= 512) make_node1(m, HARI_OP_FLATTEN, x, follow(g, x, 1, elements, 0));
    }
    }
}

static graph *random_graph(uint64_t round)
{
    graph *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->m = maker_new(seed + round * 977);
    maker *m = g->m;
    const uint32_t rows = random_range(&m->random, 1, MOST_ROWS);
    m->graph.input = make_tensor(m, rows, random_range(&m->random, 1, MOST_COLUMNS));
    g->newest = m->graph.input;
    g->bounds[m->graph.input] = (bound){2.0, 0.0};
    const uint32_t nodes = random_range(&m->random, 1, MOST_NODES);
    while (m->graph.node_count < nodes) add_random(g);
    make_output(m, m->nodes[m->graph.node_count - 1].output);
    return g;
}

static void compare(const graph *g, const float *native, const float *found, uint64_t round)
{
    const hari_tensor *y = &g->m->tensors[g->m->graph.output];
    const double allowed = g->bounds[g->m->graph.output].error;
    for (size_t i = 0; i < y->elements; i++) {
        const double difference = fabs((double)native[i] - (double)found[i]);
        if (!(difference <= allowed))
            fail_msg("round %llu, value %zu: native %.9g, XNNPACK %.9g, allowed %.3g",
                     (unsigned long long)round, i, (double)native[i], (double)found[i], allowed);
    }
}

static void parts_compute_what_native_kernels_do(void **state)
{
    (void)state;
    uint32_t taken[HARI_OP_KINDS] = {0};
    uint32_t steps[HARI_OP_KINDS] = {0};
    for (uint64_t round = 0; round < ROUNDS; round++) {
        graph *g = random_graph(round);
        maker *m = g->m;
        const float *first = make_random_values(m, m->graph.input, 2.0);
        const float *second = make_random_values(m, m->graph.input, 2.0);
        const float *native = run_plan(m, make_plan(m), first);
        const divided d = divide(m);
        const float *found = run_divided(m, &d, first);
        compare(g, native, found, round);
        run_divided(m, &d, second); /* leaves nothing behind */
        assert_memory_equal(run_divided(m, &d, first), found,
                            hari_tensor_bytes(&m->tensors[m->graph.output]));
        for (uint32_t s = 0; s < d.plan->step_count; s++) {
            const hari_op_kind kind = d.plan->steps[s].node->kind;
            steps[kind]++;
            taken[kind] += hari_division_backend(&d.division, s) == HAR_BACKEND_XNNPACK;
        }
        hari_division_stop(&d.division, d.runtimes);
        maker_free(m);
        free(g);
    }
    for (uint32_t k = 1; k < HARI_OP_KINDS; k++) {
        if (steps[k] == 0) continue;
        const char *name = hari_op_name((hari_op_kind)k);
        print_message("%-14s %5u of %5u steps on XNNPACK\n", name, taken[k], steps[k]);
        if (k != HARI_OP_FLATTEN) assert_true(taken[k] * 3 > steps[k]);
    }
}

/* A single step, and whether XNNPACK takes it. */
static bool takes(maker *m)
{
    make_output(m, m->nodes[m->graph.node_count - 1].output);
    divided d = divide(m);
    const bool is_taken = hari_division_backend(&d.division, 0) == HAR_BACKEND_XNNPACK;
    hari_division_stop(&d.division, d.runtimes);
    maker_free(m);
    return is_taken;
}

static maker *pooled(uint32_t kernel, uint32_t stride, uint32_t pad, hari_pool_kind kind,
                     bool count_padding)
{
    maker *m = maker_new(seed);
    m->graph.input = make_tensor(m, 12, 3);
    const uint32_t rows = (12 + 2 * pad - kernel) / stride + 1;
    hari_node *node = make_node1(m, HARI_OP_POOL, m->graph.input, make_tensor(m, rows, 3));
    node->sliding = (hari_sliding){kernel, stride, 1, HARI_PAD_EXPLICIT, pad, pad};
    node->pool = kind;
    node->count_padding = count_padding;
    return m;
}

static void pools_outside_the_contract_stay_native(void **state)
{
    (void)state;
    assert_true(takes(pooled(3, 2, 1, HARI_POOL_AVERAGE, false)));
    assert_true(takes(pooled(3, 2, 0, HARI_POOL_AVERAGE, true)));
    assert_true(takes(pooled(3, 2, 1, HARI_POOL_MAX, true)));
    assert_false(takes(pooled(3, 2, 1, HARI_POOL_AVERAGE, true)));
    assert_false(takes(pooled(1, 1, 0, HARI_POOL_MAX, false)));
    assert_false(takes(pooled(2, 3, 0, HARI_POOL_MAX, false)));
}

static maker *activated(hari_activation activation)
{
    maker *m = maker_new(seed);
    m->graph.input = make_tensor(m, 4, 5);
    make_node1(m, HARI_OP_ACTIVATION, m->graph.input, make_tensor(m, 4, 5))->activation =
        activation;
    return m;
}

static void tanh_and_later_curves_stay_native(void **state)
{
    (void)state;
    assert_true(takes(activated(HARI_ACT_RELU6)));
    assert_true(takes(activated(HARI_ACT_SIGMOID)));
    for (int kind = HARI_ACT_TANH; kind < HARI_ACTIVATIONS; kind++)
        assert_false(takes(activated((hari_activation)kind)));
}

static maker *reduced(hari_pool_kind kind, uint32_t axis)
{
    maker *m = maker_new(seed);
    m->graph.input = make_tensor(m, 4, 5);
    const uint32_t y = axis == 0 ? make_tensor(m, 1, 5) : make_tensor(m, 4, 1);
    hari_node *node = make_node1(m, HARI_OP_GLOBAL_POOL, m->graph.input, y);
    node->pool = kind;
    node->axis = axis;
    return m;
}

/* Codes of a maximum are copied: XNNPACK takes those of rows. */
static maker *reduced_codes(uint32_t axis)
{
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_codes(m, HARI_U8, 4, 4, 0.1f, 3);
    const uint32_t y = make_codes(m, HARI_U8, axis == 0 ? 1 : 4, axis == 0 ? 4 : 1, 0.1f, 3);
    make_node1(m, HARI_OP_GLOBAL_POOL, x, y)->axis = axis;
    return m;
}

static void sums_and_pools_over_columns_stay_native(void **state)
{
    (void)state;
    assert_true(takes(reduced(HARI_POOL_MAX, 0)));
    assert_true(takes(reduced(HARI_POOL_AVERAGE, 0)));
    assert_false(takes(reduced(HARI_POOL_SUM, 0)));
    for (int kind = HARI_POOL_MAX; kind < HARI_POOL_KINDS; kind++)
        assert_false(takes(reduced((hari_pool_kind)kind, 1)));
    assert_true(takes(reduced_codes(0)));
    assert_false(takes(reduced_codes(1)));
}

static maker *of_two(hari_op_kind kind, uint32_t rows)
{
    maker *m = maker_new(seed);
    m->graph.input = make_tensor(m, 4, 5);
    const uint32_t other = make_tensor(m, rows, 5);
    hari_node *cut = make_node1(m, HARI_OP_SLICE, m->graph.input, other);
    cut->count = rows;
    make_node(m, kind, (uint32_t[]){m->graph.input, other}, 2, make_tensor(m, 4, 5));
    return m;
}

/* Whether XNNPACK takes the last step of a graph of two. */
static bool takes_last(maker *m)
{
    make_output(m, m->nodes[m->graph.node_count - 1].output);
    divided d = divide(m);
    const uint32_t last = d.plan->step_count - 1;
    const bool is_taken = hari_division_backend(&d.division, last) == HAR_BACKEND_XNNPACK;
    hari_division_stop(&d.division, d.runtimes);
    maker_free(m);
    return is_taken;
}

static maker *sum_with_a_constant(void)
{
    maker *m = maker_new(seed);
    m->graph.input = make_tensor(m, 4, 5);
    const uint32_t inputs[] = {m->graph.input, make_constant(m, HARI_F32, 2, 4, 5, 1)};
    make_node(m, HARI_OP_ADD, inputs, 2, make_tensor(m, 4, 5));
    return m;
}

static void rows_that_stand_for_all_and_products_stay_native(void **state)
{
    (void)state;
    assert_true(takes_last(of_two(HARI_OP_ADD, 4)));
    assert_false(takes_last(of_two(HARI_OP_ADD, 1)));
    assert_false(takes_last(of_two(HARI_OP_MULTIPLY, 4)));
    assert_false(takes_last(sum_with_a_constant()));
}

static maker *other_op(hari_op_kind kind, uint32_t axis)
{
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_tensor(m, 4, 5);
    const uint32_t scale = make_constant(m, HARI_F32, 1, 5, 1, 1);
    const uint32_t inputs[3] = {x, kind == HARI_OP_ATTENTION ? x : scale,
                                kind == HARI_OP_ATTENTION ? x : scale};
    hari_node *node =
        make_node(m, kind, inputs, kind == HARI_OP_SOFTMAX ? 1 : 3, make_tensor(m, 4, 5));
    node->axis = axis;
    return m;
}

static maker *affine_of_codes(void)
{
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_codes(m, HARI_U8, 4, 5, 0.1f, 3);
    const uint32_t scale = make_constant(m, HARI_F32, 1, 5, 1, 1);
    make_node(m, HARI_OP_AFFINE, (uint32_t[]){x, scale, scale}, 3,
              make_codes(m, HARI_U8, 4, 5, 0.2f, 9));
    return m;
}

static void other_ops_stay_native(void **state)
{
    (void)state;
    assert_true(takes(other_op(HARI_OP_SOFTMAX, 1)));
    assert_false(takes(other_op(HARI_OP_SOFTMAX, 0)));
    assert_true(takes(other_op(HARI_OP_AFFINE, 0)));
    assert_false(takes(other_op(HARI_OP_LAYER_NORM, 0)));
    assert_false(takes(other_op(HARI_OP_ATTENTION, 0)));
    assert_false(takes(affine_of_codes()));
}

/* FP32 in front of codes: other bits there could become other codes. */
static void fp32_beside_codes_stays_native(void **state)
{
    (void)state;
    maker *m = activated(HARI_ACT_RELU);
    const uint32_t codes = make_codes(m, HARI_U8, 4, 5, 0.01f, 0);
    make_node1(m, HARI_OP_QUANTIZE, m->nodes[0].output, codes);
    make_node1(m, HARI_OP_DEQUANTIZE, codes, make_tensor(m, 4, 5));
    assert_false(takes(m));
}

static void auto_takes_native_kernels_where_there_are_any(void **state)
{
    (void)state;
    maker *m = activated(HARI_ACT_RELU);
    make_output(m, m->nodes[0].output);
    hari_plan *plan = make_plan(m);
    hari_division division;
    assert_int_equal(
        hari_division_build(&division, plan, HAR_BACKEND_AUTO, hari_cpu_features(), &m->pool, NULL),
        HAR_OK);
    const bool is_plain = plan->kernels.conv_f32 == hark_conv_f32_ref;
    print_message("the best native convolution here is %s\n", plan->kernels.conv_f32_isa);
    assert_int_equal(division.part_count, is_plain ? 1 : 0);
    maker_free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    if (!xnnpack_is_here()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_compute_what_native_kernels_do),
        cmocka_unit_test(pools_outside_the_contract_stay_native),
        cmocka_unit_test(tanh_and_later_curves_stay_native),
        cmocka_unit_test(sums_and_pools_over_columns_stay_native),
        cmocka_unit_test(rows_that_stand_for_all_and_products_stay_native),
        cmocka_unit_test(other_ops_stay_native),
        cmocka_unit_test(fp32_beside_codes_stays_native),
        cmocka_unit_test(auto_takes_native_kernels_where_there_are_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
