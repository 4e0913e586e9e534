/* Random graphs over a recording, window after window by what the last one left, against the same
 * windows computed from end to end in an arena of their own: the same bits. */
#include "graph_maker.h"

#include "base/cpu.h"
#include "exec/exec.h"
#include "har/cpu.h"
#include "ops/sliding.h"
#include "plan/reuse.h"

enum { ROUNDS = 600, MOST_NODES = 9, WINDOWS = 12, MOST_OUTPUTS = 40 };

static uint64_t seed;

/* FP32 like FP32; codes of any scale. */
static uint32_t any_like(maker *m, uint32_t x, uint32_t rows, uint32_t columns)
{
    if (m->tensors[x].dtype == HARI_F32) return make_tensor(m, rows, columns);
    const float scale = (float)(0.05 + 0.04 * random_unit(&m->random));
    return make_codes(m, HARI_U8, rows, columns, scale, (int32_t)random_range(&m->random, 0, 255));
}

static uint32_t same_codes(maker *m, uint32_t x, uint32_t rows, uint32_t columns)
{
    const hari_tensor *t = &m->tensors[x];
    if (t->dtype == HARI_F32) return make_tensor(m, rows, columns);
    return make_codes(m, t->dtype, rows, columns, t->scales[0], t->zero_point);
}

static bool is_codes(const maker *m, uint32_t x) { return m->tensors[x].dtype != HARI_F32; }

/* Rows that the node's sliding gives; 0 where the kernel does not fit. */
static uint32_t rows_after(maker *m, const hari_sliding *s, uint32_t rows)
{
    hari_node node = {.kind = HARI_OP_POOL};
    m->nodes[MAKER_NODES - 1] = node;
    hari_slide slide;
    return hari_slide_over(&m->graph, &m->nodes[MAKER_NODES - 1], s, rows, &slide, NULL) == HAR_OK
               ? slide.rows
               : 0;
}

static hari_sliding any_sliding(maker *m, uint32_t kernel)
{
    hari_sliding s = {.kernel = kernel,
                      .stride = random_range(&m->random, 0, 2) == 0 ? 2 : 1,
                      .dilation = random_range(&m->random, 0, 4) == 0 ? 2 : 1,
                      .padding = (hari_padding)random_range(&m->random, 0, 2)};
    const uint32_t extent = (kernel - 1) * s.dilation + 1;
    if (s.padding == HARI_PAD_EXPLICIT) {
        s.pad_left = random_range(&m->random, 0, extent - 1);
        s.pad_right = random_range(&m->random, 0, extent - 1);
    }
    return s;
}

static void add_conv(maker *m, uint32_t x)
{
    static const uint32_t kernels[] = {1, 2, 3, 3, 3, 3, 5};
    const hari_tensor t = m->tensors[x];
    const hari_sliding s = any_sliding(m, kernels[random_range(&m->random, 0, 6)]);
    const uint32_t rows = rows_after(m, &s, t.rows);
    if (rows < 2) return;
    const bool is_depthwise = t.columns <= MOST_OUTPUTS && random_range(&m->random, 0, 4) == 0;
    const uint32_t columns = is_depthwise ? t.columns : random_range(&m->random, 1, MOST_OUTPUTS);
    const uint32_t groups = is_depthwise ? columns : 1;
    const hari_dtype dtype = is_codes(m, x) ? HARI_I8 : HARI_F32;
    const uint32_t weight = make_constant(m, dtype, 3, columns, s.kernel, t.columns / groups);
    hari_node *node =
        make_node(m, HARI_OP_CONV1D, (uint32_t[]){x, weight}, 2, any_like(m, x, rows, columns));
    node->sliding = s;
    node->groups = groups;
}

static void add_dense(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t columns = random_range(&m->random, 1, MOST_OUTPUTS);
    const hari_dtype dtype = is_codes(m, x) ? HARI_I8 : HARI_F32;
    const uint32_t weight = make_constant(m, dtype, 2, columns, t.columns, 1);
    make_node(m, HARI_OP_DENSE, (uint32_t[]){x, weight}, 2, any_like(m, x, t.rows, columns));
}

static void add_pool(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    hari_sliding s = any_sliding(m, random_range(&m->random, 1, 4));
    s.dilation = 1;
    if (s.padding == HARI_PAD_EXPLICIT) s.padding = HARI_PAD_SAME;
    if (random_range(&m->random, 0, 2) > 0) s = (hari_sliding){.kernel = 2, .stride = 2};
    s.dilation = 1;
    const uint32_t rows = rows_after(m, &s, t.rows);
    if (rows < 2) return;
    hari_node *node = make_node1(m, HARI_OP_POOL, x, same_codes(m, x, rows, t.columns));
    node->sliding = s;
    node->pool = random_range(&m->random, 0, 2) ? HARI_POOL_MAX : HARI_POOL_AVERAGE;
}

/* Affine or layer norm. */
static void add_columns(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t scale = make_constant(m, HARI_F32, 1, t.columns, 1, 1);
    const uint32_t offset = make_constant(m, HARI_F32, 1, t.columns, 1, 1);
    const hari_op_kind kind = random_range(&m->random, 0, 1) ? HARI_OP_AFFINE : HARI_OP_LAYER_NORM;
    make_node(m, kind, (uint32_t[]){x, scale, offset}, 3, any_like(m, x, t.rows, t.columns));
}

static void add_activation(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const hari_activation kind =
        (hari_activation)random_range(&m->random, HARI_ACT_RELU, HARI_ACT_SILU);
    const bool is_clamp = kind <= HARI_ACT_RELU6;
    const uint32_t y =
        is_clamp ? same_codes(m, x, t.rows, t.columns) : any_like(m, x, t.rows, t.columns);
    make_node1(m, HARI_OP_ACTIVATION, x, y)->activation = kind;
}

static void add_pair(maker *m, uint32_t x, uint32_t other)
{
    const hari_tensor a = m->tensors[x];
    const hari_tensor b = m->tensors[other];
    if (b.data || a.dtype != b.dtype || a.rows != b.rows || a.columns != b.columns) return;
    make_node(m, HARI_OP_ADD, (uint32_t[]){x, other}, 2, any_like(m, x, a.rows, a.columns));
}

/* Positions, which do not move with the window, or a row that stands for all. */
static void add_constant(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    if (t.dtype != HARI_F32) return;
    const uint32_t rows = random_range(&m->random, 0, 1) ? t.rows : 1;
    const uint32_t constant = make_constant(m, HARI_F32, 2, rows, t.columns, 1);
    const uint32_t y = make_tensor(m, t.rows, t.columns);
    make_node(m, HARI_OP_ADD, (uint32_t[]){x, constant}, 2, y);
}

static void add_recurrent(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t units = random_range(&m->random, 1, 10);
    const hari_cell cell = (hari_cell)random_range(&m->random, 0, HARI_CELLS - 1);
    const uint32_t gates = cell == HARI_CELL_LSTM ? 4 : cell == HARI_CELL_GRU ? 3 : 1;
    const hari_dtype dtype = is_codes(m, x) ? HARI_I8 : HARI_F32;
    const uint32_t weight = make_constant(m, dtype, 2, gates * units, t.columns, 1);
    const uint32_t state = make_constant(m, dtype, 2, gates * units, units, 1);
    hari_node *node = make_node(m, HARI_OP_RECURRENT, (uint32_t[]){x, weight, state}, 3,
                                any_like(m, x, t.rows, units));
    node->recurrent = (hari_recurrent){.cell = cell,
                                       .reset_after = random_range(&m->random, 0, 1),
                                       .reverse = random_range(&m->random, 0, 1)};
    node->activation = HARI_ACT_TANH;
}

/* Rows that the inputs of most layers keep: a graph that loses them early tests nothing. */
static void add_random(maker *m, uint32_t x, uint32_t other)
{
    switch (random_range(&m->random, 0, 13)) {
    case 0: add_dense(m, x); break;
    case 1: add_pool(m, x); break;
    case 2: add_columns(m, x); break;
    case 3:
    case 4: add_activation(m, x); break;
    case 5: add_pair(m, x, other); break;
    case 6: add_recurrent(m, x); break;
    case 7: add_constant(m, x); break;
    default: add_conv(m, x);
    }
}

static maker *random_graph(uint64_t round)
{
    maker *m = maker_new(seed + round * 1291);
    const uint32_t window = random_range(&m->random, 12, 70);
    const uint32_t columns = random_range(&m->random, 1, 12);
    m->graph.input = random_range(&m->random, 0, 2)
                         ? make_tensor(m, window, columns)
                         : make_codes(m, HARI_U8, window, columns, 0.05f, 120);
    const uint32_t nodes = random_range(&m->random, 1, MOST_NODES);
    uint32_t newest = m->graph.input;
    for (uint32_t tries = 0; m->graph.node_count < nodes && tries < 100; tries++) {
        uint32_t x = newest;
        if (random_range(&m->random, 0, 4) == 0) x = random_range(&m->random, 0, newest);
        if (m->tensors[x].data) continue;
        add_random(m, x, random_range(&m->random, 0, newest));
        if (m->graph.node_count > 0) newest = m->nodes[m->graph.node_count - 1].output;
    }
    if (m->graph.node_count == 0) add_dense(m, m->graph.input);
    make_output(m, m->nodes[m->graph.node_count - 1].output);
    return m;
}

/* A plan for one of the instruction sets of this machine. */
static hari_plan *any_plan(maker *m)
{
    const uint32_t sets[] = {HAR_CPU_REF, HAR_CPU_REF | HAR_CPU_AVX2, UINT32_MAX, UINT32_MAX};
    const uint32_t features = hari_cpu_features() & sets[random_range(&m->random, 0, 3)];
    hari_plan *plan = hari_pool_alloc(&m->pool, 1, sizeof *plan);
    har_error error;
    har_error_init(&error, sizeof error);
    if (hari_plan_build(plan, &m->graph, features, &m->pool, &error) != HAR_OK)
        fail_msg("%s", error.text);
    return plan;
}

typedef struct tally {
    uint32_t graphs;   /* that keep rows */
    uint32_t moved_on; /* windows whose tensors did not move back */
    uint64_t done;     /* multiply-accumulates */
    uint64_t whole;    /* of fresh windows */
} tally;

/* The arena of a run is left as the run before has it; that of a reference is full of NaN. */
static void check_windows(maker *m, const hari_plan *reuse, uint32_t hop, tally *t)
{
    const hari_tensor *x = &m->tensors[m->graph.input];
    const size_t row = hari_tensor_bytes(x) / x->rows;
    const size_t rows = x->rows * (WINDOWS + 1u);
    unsigned char *recording = hari_pool_alloc(&m->pool, rows, row);
    unsigned char *arena = hari_pool_alloc(&m->pool, reuse->arena_bytes, 1);
    memset(arena, 0xFF, reuse->arena_bytes);
    for (size_t i = 0; i < rows * row; i++) recording[i] = (unsigned char)random_u64(&m->random);
    if (x->dtype == HARI_F32)
        for (size_t i = 0; i < rows * x->columns; i++)
            ((float *)(void *)recording)[i] = (float)random_unit(&m->random);
    const uint32_t output = m->graph.output;
    size_t at = 0;
    uint32_t drifted = 0;
    for (uint32_t w = 0; w < WINDOWS; w++) {
        uint32_t distance =
            random_range(&m->random, 0, 4) == 0 ? random_range(&m->random, 1, x->rows) : hop;
        if (w == 0) distance = 0;
        at += distance;
        const unsigned char *window = recording + at * row;
        memcpy(arena + reuse->input_offset, window, x->rows * row);
        t->done += hari_exec_again(reuse, distance < x->rows ? distance : 0, &drifted, arena);
        t->whole += reuse->macs;
        t->moved_on += drifted > 0;
        const void *wanted = run_plan(m, reuse, window);
        const void *found = hari_exec_place(reuse, output, reuse->output_offset, drifted, arena);
        if (memcmp(found, wanted, hari_tensor_bytes(&m->tensors[output])) != 0)
            fail_msg("window %u, %u samples after the last, has other bits", w, distance);
    }
}

static void windows_have_the_bits_of_fresh_ones(void **state)
{
    (void)state;
    tally t = {0};
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = random_graph(round);
        const uint32_t hop = random_range(&m->random, 1, m->tensors[m->graph.input].rows / 2);
        const hari_plan *plan = any_plan(m);
        hari_plan *reuse = hari_pool_alloc(&m->pool, 1, sizeof *reuse);
        assert_int_equal(hari_reuse_build(reuse, plan, hop, &m->pool, NULL), HAR_OK);
        t.graphs += reuse->step_count > 0;
        if (reuse->step_count > 0) check_windows(m, reuse, hop, &t);
        maker_free(m);
    }
    print_message(
        "%u of %d graphs keep rows, %.2f of their multiply-accumulates are done, %u of %u "
        "windows move on in place\n",
        t.graphs, ROUNDS, (double)t.done / (double)t.whole, t.moved_on, t.graphs * WINDOWS);
    assert_true(t.graphs > ROUNDS * 3 / 4 && t.done < t.whole * 9 / 10);
    assert_true(t.moved_on > t.graphs * WINDOWS / 8);
}

/* A layer of kernel 3 with padding, a pool in it, and one more, counted by hand. */
static void what_is_computed_is_what_edges_and_new_samples_touch(void **state)
{
    (void)state;
    maker *m = maker_new(1);
    m->graph.input = make_tensor(m, 64, 4);
    const hari_sliding same = {.kernel = 3, .stride = 1, .dilation = 1, .padding = HARI_PAD_SAME};
    uint32_t weight = make_constant(m, HARI_F32, 3, 4, 3, 4);
    uint32_t y = make_tensor(m, 64, 4);
    make_node(m, HARI_OP_CONV1D, (uint32_t[]){m->graph.input, weight}, 2, y)->sliding = same;
    const uint32_t pooled = make_tensor(m, 32, 4);
    hari_node *pool = make_node1(m, HARI_OP_POOL, y, pooled);
    pool->sliding = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
    weight = make_constant(m, HARI_F32, 3, 4, 3, 4);
    y = make_tensor(m, 32, 4);
    make_node(m, HARI_OP_CONV1D, (uint32_t[]){pooled, weight}, 2, y)->sliding = same;
    make_output(m, y);
    hari_plan reuse;
    assert_int_equal(hari_reuse_build(&reuse, make_plan(m), 16, &m->pool, NULL), HAR_OK);
    assert_int_equal(reuse.step_count, 2);
    uint32_t rows;
    uint32_t shift;
    /* Rows of pairs 1 .. 30 are steady; 8 of them move out, so 1 .. 22 are there. */
    hari_ends ends = hari_reuse_ends(&reuse, 0, 16, &rows, &shift);
    assert_true(rows == 32 && shift == 8 && ends.head == 1 && ends.tail == 23);
    assert_int_equal(hari_reuse_macs(&reuse.steps[0], ends), 2 * 10 * 3 * 4 * 4);
    /* Rows 2 .. 29 are steady. */
    ends = hari_reuse_ends(&reuse, 1, 16, &rows, &shift);
    assert_true(rows == 32 && shift == 8 && ends.head == 2 && ends.tail == 22);
    assert_int_equal(hari_reuse_macs(&reuse.steps[1], ends), 12 * 3 * 4 * 4);
    ends = hari_reuse_ends(&reuse, 1, 17, &rows, &shift); /* half a row */
    assert_true(shift == 0 && ends.head == 32 && ends.tail == 32);
    assert_int_equal(hari_reuse_macs(&reuse.steps[1], ends), 32 * 3 * 4 * 4);
    ends = hari_reuse_ends(&reuse, 1, 0, &rows, &shift);
    assert_true(shift == 0 && ends.head == 32);
    maker_free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_have_the_bits_of_fresh_ones),
        cmocka_unit_test(what_is_computed_is_what_edges_and_new_samples_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
