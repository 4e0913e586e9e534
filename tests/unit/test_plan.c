/* Plans of random graphs against the same graphs run op by op, each tensor in a place of its own
 * and nothing fused: what a plan reuses and fuses must not show. */
#include "check.h"

#include <math.h>

#include "exec/exec.h"

enum { ROUNDS = 400, MOST_NODES = 14, MOST_TENSORS = 64, MOST_ROWS = 12, MOST_COLUMNS = 8 };

static uint64_t seed;

typedef struct maker {
    uint64_t random;
    hari_tensor tensors[MOST_TENSORS];
    hari_node nodes[MOST_NODES];
    uint32_t inputs[MOST_NODES][3];
    hari_graph graph;
    float *constants[MOST_TENSORS];
} maker;

static uint32_t add_tensor(maker *m, uint32_t rows, uint32_t columns)
{
    hari_tensor *t = &m->tensors[m->graph.tensor_count];
    *t = (hari_tensor){.name = "t",
                       .rank = 2,
                       .dim = {rows, columns},
                       .rows = rows,
                       .columns = columns,
                       .elements = (size_t)rows * columns,
                       .producer = HARI_NO_NODE};
    return m->graph.tensor_count++;
}

static uint32_t add_constant(maker *m, uint32_t rank, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t index = add_tensor(m, a, b);
    hari_tensor *t = &m->tensors[index];
    t->rank = rank;
    t->dim[2] = c;
    t->elements = (size_t)a * b * c;
    t->columns = rank == 1 ? a : rank == 2 ? b : c;
    m->constants[index] = malloc(t->elements * sizeof(float));
    for (size_t i = 0; i < t->elements; i++)
        m->constants[index][i] = (float)random_unit(&m->random);
    t->data = m->constants[index];
    return index;
}

/* A computed tensor drawn from those there are. */
static uint32_t any_computed(maker *m)
{
    for (;;) {
        uint32_t index = random_range(&m->random, 0, m->graph.tensor_count - 1);
        if (!m->tensors[index].data) return index;
    }
}

static hari_node *add_node(maker *m, hari_op_kind kind, const uint32_t *inputs, uint32_t count,
                           uint32_t rows, uint32_t columns)
{
    const uint32_t index = m->graph.node_count++;
    hari_node *node = &m->nodes[index];
    memcpy(m->inputs[index], inputs, count * sizeof *inputs);
    *node =
        (hari_node){.name = "n", .kind = kind, .inputs = m->inputs[index], .input_count = count};
    for (uint32_t i = 0; i < count; i++) m->tensors[inputs[i]].uses++;
    node->output = add_tensor(m, rows, columns);
    m->tensors[node->output].producer = index;
    return node;
}

static void add_conv(maker *m, uint32_t x)
{
    const hari_tensor *t = &m->tensors[x];
    const uint32_t columns = random_range(&m->random, 1, MOST_COLUMNS);
    const uint32_t kernel = random_range(&m->random, 1, 3);
    const uint32_t stride = random_range(&m->random, 1, 2);
    const uint32_t rows = (t->rows + stride - 1) / stride;
    const uint32_t weight = add_constant(m, 3, columns, kernel, t->columns);
    const uint32_t bias = add_constant(m, 1, columns, 1, 1);
    const uint32_t inputs[] = {x, weight, bias};
    hari_node *node = add_node(m, HARI_OP_CONV1D, inputs, 3, rows, columns);
    node->groups = 1;
    node->sliding = (hari_sliding){.stride = stride, .dilation = 1, .padding = HARI_PAD_SAME};
}

static void add_affine(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t scale = add_constant(m, 1, t.columns, 1, 1);
    const uint32_t offset = add_constant(m, 1, t.columns, 1, 1);
    const uint32_t inputs[] = {x, scale, offset};
    add_node(m, HARI_OP_AFFINE, inputs, 3, t.rows, t.columns);
}

static void add_pool(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    if (t.rows < 2) return;
    hari_node *node = add_node(m, HARI_OP_POOL, &x, 1, t.rows / 2, t.columns);
    node->sliding = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
}

static void add_sum(maker *m, uint32_t x)
{
    const uint32_t other = any_computed(m);
    const hari_tensor t = m->tensors[x];
    if (m->tensors[other].rows != t.rows || m->tensors[other].columns != t.columns) return;
    const uint32_t inputs[] = {x, other};
    add_node(m, HARI_OP_ADD, inputs, 2, t.rows, t.columns);
}

static void add_concat(maker *m, uint32_t x)
{
    const uint32_t other = any_computed(m);
    const hari_tensor t = m->tensors[x];
    if (m->tensors[other].rows != t.rows || t.columns > MOST_COLUMNS) return;
    const uint32_t inputs[] = {x, other};
    const uint32_t columns = t.columns + m->tensors[other].columns;
    add_node(m, HARI_OP_CONCAT, inputs, 2, t.rows, columns)->axis = 1;
}

/* Adds an op of a random kind; often on the newest tensor, so that things follow each other. */
static void add_random(maker *m)
{
    uint32_t x = m->graph.tensor_count - 1;
    if (m->tensors[x].data || random_range(&m->random, 0, 3) == 0) x = any_computed(m);
    const hari_tensor t = m->tensors[x];
    switch (random_range(&m->random, 0, 8)) {
    case 0:
    case 1: add_conv(m, x); break;
    case 2: add_affine(m, x); break;
    case 3:
    case 4:
        add_node(m, HARI_OP_ACTIVATION, &x, 1, t.rows, t.columns)->activation =
            (hari_activation)random_range(&m->random, HARI_ACT_NONE, HARI_ACT_TANH);
        break;
    case 5: add_pool(m, x); break;
    case 6: add_sum(m, x); break;
    case 7: add_concat(m, x); break;
    default: add_node(m, HARI_OP_FLATTEN, &x, 1, 1, (uint32_t)t.elements); break;
    }
}

static void make_graph(maker *m, uint64_t round)
{
    memset(m, 0, sizeof *m);
    m->random = seed + round * 977;
    m->graph.tensors = m->tensors;
    m->graph.nodes = m->nodes;
    m->graph.input = add_tensor(m, random_range(&m->random, 1, MOST_ROWS),
                                random_range(&m->random, 1, MOST_COLUMNS));
    while (m->graph.node_count < MOST_NODES && m->graph.tensor_count < MOST_TENSORS - 4)
        add_random(m);
    m->graph.output = m->nodes[m->graph.node_count - 1].output;
    m->tensors[m->graph.output].uses++;
}

static void free_graph(maker *m)
{
    for (uint32_t t = 0; t < MOST_TENSORS; t++) free(m->constants[t]);
}

/* Runs node by node, without a plan: one step a node, one buffer a tensor. */
static void run_naively(maker *m, hari_pool *pool, float **values)
{
    hark_table kernels;
    hark_table_init(&kernels);
    for (uint32_t n = 0; n < m->graph.node_count; n++) {
        const hari_node *node = &m->nodes[n];
        hari_step step = {.op = hari_op_of(node->kind),
                          .node = node,
                          .fused = {.pool = 1},
                          .output = node->output,
                          .kernels = &kernels};
        assert_int_equal(step.op->check(&m->graph, node, NULL), HAR_OK);
        assert_int_equal(step.op->prepare(&step, &m->graph, pool, NULL), HAR_OK);
        const void *inputs[3];
        for (uint32_t i = 0; i < node->input_count; i++)
            if (!m->tensors[node->inputs[i]].data)
                inputs[step.input_count++] = values[node->inputs[i]];
        const size_t bytes = hari_tensor_bytes(&m->tensors[node->output]);
        if (step.op->moves_nothing)
            memcpy(values[node->output], inputs[0], bytes);
        else
            step.op->run(&step, inputs, values[node->output],
                         hari_pool_alloc(pool, step.scratch_bytes, 1));
    }
}

static void check_round(maker *m)
{
    hari_pool pool;
    hari_pool_init(&pool, NULL, SIZE_MAX);
    hari_plan *plan = hari_pool_alloc(&pool, 1, sizeof *plan);
    assert_int_equal(hari_plan_build(plan, &m->graph, &pool, NULL), HAR_OK);
    assert_true(plan->step_count <= m->graph.node_count);

    float *values[MOST_TENSORS];
    size_t all_bytes = 0;
    for (uint32_t t = 0; t < m->graph.tensor_count; t++) {
        values[t] = hari_pool_alloc(&pool, m->tensors[t].elements, sizeof(float));
        if (!m->tensors[t].data) all_bytes += (hari_tensor_bytes(&m->tensors[t]) + 63) / 64 * 64;
    }
    for (size_t i = 0; i < m->tensors[m->graph.input].elements; i++)
        values[m->graph.input][i] = (float)random_unit(&m->random);
    assert_true(plan->scratch_offset <= all_bytes);

    unsigned char *arena = hari_pool_alloc(&pool, plan->arena_bytes, 1);
    memset(arena, 0xA5, plan->arena_bytes); /* NaN where nothing was written */
    memcpy(arena + plan->input_offset, values[m->graph.input],
           hari_tensor_bytes(&m->tensors[m->graph.input]));
    hari_exec_run(plan, arena);
    run_naively(m, &pool, values);
    const float *found = (const float *)(const void *)(arena + plan->output_offset);
    const float *wanted = values[m->graph.output];
    double largest = 1;
    for (size_t i = 0; i < m->tensors[m->graph.output].elements; i++)
        if (fabs((double)wanted[i]) > largest) largest = fabs((double)wanted[i]);
    for (size_t i = 0; i < m->tensors[m->graph.output].elements; i++)
        assert_true(fabs((double)found[i] - (double)wanted[i]) <= 1e-5 * largest);
    hari_pool_free(&pool);
}

static void plans_compute_what_their_graphs_mean(void **state)
{
    (void)state;
    maker *m = malloc(sizeof *m);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        make_graph(m, round);
        check_round(m);
        free_graph(m);
    }
    free(m);
}

/* conv -> affine -> relu -> max pool is one step, and a chain of elementwise ops keeps one place.
 */
static void a_block_is_one_step(void **state)
{
    (void)state;
    maker *m = calloc(1, sizeof *m);
    m->random = seed;
    m->graph.tensors = m->tensors;
    m->graph.nodes = m->nodes;
    m->graph.input = add_tensor(m, 8, 4);
    add_conv(m, 0);
    m->nodes[0].sliding.stride = 1;
    m->tensors[m->nodes[0].output].rows = m->tensors[m->nodes[0].output].dim[0] = 8;
    m->tensors[m->nodes[0].output].elements = (size_t)8 * m->tensors[m->nodes[0].output].columns;
    add_affine(m, m->nodes[0].output);
    uint32_t x = m->nodes[1].output;
    hari_tensor t = m->tensors[x];
    add_node(m, HARI_OP_ACTIVATION, &x, 1, t.rows, t.columns)->activation = HARI_ACT_RELU;
    add_pool(m, m->nodes[2].output);
    x = m->nodes[3].output;
    t = m->tensors[x];
    add_node(m, HARI_OP_ACTIVATION, &x, 1, t.rows, t.columns)->activation = HARI_ACT_TANH;
    m->graph.output = m->nodes[4].output;
    m->tensors[m->graph.output].uses++;
    hari_pool pool;
    hari_pool_init(&pool, NULL, SIZE_MAX);
    hari_plan *plan = hari_pool_alloc(&pool, 1, sizeof *plan);
    assert_int_equal(hari_plan_build(plan, &m->graph, &pool, NULL), HAR_OK);
    assert_int_equal(plan->step_count, 2);
    assert_string_equal(plan->steps[0].fused_text, "affine relu maxpool2");
    assert_true(plan->steps[1].in_place);
    assert_int_equal(plan->steps[0].output_offset, plan->steps[1].output_offset);
    hari_pool_free(&pool);
    free_graph(m);
    free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_compute_what_their_graphs_mean),
        cmocka_unit_test(a_block_is_one_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
