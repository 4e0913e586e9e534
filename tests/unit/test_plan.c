/* Plans of random graphs against the same graphs run op by op, each tensor in a place of its own
 * and nothing fused: what a plan reuses and fuses must not show. */
#include "graph_maker.h"

#include <math.h>

enum { ROUNDS = 3000, MOST_NODES = 14, MOST_ROWS = 12, MOST_COLUMNS = 8, MOST_WIDTH = 200 };

static uint64_t seed;

/* A computed tensor drawn from those there are. */
static uint32_t any_computed(maker *m)
{
    for (;;) {
        uint32_t index = random_range(&m->random, 0, m->graph.tensor_count - 1);
        if (!m->tensors[index].data) return index;
    }
}

static void add_conv(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t columns = random_range(&m->random, 1, MOST_COLUMNS);
    const uint32_t stride = random_range(&m->random, 1, 2);
    const uint32_t kernel = random_range(&m->random, 1, 3);
    const uint32_t weight = make_constant(m, HARI_F32, 3, columns, kernel, t.columns);
    const uint32_t bias = make_constant(m, HARI_F32, 1, columns, 1, 1);
    const uint32_t y = make_tensor(m, (t.rows + stride - 1) / stride, columns);
    hari_node *node = make_node(m, HARI_OP_CONV1D, (uint32_t[]){x, weight, bias}, 3, y);
    node->sliding = (hari_sliding){.stride = stride, .dilation = 1, .padding = HARI_PAD_SAME};
}

static void add_dense(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t columns = random_range(&m->random, 1, MOST_COLUMNS);
    const uint32_t weight = make_constant(m, HARI_F32, 2, columns, t.columns, 1);
    const uint32_t y = make_tensor(m, t.rows, columns);
    make_node(m, HARI_OP_DENSE, (uint32_t[]){x, weight}, 2, y);
}

static void add_affine(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t scale = make_constant(m, HARI_F32, 1, t.columns, 1, 1);
    const uint32_t offset = make_constant(m, HARI_F32, 1, t.columns, 1, 1);
    const uint32_t y = make_tensor(m, t.rows, t.columns);
    make_node(m, HARI_OP_AFFINE, (uint32_t[]){x, scale, offset}, 3, y);
}

static void add_pool(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    if (t.rows < 2) return;
    hari_node *node = make_node1(m, HARI_OP_POOL, x, make_tensor(m, t.rows / 2, t.columns));
    node->sliding = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
    node->pool = random_range(&m->random, 0, 3) ? HARI_POOL_MAX : HARI_POOL_AVERAGE;
}

static void add_reduction(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t rows = random_range(&m->random, 1, MOST_ROWS);
    if (rows > 1)
        make_node1(m, HARI_OP_ADAPTIVE_POOL, x, make_tensor(m, rows, t.columns))->rows = rows;
    else
        make_node1(m, HARI_OP_GLOBAL_POOL, x, make_tensor(m, 1, t.columns));
}

/* Two tensors as one, where their shapes allow it. */
static void add_pair(maker *m, hari_op_kind kind, uint32_t x)
{
    const uint32_t other = any_computed(m);
    const hari_tensor a = m->tensors[x];
    const hari_tensor b = m->tensors[other];
    const uint32_t axis = random_range(&m->random, 0, 1);
    const bool joins_rows = kind == HARI_OP_CONCAT && axis == 0;
    const bool joins_columns = kind == HARI_OP_CONCAT && axis == 1;
    if ((!joins_rows && a.rows != b.rows) || (!joins_columns && a.columns != b.columns)) return;
    if (a.elements + b.elements > MOST_WIDTH) return;
    const uint32_t y = make_tensor(m, joins_rows ? a.rows + b.rows : a.rows,
                                   joins_columns ? a.columns + b.columns : a.columns);
    make_node(m, kind, (uint32_t[]){x, other}, 2, y)->axis = axis;
}

static void add_same_shape(maker *m, hari_op_kind kind, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    make_node1(m, kind, x, make_tensor(m, t.rows, t.columns))->activation =
        (hari_activation)random_range(&m->random, HARI_ACT_NONE, HARI_ACT_TANH);
}

/* Adds an op of a random kind; often on the newest tensor, so that things follow each other. */
static void add_random(maker *m)
{
    uint32_t x = m->graph.tensor_count - 1;
    if (m->tensors[x].data || random_range(&m->random, 0, 3) == 0) x = any_computed(m);
    switch (random_range(&m->random, 0, 14)) {
    case 0:
    case 1:
    case 2: add_conv(m, x); break;
    case 3: add_dense(m, x); break;
    case 4: add_affine(m, x); break;
    case 5:
    case 6:
    case 7: add_same_shape(m, HARI_OP_ACTIVATION, x); break;
    case 8:
    case 9: add_pool(m, x); break;
    case 10: add_pair(m, HARI_OP_ADD, x); break;
    case 11: add_pair(m, HARI_OP_CONCAT, x); break;
    case 12: add_reduction(m, x); break;
    case 13: add_same_shape(m, HARI_OP_SOFTMAX, x); break;
    default: make_node1(m, HARI_OP_FLATTEN, x, make_tensor(m, 1, (uint32_t)m->tensors[x].elements));
    }
}

static maker *random_graph(uint64_t round)
{
    maker *m = maker_new(seed + round * 977);
    const uint32_t rows = random_range(&m->random, 1, MOST_ROWS);
    m->graph.input = make_tensor(m, rows, random_range(&m->random, 1, MOST_COLUMNS));
    while (m->graph.node_count < MOST_NODES && m->graph.tensor_count < MAKER_TENSORS - 4)
        add_random(m);
    make_output(m, m->nodes[m->graph.node_count - 1].output);
    return m;
}

/* Runs node by node, without a plan: one step a node, one buffer a tensor. */
static const float *run_naively(maker *m, float *input)
{
    float *values[MAKER_TENSORS];
    values[m->graph.input] = input;
    for (uint32_t n = 0; n < m->graph.node_count; n++) {
        const hari_node *node = &m->nodes[n];
        const void *inputs[MAKER_INPUTS];
        uint32_t count = 0;
        for (uint32_t i = 0; i < node->input_count; i++)
            if (!m->tensors[node->inputs[i]].data) inputs[count++] = values[node->inputs[i]];
        values[node->output] = run_node(m, node, inputs);
    }
    return values[m->graph.output];
}

/* A folded affine rounds its weights once more; rows that only a pool leaves out may change the way
 * in which a convolution is computed. Everything else keeps every bit. */
static bool keeps_every_bit(const hari_plan *plan)
{
    for (uint32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].fused.affine || plan->steps[s].fused.pool > 1) return false;
    return true;
}

static void plans_compute_what_their_graphs_mean(void **state)
{
    (void)state;
    uint32_t exact = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = random_graph(round);
        const hari_plan *plan = make_plan(m);
        assert_true(plan->step_count <= m->graph.node_count);
        float *input = make_random_values(m, m->graph.input, 1);
        const float *found = run_plan(m, plan, input);
        const float *wanted = run_naively(m, input);
        const size_t count = m->tensors[m->graph.output].elements;
        double largest = 1;
        for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)wanted[i]));
        const double bound = keeps_every_bit(plan) ? 0 : 1e-5 * largest;
        exact += bound == 0;
        for (size_t i = 0; i < count; i++)
            assert_true(fabs((double)found[i] - (double)wanted[i]) <= bound);
        maker_free(m);
    }
    assert_true(exact > ROUNDS / 4 && exact < ROUNDS);
}

/* Who wrote each byte of the arena last. A flattened tensor is its input under another name. */
typedef struct owners {
    const maker *m;
    uint32_t same[MAKER_TENSORS]; /* the tensor that this one is another view of */
    uint32_t *byte;
} owners;

static void write_bytes(owners *o, uint32_t tensor, size_t offset)
{
    for (size_t i = 0; i < hari_tensor_bytes(&o->m->tensors[tensor]); i++)
        o->byte[offset + i] = o->same[tensor];
}

/* A step fills the bytes around its first input: they belong to nobody from then on. */
static void write_halo(owners *o, const hari_step *step)
{
    if (step->input_count == 0) return;
    const hari_halo *halo = &step->halo;
    const size_t at = step->input_offsets[0];
    assert_true(at >= halo->before);
    for (size_t i = 0; i < halo->before; i++) o->byte[at - 1 - i] = HARI_NO_NODE;
    for (size_t i = 0; i < halo->after; i++) o->byte[at + halo->input_bytes + i] = HARI_NO_NODE;
}

static void check_bytes(const owners *o, uint32_t tensor, size_t offset)
{
    assert_int_equal(offset % HARI_ALIGNMENT, 0);
    for (size_t i = 0; i < hari_tensor_bytes(&o->m->tensors[tensor]); i++)
        assert_int_equal(o->byte[offset + i], o->same[tensor]);
}

static bool overlap(size_t a, size_t a_bytes, size_t b, size_t b_bytes)
{
    return a < b + b_bytes && b < a + a_bytes;
}

/* Whether a later step, or the outside, still reads what `tensor` holds after step `number`. */
static bool is_read_after(const owners *o, const hari_plan *plan, uint32_t tensor, uint32_t number)
{
    for (uint32_t s = number + 1; s < plan->step_count; s++)
        for (uint32_t i = 0; i < plan->steps[s].input_count; i++)
            if (o->same[plan->steps[s].inputs[i]] == o->same[tensor]) return true;
    return o->same[o->m->graph.output] == o->same[tensor];
}

/* A step writes beside what it reads, or exactly in the place of an input nobody reads again. */
static void check_step(const owners *o, const hari_plan *plan, uint32_t number)
{
    const hari_step *step = &plan->steps[number];
    const size_t bytes = hari_tensor_bytes(&o->m->tensors[step->output]);
    bool can_be_in_place = step->op->moves_nothing;
    for (uint32_t i = 0; i < step->input_count; i++) {
        const uint32_t x = step->inputs[i];
        const size_t x_bytes = hari_tensor_bytes(&o->m->tensors[x]);
        const bool ends = !is_read_after(o, plan, x, number);
        check_bytes(o, x, step->input_offsets[i]);
        can_be_in_place |= step->op->in_place && x_bytes == bytes && ends;
        if (step->op->moves_nothing) continue;
        if (overlap(step->output_offset, bytes, step->input_offsets[i], x_bytes))
            assert_true(step->in_place && step->output_offset == step->input_offsets[i]);
    }
    assert_int_equal(step->in_place, can_be_in_place);
    assert_true(step->output_offset + bytes <= plan->scratch_offset);
    assert_true(plan->scratch_offset + step->scratch_bytes <= plan->arena_bytes);
}

/* Plays the plan with names instead of values: nobody writes over what is still to be read. */
static void no_tensor_is_lost_before_its_last_reader(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = random_graph(round);
        const hari_plan *plan = make_plan(m);
        owners o = {.m = m, .byte = hari_pool_alloc(&m->pool, plan->arena_bytes, sizeof *o.byte)};
        size_t all_bytes = 0;
        for (uint32_t t = 0; t < m->graph.tensor_count; t++) {
            o.same[t] = t;
            if (!m->tensors[t].data)
                all_bytes += (hari_tensor_bytes(&m->tensors[t]) + 63) / 64 * 64;
        }
        for (uint32_t s = 0; s < plan->step_count; s++) {
            const hari_halo *halo = &plan->steps[s].halo;
            all_bytes += (halo->before + 63) / 64 * 64 + (halo->after + 63) / 64 * 64;
            if (plan->steps[s].op->moves_nothing)
                o.same[plan->steps[s].output] = o.same[plan->steps[s].inputs[0]];
        }
        assert_true(plan->scratch_offset <= all_bytes);
        write_bytes(&o, m->graph.input, plan->input_offset);
        for (uint32_t s = 0; s < plan->step_count; s++) {
            write_halo(&o, &plan->steps[s]);
            check_step(&o, plan, s);
            write_bytes(&o, plan->steps[s].output, plan->steps[s].output_offset);
        }
        check_bytes(&o, m->graph.output, plan->output_offset);
        maker_free(m);
    }
}

/* conv -> affine -> relu -> max pool is one step, and a chain of elementwise ops keeps one place.
 */
static void a_block_is_one_step(void **state)
{
    (void)state;
    maker *m = maker_new(seed);
    uint32_t x = m->graph.input = make_tensor(m, 8, 4);
    const uint32_t weight = make_constant(m, HARI_F32, 3, 5, 1, 4);
    x = make_node(m, HARI_OP_CONV1D, (uint32_t[]){x, weight}, 2, make_tensor(m, 8, 5))->output;
    add_affine(m, x);
    x = m->graph.tensor_count - 1;
    add_same_shape(m, HARI_OP_ACTIVATION, x);
    m->nodes[2].activation = HARI_ACT_RELU;
    x = m->nodes[2].output;
    x = make_node1(m, HARI_OP_POOL, x, make_tensor(m, 4, 5))->output;
    m->nodes[3].sliding = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
    add_same_shape(m, HARI_OP_ACTIVATION, x);
    m->nodes[4].activation = HARI_ACT_TANH;
    make_output(m, m->nodes[4].output);
    const hari_plan *plan = make_plan(m);
    assert_int_equal(plan->step_count, 2);
    assert_string_equal(plan->steps[0].fused_text, "affine relu maxpool2");
    assert_int_equal(plan->steps[0].macs, 8 * 5 * 4);
    assert_true(plan->steps[1].in_place);
    assert_int_equal(plan->steps[0].output_offset, plan->steps[1].output_offset);
    maker_free(m);
}

/* Where a second op reads what comes before an affine or a clamp, nothing is fused. */
static void what_others_read_is_not_fused_away(void **state)
{
    (void)state;
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_tensor(m, 6, 3);
    const uint32_t weight = make_constant(m, HARI_F32, 3, 3, 1, 3);
    const uint32_t y = make_tensor(m, 6, 3);
    make_node(m, HARI_OP_CONV1D, (uint32_t[]){x, weight}, 2, y);
    const uint32_t clamped = make_tensor(m, 6, 3);
    make_node1(m, HARI_OP_ACTIVATION, y, clamped)->activation = HARI_ACT_RELU;
    const uint32_t sum = make_tensor(m, 6, 3);
    make_node(m, HARI_OP_ADD, (uint32_t[]){y, clamped}, 2, sum);
    make_output(m, sum);
    assert_int_equal(make_plan(m)->step_count, 3);
    maker_free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_compute_what_their_graphs_mean),
        cmocka_unit_test(no_tensor_is_lost_before_its_last_reader),
        cmocka_unit_test(a_block_is_one_step),
        cmocka_unit_test(what_others_read_is_not_fused_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
