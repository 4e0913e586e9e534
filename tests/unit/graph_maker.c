#include "graph_maker.h"

#include <math.h>

#include "base/cpu.h"
#include "exec/exec.h"

maker *maker_new(uint64_t random)
{
    maker *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->random = random;
    m->graph.tensors = m->tensors;
    m->graph.nodes = m->nodes;
    hari_pool_init(&m->pool, NULL, SIZE_MAX);
    return m;
}

void maker_free(maker *m)
{
    hari_pool_free(&m->pool);
    free(m);
}

uint32_t make_tensor(maker *m, uint32_t rows, uint32_t columns)
{
    assert_true(m->graph.tensor_count < MAKER_TENSORS);
    m->tensors[m->graph.tensor_count] = (hari_tensor){.name = "t",
                                                      .rank = 2,
                                                      .dim = {rows, columns, 1},
                                                      .rows = rows,
                                                      .columns = columns,
                                                      .elements = (size_t)rows * columns,
                                                      .producer = HARI_NO_NODE};
    return m->graph.tensor_count++;
}

uint32_t make_codes(maker *m, hari_dtype dtype, uint32_t rows, uint32_t columns, float scale,
                    int32_t zero_point)
{
    const uint32_t index = make_tensor(m, rows, columns);
    hari_tensor *t = &m->tensors[index];
    t->dtype = dtype;
    t->scales = m->scales[index];
    t->scales[0] = scale;
    t->scale_count = 1;
    t->zero_point = zero_point;
    return index;
}

static void fill_constant(maker *m, const hari_tensor *t, void *data)
{
    int8_t *codes = data;
    int32_t *integers = data;
    float *numbers = data;
    for (size_t i = 0; i < t->elements; i++)
        if (t->dtype == HARI_I8)
            codes[i] = (int8_t)((int32_t)random_range(&m->random, 0, 126) - 63);
        else if (t->dtype == HARI_I32)
            integers[i] = (int32_t)random_range(&m->random, 0, 10000) - 5000;
        else
            numbers[i] = (float)random_unit(&m->random);
}

uint32_t make_constant(maker *m, hari_dtype dtype, uint32_t rank, uint32_t a, uint32_t b,
                       uint32_t c)
{
    const uint32_t index = make_tensor(m, a, b);
    hari_tensor *t = &m->tensors[index];
    t->dtype = dtype;
    t->rank = rank;
    t->dim[2] = c;
    t->rows = rank == 1 ? 1 : a;
    t->columns = t->dim[rank - 1];
    t->elements = (size_t)a * b * c;
    void *data = make_values(m, index);
    fill_constant(m, t, data);
    t->data = data;
    if (dtype != HARI_I8) return index;
    assert_true(a <= sizeof m->scales[0] / sizeof m->scales[0][0]);
    t->scales = m->scales[index];
    t->scale_count = a;
    for (uint32_t i = 0; i < a; i++)
        t->scales[i] = (float)(0.002 + 0.01 * fabs(random_unit(&m->random)));
    return index;
}

hari_node *make_node(maker *m, hari_op_kind kind, const uint32_t *inputs, uint32_t count,
                     uint32_t output)
{
    assert_true(m->graph.node_count < MAKER_NODES && count <= MAKER_INPUTS);
    const uint32_t index = m->graph.node_count++;
    memcpy(m->inputs[index], inputs, count * sizeof *inputs);
    m->nodes[index] = (hari_node){.name = "n",
                                  .kind = kind,
                                  .inputs = m->inputs[index],
                                  .input_count = count,
                                  .output = output,
                                  .groups = 1,
                                  .axis = kind == HARI_OP_CONCAT || kind == HARI_OP_SOFTMAX,
                                  .slope = 0.01f,
                                  .epsilon = 1e-5f,
                                  .count = 1,
                                  .heads = 1,
                                  .scale = 1.0f,
                                  .sliding = {.kernel = 1, .stride = 1, .dilation = 1}};
    for (uint32_t i = 0; i < count; i++) m->tensors[inputs[i]].uses++;
    m->tensors[output].producer = index;
    return &m->nodes[index];
}

hari_node *make_node1(maker *m, hari_op_kind kind, uint32_t input, uint32_t output)
{
    return make_node(m, kind, &input, 1, output);
}

void make_output(maker *m, uint32_t output)
{
    m->graph.output = output;
    m->tensors[output].uses++;
}

void *make_values(maker *m, uint32_t tensor)
{
    void *values = hari_pool_alloc(&m->pool, hari_tensor_bytes(&m->tensors[tensor]), 1);
    assert_non_null(values);
    return values;
}

float *make_random_values(maker *m, uint32_t tensor, double reach)
{
    float *values = make_values(m, tensor);
    for (size_t i = 0; i < m->tensors[tensor].elements; i++)
        values[i] = (float)(reach * random_unit(&m->random));
    return values;
}

hari_plan *make_plan(maker *m)
{
    hari_plan *plan = hari_pool_alloc(&m->pool, 1, sizeof *plan);
    har_error error;
    har_error_init(&error, sizeof error);
    if (hari_plan_build(plan, &m->graph, hari_cpu_features(), &m->pool, &error) != HAR_OK)
        fail_msg("%s", error.text);
    return plan;
}

void *run_plan(maker *m, const hari_plan *plan, const void *input)
{
    unsigned char *arena = hari_pool_alloc(&m->pool, plan->arena_bytes, 1);
    memset(arena, 0xFF, plan->arena_bytes); /* NaN where nothing was written */
    memcpy(arena + plan->input_offset, input, hari_tensor_bytes(&m->tensors[m->graph.input]));
    hari_exec_run(plan, arena);
    return arena + plan->output_offset;
}

/* A copy of a step's first input with the bytes around it that the step asks for. */
static const void *with_halo(maker *m, const hari_halo *halo, const void *input)
{
    const size_t bytes = halo->before + halo->input_bytes + halo->after;
    if (bytes == 0) return input;
    unsigned char *copy = hari_pool_alloc(&m->pool, bytes, 1);
    memset(copy, halo->value, bytes);
    memcpy(copy + halo->before, input, halo->input_bytes);
    return copy + halo->before;
}

void *run_node(maker *m, const hari_node *node, const void *const *inputs)
{
    hark_table kernels;
    hark_table_init(&kernels, hari_cpu_features());
    hari_step step = {.op = hari_op_of(node->kind),
                      .node = node,
                      .fused = {.pool = 1},
                      .output = node->output,
                      .kernels = &kernels,
                      .largest_tile = HARI_LARGEST_TILE};
    for (uint32_t i = 0; i < node->input_count; i++)
        step.input_count += !m->tensors[node->inputs[i]].data;
    har_error error;
    har_error_init(&error, sizeof error);
    if (step.op->check(&m->graph, node, &error) != HAR_OK) fail_msg("%s", error.text);
    assert_int_equal(step.op->prepare(&step, &m->graph, &m->pool, NULL), HAR_OK);
    const void *padded[HARI_MAX_OP_INPUTS];
    memcpy(padded, inputs, step.input_count * sizeof *padded);
    if (step.input_count > 0) padded[0] = with_halo(m, &step.halo, inputs[0]);
    void *output = make_values(m, node->output);
    void *scratch = hari_pool_alloc(&m->pool, step.scratch_bytes, 1);
    if (step.op->moves_nothing)
        memcpy(output, inputs[0], hari_tensor_bytes(&m->tensors[node->output]));
    else
        step.op->run(&step, padded, output, scratch);
    return output;
}

void assert_close(const float *found, const double *wanted, size_t count, double bound)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)found[i] - wanted[i]) <= bound))
            fail_msg("value %zu is %.9g, must be within %g of %.9g", i, (double)found[i], bound,
                     wanted[i]);
}
