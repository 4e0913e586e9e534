/* Random graphs of codes with their parts on XNNPACK: the bits of the native kernels. */
#include "divided.h"

#include <math.h>

enum { ROUNDS = 1500, MOST_NODES = 10 };

static uint64_t seed;

static uint32_t any_codes(maker *m, uint32_t rows, uint32_t columns)
{
    const float scale = (float)exp(7.0 * random_unit(&m->random) - 1.0);
    const int32_t zero =
        random_range(&m->random, 0, 1) ? 0 : (int32_t)random_range(&m->random, 0, 255);
    return make_codes(m, HARI_U8, rows, columns, scale * 0.01f, zero);
}

/* With the scale and zero point of x, as ops that copy codes need it. */
static uint32_t same_codes(maker *m, uint32_t x, uint32_t rows, uint32_t columns)
{
    const hari_tensor *t = &m->tensors[x];
    return make_codes(m, HARI_U8, rows, columns, t->scales[0], t->zero_point);
}

static void add_conv_of_codes(maker *m, uint32_t x)
{
    enum { MOST_OUTPUTS = 16 }; /* of a constant of the maker */
    const hari_tensor t = m->tensors[x];
    uint32_t columns = random_range(&m->random, 1, MOST_OUTPUTS);
    uint32_t groups = 1;
    if (t.columns <= MOST_OUTPUTS && random_range(&m->random, 0, 2) == 0)
        columns = groups = t.columns;
    const uint32_t kernel = random_range(&m->random, 1, random_range(&m->random, 1, 11));
    const hari_sliding s = any_sliding(m, t.rows, kernel, random_range(&m->random, 1, 2));
    const uint32_t weight = make_constant(m, HARI_I8, 3, columns, kernel, t.columns / groups);
    const uint32_t bias = make_constant(m, HARI_I32, 1, columns, 1, 1);
    const uint32_t y = any_codes(m, rows_of(&s, t.rows), columns);
    hari_node *node = make_node(m, HARI_OP_CONV1D, (uint32_t[]){x, weight, bias},
                                random_range(&m->random, 2, 3), y);
    node->sliding = s;
    node->groups = groups;
}

static void add_dense_of_codes(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    const uint32_t columns = random_range(&m->random, 1, 16);
    const uint32_t weight = make_constant(m, HARI_I8, 2, columns, t.columns, 1);
    make_node(m, HARI_OP_DENSE, (uint32_t[]){x, weight}, 2, any_codes(m, t.rows, columns));
}

static void add_pool_of_codes(maker *m, uint32_t x)
{
    const hari_tensor t = m->tensors[x];
    hari_sliding s = any_sliding(m, t.rows, random_range(&m->random, 1, 4), 1);
    if (t.rows >= 2 && random_range(&m->random, 0, 1))
        s = (hari_sliding){.kernel = 2, .stride = 2, .dilation = 1};
    hari_node *node =
        make_node1(m, HARI_OP_POOL, x, same_codes(m, x, rows_of(&s, t.rows), t.columns));
    node->sliding = s;
    node->pool = HARI_POOL_MAX;
}

/* Ops that stay native read codes before, between and after the parts. */
static void add_native_of_codes(maker *m, uint32_t x, uint32_t other)
{
    const hari_tensor t = m->tensors[x];
    const hari_tensor o = m->tensors[other];
    if (!o.data && o.rows == t.rows && o.columns == t.columns)
        make_node(m, HARI_OP_ADD, (uint32_t[]){x, other}, 2, any_codes(m, t.rows, t.columns));
    else if (t.elements <= 200 && random_range(&m->random, 0, 1))
        make_node1(m, HARI_OP_FLATTEN, x, same_codes(m, x, 1, (uint32_t)t.elements));
    else
        make_node1(m, HARI_OP_ACTIVATION, x, same_codes(m, x, t.rows, t.columns))->activation =
            random_range(&m->random, 0, 1) ? HARI_ACT_RELU : HARI_ACT_RELU6;
}

static maker *random_codes(uint64_t round)
{
    maker *m = maker_new(seed + round * 1013);
    m->graph.input = any_codes(m, random_range(&m->random, 1, 20), random_range(&m->random, 1, 16));
    const uint32_t nodes = random_range(&m->random, 1, MOST_NODES);
    uint32_t newest = m->graph.input;
    while (m->graph.node_count < nodes) {
        const uint32_t kind = random_range(&m->random, 0, 7);
        uint32_t x = newest;
        if (random_range(&m->random, 0, 3) == 0) x = random_range(&m->random, 0, newest);
        if (m->tensors[x].data) continue;
        if (kind < 3) add_conv_of_codes(m, x);
        if (kind == 3) add_dense_of_codes(m, x);
        if (kind == 4) add_pool_of_codes(m, x);
        if (kind > 4) add_native_of_codes(m, x, random_range(&m->random, 0, newest));
        newest = m->nodes[m->graph.node_count - 1].output;
    }
    make_output(m, newest);
    return m;
}

static void parts_of_codes_have_the_same_bits(void **state)
{
    (void)state;
    uint32_t taken = 0;
    uint32_t steps = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = random_codes(round);
        const hari_tensor *x = &m->tensors[m->graph.input];
        uint8_t *input = make_values(m, m->graph.input);
        for (size_t i = 0; i < x->elements; i++) input[i] = (uint8_t)random_u64(&m->random);
        const void *native = run_plan(m, make_plan(m), input);
        const divided d = divide(m);
        const void *found = run_divided(m, &d, input);
        if (memcmp(native, found, m->tensors[m->graph.output].elements) != 0)
            fail_msg("round %llu: other codes", (unsigned long long)round);
        for (uint32_t s = 0; s < d.plan->step_count; s++)
            taken += hari_division_backend(&d.division, s) == HAR_BACKEND_XNNPACK;
        steps += d.plan->step_count;
        hari_division_stop(&d.division, d.runtimes);
        maker_free(m);
    }
    print_message("%u of %u steps on codes by XNNPACK\n", taken, steps);
    assert_true(taken * 3 > steps);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    if (!xnnpack_is_here()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_codes_have_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
