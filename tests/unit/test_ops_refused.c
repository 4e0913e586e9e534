/* What an op cannot take is refused before it is prepared, and the error names the op and what is
 * wrong with it. */
#include "har/cpu.h"
#include "refused.h"

/* A graph of one op that is in order; node 0 reads tensor 0. */
static maker *good_graph(hari_op_kind kind)
{
    maker *m = maker_new(1);
    const uint32_t x = kind == HARI_OP_DEQUANTIZE ? make_codes(m, HARI_U8, ROWS, COLUMNS, 0.1f, 3)
                                                  : make_tensor(m, ROWS, COLUMNS);
    const uint32_t b = make_constant(m, HARI_F32, 1, COLUMNS, 1, 1);
    const uint32_t c = make_constant(m, HARI_F32, 1, COLUMNS, 1, 1);
    uint32_t inputs[3] = {x, b, c};
    uint32_t count = 1;
    uint32_t y = make_tensor(m, ROWS, COLUMNS);
    if (kind == HARI_OP_CONV1D || kind == HARI_OP_DENSE) {
        const bool is_conv = kind == HARI_OP_CONV1D;
        inputs[1] = is_conv ? make_constant(m, HARI_F32, 3, COLUMNS, 1, COLUMNS)
                            : make_constant(m, HARI_F32, 2, COLUMNS, COLUMNS, 1);
        count = 3;
    }
    if (kind == HARI_OP_AFFINE || kind == HARI_OP_LAYER_NORM) count = 3;
    if (kind == HARI_OP_ADD || kind == HARI_OP_MULTIPLY || kind == HARI_OP_CONCAT) {
        inputs[1] = make_tensor(m, ROWS, COLUMNS);
        count = 2;
    }
    if (kind == HARI_OP_ATTENTION || kind == HARI_OP_RECURRENT) {
        for (uint32_t i = 1; i <= 2; i++)
            inputs[i] = kind == HARI_OP_ATTENTION
                            ? make_tensor(m, ROWS, COLUMNS)
                            : make_constant(m, HARI_F32, 2, COLUMNS, COLUMNS, 1);
        count = 3;
    }
    if (kind == HARI_OP_CONCAT) y = make_tensor(m, ROWS, 2 * COLUMNS);
    if (kind == HARI_OP_GLOBAL_POOL) y = make_tensor(m, 1, COLUMNS);
    if (kind == HARI_OP_FLATTEN) y = make_tensor(m, 1, ROWS * COLUMNS);
    if (kind == HARI_OP_QUANTIZE) y = make_codes(m, HARI_U8, ROWS, COLUMNS, 0.1f, 3);
    hari_node *node = make_node(m, kind, inputs, count, y);
    node->rows = ROWS;
    if (kind == HARI_OP_SLICE) {
        node->axis = 1;
        node->count = COLUMNS;
    }
    return m;
}

static const char *field_of(hari_op_kind kind, const char *what)
{
    static char text[96];
    snprintf(text, sizeof text, "graph.ops[0] (%s) %s", hari_op_name(kind), what);
    return text;
}

static void every_op_holds_its_output_to_its_shape(void **state)
{
    (void)state;
    for (int k = HARI_OP_NONE + 1; k < HARI_OP_KINDS; k++) {
        const hari_op_kind kind = (hari_op_kind)k;
        maker *m = good_graph(kind);
        hari_node *node = &m->nodes[0];
        hari_tensor *y = &m->tensors[node->output];
        assert_int_equal(hari_op_of(kind)->check(&m->graph, node, NULL), HAR_OK);
        y->rows++;
        assert_refused(m, field_of(kind, "output rows"));
        y->rows--;
        y->columns--;
        assert_refused(m, field_of(kind, "output columns"));
        y->columns++;
        if (kind != HARI_OP_CONCAT) {
            node->input_count += 3;
            assert_refused(m, field_of(kind, "inputs count"));
            node->input_count -= 3;
        }
        m->tensors[node->inputs[0]].data = "a constant";
        assert_refused(m, field_of(kind, "inputs[0]"));
        maker_free(m);
    }
}

static void an_output_of_another_type_is_refused(void **state)
{
    (void)state;
    static const hari_op_kind kinds[] = {
        HARI_OP_DENSE,      HARI_OP_POOL,          HARI_OP_ADD,         HARI_OP_CONCAT,
        HARI_OP_AFFINE,     HARI_OP_SOFTMAX,       HARI_OP_FLATTEN,     HARI_OP_CONV1D,
        HARI_OP_ACTIVATION, HARI_OP_ADAPTIVE_POOL, HARI_OP_GLOBAL_POOL, HARI_OP_DEQUANTIZE,
        HARI_OP_MULTIPLY,   HARI_OP_LAYER_NORM,    HARI_OP_SLICE,       HARI_OP_ATTENTION};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        maker *m = good_graph(kinds[i]);
        m->tensors[m->nodes[0].output].dtype = HARI_I32;
        assert_refused(m, field_of(kinds[i], "output dtype"));
        maker_free(m);
    }
}

static void rank_2(maker *m) { m->tensors[m->nodes[0].inputs[1]].rank = 2; }
static void three_groups(maker *m) { m->nodes[0].groups = 3; }
static void two_groups(maker *m) { m->nodes[0].groups = 2; }
static void short_bias(maker *m) { m->tensors[m->nodes[0].inputs[2]].elements--; }
static void computed_weight(maker *m) { m->tensors[m->nodes[0].inputs[1]].data = NULL; }
static void computed_bias(maker *m) { m->tensors[m->nodes[0].inputs[2]].data = NULL; }
static void weight_of_codes(maker *m) { m->tensors[m->nodes[0].inputs[1]].dtype = HARI_I8; }
static void input_of_i8(maker *m) { m->tensors[0].dtype = HARI_I8; }
static void input_of_u8(maker *m) { m->tensors[0].dtype = HARI_U8; }
static void narrow_second(maker *m) { m->tensors[m->nodes[0].inputs[1]].columns--; }
static void fewer_outputs(maker *m) { m->tensors[m->nodes[0].inputs[1]].dim[0]--; }
static void fewer_inputs(maker *m) { m->tensors[m->nodes[0].inputs[1]].dim[1]--; }
static void short_second(maker *m) { m->tensors[m->nodes[0].inputs[1]].rows--; }
static void output_of_i8(maker *m) { m->tensors[m->nodes[0].output].dtype = HARI_I8; }

static void short_third(maker *m) { m->tensors[m->nodes[0].inputs[2]].rows--; }
static void narrow_third(maker *m) { m->tensors[m->nodes[0].inputs[2]].columns--; }
static void two_heads(maker *m) { m->nodes[0].heads = 2; }
static void three_heads(maker *m) { m->nodes[0].heads = 3; }
static void none(maker *m) { m->nodes[0].count = 0; }
static void past_the_end(maker *m) { m->nodes[0].begin = 1; }
static void far_past_the_end(maker *m) { m->nodes[0].begin = UINT32_MAX; }

static void two_heads_of_three(maker *m)
{
    two_heads(m);
    narrow_third(m);
}

static void codes_for_numbers(maker *m) { constant_second(m, HARI_U8); }
static void constant_of_rank_3(maker *m) { constant_second(m, HARI_F32)->rank = 3; }
static void long_constant(maker *m) { constant_second(m, HARI_F32)->rows++; }
static void wide_kernel(maker *m) { m->nodes[0].sliding.kernel = ROWS + 1; }

static void far_padding(maker *m)
{
    m->nodes[0].sliding.padding = HARI_PAD_EXPLICIT;
    m->nodes[0].sliding.pad_right = 1;
}

/* The padding of a kernel that reaches over billions of rows would not fit in its 32 bits. */
static void endless_kernel(maker *m)
{
    m->nodes[0].sliding.padding = HARI_PAD_SAME;
    m->nodes[0].sliding.dilation = 1u << 16;
    m->tensors[m->nodes[0].inputs[1]].dim[1] = 1u << 18; /* refused before a value is read */
}

static void fp32_inputs_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        hari_op_kind kind;
        void (*change)(maker *m);
        const char *field;
    } cases[] = {
        {HARI_OP_CONV1D, rank_2, "graph.ops[0] (conv1d) weight rank"},
        {HARI_OP_CONV1D, three_groups, "graph.ops[0].groups"},
        {HARI_OP_CONV1D, two_groups, "graph.ops[0] (conv1d) weight inputs"},
        {HARI_OP_CONV1D, short_bias, "graph.ops[0] (conv1d) inputs[2] elements"},
        {HARI_OP_CONV1D, computed_weight, "graph.ops[0] (conv1d) inputs[1]"},
        {HARI_OP_CONV1D, computed_bias, "graph.ops[0] (conv1d) inputs[2]"},
        {HARI_OP_CONV1D, weight_of_codes, "graph.ops[0] (conv1d) inputs[1]"},
        {HARI_OP_CONV1D, input_of_i8, "graph.ops[0] (conv1d) inputs[0]"},
        {HARI_OP_CONV1D, far_padding, "graph.ops[0] padding"},
        {HARI_OP_CONV1D, endless_kernel, "graph.ops[0] kernel extent"},
        {HARI_OP_DENSE, fewer_outputs, "graph.ops[0] (dense) output columns"},
        {HARI_OP_DENSE, fewer_inputs, "graph.ops[0] (dense) weight"},
        {HARI_OP_DENSE, computed_weight, "graph.ops[0] (dense) inputs[1]"},
        {HARI_OP_DENSE, short_bias, "graph.ops[0] (dense) inputs[2] elements"},
        {HARI_OP_POOL, wide_kernel, "graph.ops[0] kernel extent"},
        {HARI_OP_POOL, far_padding, "graph.ops[0] padding"},
        {HARI_OP_POOL, input_of_i8, "graph.ops[0] (pool) inputs[0]"},
        {HARI_OP_ADD, narrow_second, "graph.ops[0] (add) inputs[1] columns"},
        {HARI_OP_ADD, short_second, "graph.ops[0] (add) inputs[1] rows"},
        {HARI_OP_MULTIPLY, narrow_second, "graph.ops[0] (multiply) inputs[1] columns"},
        {HARI_OP_MULTIPLY, short_second, "graph.ops[0] (multiply) inputs[1] rows"},
        {HARI_OP_MULTIPLY, weight_of_codes, "graph.ops[0] (multiply) inputs[1]"},
        {HARI_OP_MULTIPLY, codes_for_numbers, "graph.ops[0] (multiply) inputs[1]"},
        {HARI_OP_MULTIPLY, constant_of_rank_3, "graph.ops[0] (multiply) inputs[1] rank"},
        {HARI_OP_ADD, codes_for_numbers, "graph.ops[0] (add) inputs[1]"},
        {HARI_OP_ADD, constant_of_rank_3, "graph.ops[0] (add) inputs[1] rank"},
        {HARI_OP_ADD, long_constant, "graph.ops[0] (add) inputs[1] rows"},
        {HARI_OP_LAYER_NORM, computed_weight, "graph.ops[0] (layer_norm) inputs[1]"},
        {HARI_OP_LAYER_NORM, short_bias, "graph.ops[0] (layer_norm) inputs[2] elements"},
        {HARI_OP_LAYER_NORM, input_of_i8, "graph.ops[0] (layer_norm) inputs[0]"},
        {HARI_OP_SLICE, none, "graph.ops[0].count"},
        {HARI_OP_SLICE, past_the_end, "graph.ops[0].begin + count"},
        {HARI_OP_SLICE, far_past_the_end, "graph.ops[0].begin + count"},
        {HARI_OP_ATTENTION, narrow_second, "graph.ops[0] (attention) inputs[1] columns"},
        {HARI_OP_ATTENTION, short_third, "graph.ops[0] (attention) inputs[2] rows"},
        {HARI_OP_ATTENTION, three_heads, "graph.ops[0] (attention) inputs[0] columns"},
        {HARI_OP_ATTENTION, two_heads_of_three, "graph.ops[0] (attention) inputs[2] columns"},
        {HARI_OP_ATTENTION, weight_of_codes, "graph.ops[0] (attention) inputs[1]"},
        {HARI_OP_ATTENTION, input_of_i8, "graph.ops[0] (attention) inputs[0]"},
        {HARI_OP_ADD, weight_of_codes, "graph.ops[0] (add) inputs[1]"},
        {HARI_OP_CONCAT, short_second, "graph.ops[0] (concat) inputs[1] rows"},
        {HARI_OP_CONCAT, weight_of_codes, "graph.ops[0] (concat) inputs[1]"},
        {HARI_OP_AFFINE, computed_weight, "graph.ops[0] (affine) inputs[1]"},
        {HARI_OP_AFFINE, short_bias, "graph.ops[0] (affine) inputs[2] elements"},
        {HARI_OP_AFFINE, input_of_i8, "graph.ops[0] (affine) inputs[0]"},
        {HARI_OP_AFFINE, input_of_u8, "graph.ops[0] (affine) output dtype"},
        {HARI_OP_SOFTMAX, input_of_u8, "graph.ops[0] (softmax) inputs[0]"},
        {HARI_OP_ACTIVATION, input_of_i8, "graph.ops[0] (activation) inputs[0]"},
        {HARI_OP_QUANTIZE, input_of_u8, "graph.ops[0] (quantize) inputs[0]"},
        {HARI_OP_QUANTIZE, output_of_i8, "graph.ops[0] (quantize)"},
        {HARI_OP_QUANTIZE, tiny_scale, "graph.ops[0] (quantize)"},
        {HARI_OP_DEQUANTIZE, input_of_i8, "graph.ops[0] (dequantize) inputs[0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        maker *m = good_graph(cases[i].kind);
        cases[i].change(m);
        assert_refused(m, cases[i].field);
        maker_free(m);
    }
}

static void assert_plan_refused(maker *m, const char *field)
{
    hari_plan *plan = hari_pool_alloc(&m->pool, 1, sizeof *plan);
    har_error error;
    har_error_init(&error, sizeof error);
    assert_int_equal(hari_plan_build(plan, &m->graph, HAR_CPU_REF, &m->pool, &error),
                     HAR_ERR_FILE_MEANING);
    assert_string_equal(error.field, field);
}

/* A few bytes may describe hours of work: layers that share a weight, pools of long kernels. */
static void graphs_without_end_are_refused(void **state)
{
    (void)state;
    maker *m = maker_new(1);
    uint32_t x = m->graph.input = make_codes(m, HARI_U8, 1, 4096, 0.1f, 3);
    const uint32_t weight = make_tensor(m, 4096, 4096);
    static int8_t zeros[4096 * 4096];
    static float scale = 0.01f;
    m->tensors[weight].dtype = HARI_I8;
    m->tensors[weight].data = zeros;
    m->tensors[weight].scales = &scale;
    m->tensors[weight].scale_count = 1;
    while (m->graph.node_count < MAKER_NODES) {
        const uint32_t y = make_codes(m, HARI_U8, 1, 4096, 0.1f, 3);
        make_node(m, HARI_OP_DENSE, (uint32_t[]){x, weight}, 2, y);
        x = y;
    }
    make_output(m, x);
    assert_plan_refused(m, "constant bytes that the ops read");
    maker_free(m);

    m = maker_new(1);
    x = m->graph.input = make_tensor(m, 1u << 16, 16);
    const uint32_t y = make_tensor(m, 1u << 16, 16);
    make_node1(m, HARI_OP_POOL, x, y)->sliding =
        (hari_sliding){.kernel = 1u << 16, .stride = 1, .dilation = 1, .padding = HARI_PAD_SAME};
    make_output(m, y);
    assert_plan_refused(m, "operations of the graph");
    maker_free(m);

    m = maker_new(1); /* one query, 2^23 keys */
    x = m->graph.input = make_tensor(m, 1u << 23, 1);
    const uint32_t query = make_tensor(m, 1, 1);
    const uint32_t answer = make_tensor(m, 1, 1);
    make_node1(m, HARI_OP_SLICE, x, query);
    make_node(m, HARI_OP_ATTENTION, (uint32_t[]){query, x, x}, 3, answer);
    make_output(m, answer);
    assert_plan_refused(m, "graph.ops[1] (attention) bytes of scratch");
    maker_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_holds_its_output_to_its_shape),
        cmocka_unit_test(an_output_of_another_type_is_refused),
        cmocka_unit_test(fp32_inputs_that_do_not_fit_are_refused),
        cmocka_unit_test(graphs_without_end_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
