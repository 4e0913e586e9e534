/* What an op cannot take of codes, because integers would not hold it or its contract would break,
 * is refused before it is prepared. */
#include "refused.h"

/* INT8: conv from U8 to U8, or a pool, or an op of three tensors or one. */
static maker *good_codes(hari_op_kind kind)
{
    maker *m = maker_new(1);
    const uint32_t x = make_codes(m, HARI_U8, ROWS, COLUMNS, 0.1f, 3);
    const uint32_t y = make_codes(m, HARI_U8, ROWS, COLUMNS, 0.1f, 3);
    uint32_t inputs[3] = {x, x, x};
    uint32_t count = 1;
    if (kind == HARI_OP_ADD || kind == HARI_OP_CONCAT || kind == HARI_OP_MULTIPLY) count = 2;
    if (kind == HARI_OP_ATTENTION) count = 3;
    if (kind == HARI_OP_AFFINE || kind == HARI_OP_LAYER_NORM) {
        inputs[1] = make_constant(m, HARI_F32, 1, COLUMNS, 1, 1);
        inputs[2] = make_constant(m, HARI_F32, 1, COLUMNS, 1, 1);
        count = 3;
    }
    if (kind == HARI_OP_CONV1D) {
        inputs[1] = make_constant(m, HARI_I8, 3, COLUMNS, 1, COLUMNS);
        inputs[2] = make_constant(m, HARI_I32, 1, COLUMNS, 1, 1);
        count = 3;
    }
    hari_node *node = make_node(m, kind, inputs, count, y);
    node->rows = ROWS;
    node->pool = HARI_POOL_AVERAGE;
    node->count = ROWS;
    node->activation = HARI_ACT_RELU;
    return m;
}

static void numbers_for_codes(maker *m) { constant_second(m, HARI_F32); }
static void scale_for_each_row(maker *m) { constant_second(m, HARI_U8)->scale_count = ROWS; }

static void constant_of_far_scale(maker *m)
{
    constant_second(m, HARI_U8)->scales[0] = 3e38f;
    m->tensors[m->nodes[0].output].scales[0] = 1e-30f;
}

static void heavy_weight(maker *m)
{
    ((int8_t *)(uintptr_t)m->tensors[m->nodes[0].inputs[1]].data)[2 * COLUMNS + 1] = -64;
}

static void heavy_bias(maker *m)
{
    ((int32_t *)(uintptr_t)m->tensors[m->nodes[0].inputs[2]].data)[1] = INT32_MIN;
}

static void other_scale(maker *m) { m->tensors[m->nodes[0].output].scales[0] = 0.2f; }
static void other_zero(maker *m) { m->tensors[m->nodes[0].output].zero_point = 4; }
static void far_scales(maker *m)
{
    m->tensors[0].scales[0] = 2e-38f;
    m->tensors[m->nodes[0].output].scales[0] = 1e3f;
}

static float *constant(maker *m, uint32_t position)
{
    return (float *)(uintptr_t)m->tensors[m->nodes[0].inputs[position]].data;
}

static void large_scale(maker *m) { constant(m, 1)[3] = 1e32f; }
static void tiny_constant(maker *m) { constant(m, 1)[3] = 1e-38f; }

static void large_offset(maker *m)
{
    memset(constant(m, 1), 0, COLUMNS * sizeof(float));
    constant(m, 2)[1] = 1e30f;
}

static void large_steps(maker *m)
{
    m->tensors[0].scales[0] = 1e20f;
    m->nodes[0].epsilon = 1e-30f;
}

static void tiny_steps(maker *m)
{
    m->tensors[0].scales[0] = 1.2e-38f;
    m->nodes[0].epsilon = 1e4f;
}

static void endless_rows(maker *m)
{
    m->tensors[0].columns = m->tensors[m->nodes[0].output].columns = INT32_MAX / 255 + 1;
    for (uint32_t i = 1; i <= 2; i++) {
        m->tensors[m->nodes[0].inputs[i]].elements = INT32_MAX / 255 + 1;
        m->tensors[m->nodes[0].inputs[i]].data =
            hari_pool_alloc(&m->pool, INT32_MAX / 255 + 1, sizeof(float));
    }
}

static void gelu_of_huge_codes(maker *m)
{
    m->nodes[0].activation = HARI_ACT_GELU;
    m->tensors[m->nodes[0].output].scales[0] = 3e38f;
}

static void sum(maker *m)
{
    m->nodes[0].pool = HARI_POOL_SUM;
    m->tensors[m->nodes[0].output].rows = 1;
    far_scales(m);
}

static void max_of_other_scale(maker *m)
{
    m->nodes[0].pool = HARI_POOL_MAX;
    other_scale(m);
}

static void codes_that_break_the_contract_are_refused(void **state)
{
    (void)state;
    static const struct {
        hari_op_kind kind;
        void (*change)(maker *m);
        const char *field;
    } cases[] = {
        {HARI_OP_CONV1D, heavy_weight, "graph.ops[0] weight magnitude of output 2"},
        {HARI_OP_CONV1D, heavy_bias, "graph.ops[0] largest accumulator of output 1"},
        {HARI_OP_CONV1D, far_scales, "graph.ops[0] multiplier of output 0"},
        {HARI_OP_POOL, max_of_other_scale, "graph.ops[0] (pool) inputs[0]"},
        {HARI_OP_POOL, far_scales, "graph.ops[0] ratio of scales"},
        {HARI_OP_ADAPTIVE_POOL, far_scales, "graph.ops[0] ratio of scales"},
        {HARI_OP_ACTIVATION, other_scale, "graph.ops[0] (activation) inputs[0]"},
        {HARI_OP_ACTIVATION, other_zero, "graph.ops[0] (activation) inputs[0]"},
        {HARI_OP_CONCAT, other_zero, "graph.ops[0] (concat) inputs[0]"},
        {HARI_OP_FLATTEN, other_scale, "graph.ops[0] (flatten) inputs[0]"},
        {HARI_OP_ADD, far_scales, "graph.ops[0] (add) inputs[0]"},
        {HARI_OP_ADD, numbers_for_codes, "graph.ops[0] (add) inputs[1]"},
        {HARI_OP_ADD, scale_for_each_row, "graph.ops[0] (add) inputs[1] scales count"},
        {HARI_OP_ADD, constant_of_far_scale, "graph.ops[0] (add) inputs[1]"},
        {HARI_OP_MULTIPLY, far_scales, "graph.ops[0] multiplier"},
        {HARI_OP_MULTIPLY, numbers_for_codes, "graph.ops[0] (multiply) inputs[1]"},
        {HARI_OP_MULTIPLY, scale_for_each_row, "graph.ops[0] (multiply) inputs[1] scales count"},
        {HARI_OP_MULTIPLY, constant_of_far_scale, "graph.ops[0] multiplier"},
        {HARI_OP_AFFINE, far_scales, "graph.ops[0] multiplier of column 0"},
        {HARI_OP_AFFINE, large_scale, "graph.ops[0] multiplier of column 3"},
        {HARI_OP_AFFINE, tiny_constant, "graph.ops[0] multiplier of column 3"},
        {HARI_OP_AFFINE, large_offset, "graph.ops[0] offset of column 1"},
        {HARI_OP_LAYER_NORM, large_scale, "graph.ops[0] multiplier of column 3"},
        {HARI_OP_LAYER_NORM, large_offset, "graph.ops[0] offset of column 1"},
        {HARI_OP_LAYER_NORM, large_steps, "graph.ops[0] scale over the root of epsilon"},
        {HARI_OP_LAYER_NORM, tiny_steps, "graph.ops[0] smallest factor of a row"},
        {HARI_OP_LAYER_NORM, endless_rows, "graph.ops[0] columns of a layer norm of codes"},
        {HARI_OP_ATTENTION, far_scales, "graph.ops[0] (attention) multiplier of the logits"},
        {HARI_OP_ATTENTION, tiny_scale, "graph.ops[0] (attention) multiplier of the output"},
        {HARI_OP_SLICE, other_zero, "graph.ops[0] (slice) inputs[0]"},
        {HARI_OP_ACTIVATION, gelu_of_huge_codes, "graph.ops[0] (activation)"},
        {HARI_OP_GLOBAL_POOL, sum, "graph.ops[0] ratio of scales"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        maker *m = good_codes(cases[i].kind);
        cases[i].change(m);
        assert_refused(m, cases[i].field);
        maker_free(m);
    }
}

/* The largest accumulator that fits is taken, one more is refused. */
static void the_accumulator_may_reach_its_end(void **state)
{
    (void)state;
    maker *m = good_codes(HARI_OP_CONV1D);
    const hari_node *node = &m->nodes[0];
    int8_t *weight = (int8_t *)(uintptr_t)m->tensors[node->inputs[1]].data;
    int32_t *bias = (int32_t *)(uintptr_t)m->tensors[node->inputs[2]].data;
    int32_t sum = 0;
    for (int i = 0; i < COLUMNS; i++) sum += abs(weight[3 * COLUMNS + i]);
    bias[3] = -(INT32_MAX - sum * (255 - 3));
    assert_int_equal(hari_op_of(node->kind)->check(&m->graph, node, NULL), HAR_OK);
    bias[3]--;
    assert_refused(m, "graph.ops[0] largest accumulator of output 3");
    maker_free(m);
}

/* Logits of codes must be exact in the 24 bits of binary32: 264 * 252 * 252 are, 265 are not. */
static void the_logits_may_reach_their_end(void **state)
{
    (void)state;
    maker *m = good_codes(HARI_OP_ATTENTION);
    const hari_node *node = &m->nodes[0];
    m->tensors[0].columns = m->tensors[node->output].columns = 264;
    assert_int_equal(hari_op_of(node->kind)->check(&m->graph, node, NULL), HAR_OK);
    m->tensors[0].columns = m->tensors[node->output].columns = 265;
    assert_refused(m, "graph.ops[0] (attention) largest accumulator of the logits");
    maker_free(m);
}

/* 255 * rows must fit in the 32 bits of an average's sum. */
static void an_average_over_too_many_codes_is_refused(void **state)
{
    (void)state;
    static const hari_op_kind kinds[] = {HARI_OP_GLOBAL_POOL, HARI_OP_ADAPTIVE_POOL};
    for (int i = 0; i < 2; i++) {
        maker *m = maker_new(1);
        const uint32_t x = make_codes(m, HARI_U8, INT32_MAX / 255, 1, 0.1f, 0);
        hari_node *node = make_node1(m, kinds[i], x, make_codes(m, HARI_U8, 1, 1, 0.1f, 0));
        node->rows = 1;
        node->pool = HARI_POOL_AVERAGE;
        assert_int_equal(hari_op_of(kinds[i])->check(&m->graph, node, NULL), HAR_OK);
        m->tensors[x].rows++;
        assert_refused(m, "graph.ops[0] rows of an average of codes");
        if (kinds[i] == HARI_OP_GLOBAL_POOL) {
            node->axis = 1;
            node->pool = HARI_POOL_SUM;
            m->tensors[x].columns = m->tensors[x].rows;
            m->tensors[x].rows = 1;
            assert_refused(m, "graph.ops[0] columns of an average of codes");
        }
        maker_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_that_break_the_contract_are_refused),
        cmocka_unit_test(the_accumulator_may_reach_its_end),
        cmocka_unit_test(the_logits_may_reach_their_end),
        cmocka_unit_test(an_average_over_too_many_codes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
