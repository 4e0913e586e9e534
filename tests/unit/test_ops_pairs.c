/* Add and multiply of two matrices of one shape, and where one is a row, a column or one value; the
 * second computed or a constant. */
#include "codes.h"

enum { ROUNDS = 400, MOST = 9 * 40 };

static uint64_t seed;

typedef struct meeting {
    uint32_t rows, columns;
    uint32_t size[2][2]; /* of each input: rows, columns */
    hari_op_kind kind;
} meeting;

static meeting some_meeting(maker *m)
{
    meeting t = {.rows = random_range(&m->random, 1, 9),
                 .columns = random_range(&m->random, 1, 40),
                 .kind = random_range(&m->random, 0, 1) ? HARI_OP_ADD : HARI_OP_MULTIPLY};
    for (int i = 0; i < 2; i++) {
        t.size[i][0] = random_range(&m->random, 0, 2) ? t.rows : 1;
        t.size[i][1] = random_range(&m->random, 0, 2) ? t.columns : 1;
    }
    for (int d = 0; d < 2; d++)
        if (t.size[0][d] == 1 && t.size[1][d] == 1) *(d == 0 ? &t.rows : &t.columns) = 1;
    return t;
}

/* Where an input's value for row r and column c lies. */
static size_t place(const meeting *t, int input, uint32_t r, uint32_t c)
{
    const uint32_t row = t->size[input][0] == 1 ? 0 : r;
    const uint32_t column = t->size[input][1] == 1 ? 0 : c;
    return (size_t)row * t->size[input][1] + column;
}

/* Every second time the second input is one of the file. */
static void hold(maker *m, uint32_t tensor, const void *values)
{
    if (random_range(&m->random, 0, 1)) m->tensors[tensor].data = values;
}

static void numbers_meet_in_every_way(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const meeting t = some_meeting(m);
        const uint32_t inputs[] = {make_tensor(m, t.size[0][0], t.size[0][1]),
                                   make_tensor(m, t.size[1][0], t.size[1][1])};
        const uint32_t y = make_tensor(m, t.rows, t.columns);
        const hari_node *node = make_node(m, t.kind, inputs, 2, y);
        const float *a = make_random_values(m, inputs[0], 3);
        const float *b = make_random_values(m, inputs[1], 3);
        hold(m, inputs[1], b);
        const float *found = run_node(m, node, (const void *const[]){a, b});
        double wanted[MOST];
        for (uint32_t r = 0; r < t.rows; r++)
            for (uint32_t c = 0; c < t.columns; c++) {
                const double first = (double)a[place(&t, 0, r, c)];
                const double second = (double)b[place(&t, 1, r, c)];
                wanted[r * t.columns + c] = t.kind == HARI_OP_ADD ? first + second : first * second;
            }
        assert_close(found, wanted, m->tensors[y].elements, 1e-6);
        maker_free(m);
    }
}

/* One code by the contract. */
static int32_t wanted_code(const hari_tensor *a, const hari_tensor *b, const hari_tensor *y,
                           hari_op_kind kind, int64_t first, int64_t second)
{
    if (kind == HARI_OP_ADD) {
        const float ma = a->scales[0] / y->scales[0];
        const float mb = b->scales[0] / y->scales[0];
        const float left = (float)first * ma;
        const float right = (float)second * mb;
        return code_of(left + right, y->zero_point, 0, 255);
    }
    const float scales = a->scales[0] * b->scales[0];
    const float multiplier = scales / y->scales[0];
    const float product = (float)first * (float)second;
    return code_of(product * multiplier, y->zero_point, 0, 255);
}

static void codes_meet_in_every_way(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const meeting t = some_meeting(m);
        const uint32_t inputs[] = {make_u8(m, t.size[0][0], t.size[0][1]),
                                   make_u8(m, t.size[1][0], t.size[1][1])};
        const uint32_t y = make_u8(m, t.rows, t.columns);
        const hari_node *node = make_node(m, t.kind, inputs, 2, y);
        const hari_tensor *tensors = m->tensors;
        uint8_t *values[2];
        for (int i = 0; i < 2; i++) {
            values[i] = make_values(m, inputs[i]);
            fill_codes(m, inputs[i], values[i]);
        }
        hold(m, inputs[1], values[1]);
        const uint8_t *found = run_node(m, node, (const void *const[]){values[0], values[1]});
        for (uint32_t r = 0; r < t.rows; r++)
            for (uint32_t c = 0; c < t.columns; c++) {
                const hari_tensor *a = &tensors[inputs[0]];
                const hari_tensor *b = &tensors[inputs[1]];
                const int64_t first = centred(a, values[0], place(&t, 0, r, c));
                const int64_t second = centred(b, values[1], place(&t, 1, r, c));
                assert_int_equal(found[r * t.columns + c],
                                 wanted_code(a, b, &tensors[y], t.kind, first, second));
            }
        maker_free(m);
    }
}

/* Squeeze and excitation: x times the sigmoid of its mean, or of a column of its maxima, in one
 * plan with a clamp after it, which becomes part of the product. */
static void a_gate_multiplies_what_it_is_made_of(void **state)
{
    (void)state;
    enum { ROWS = 7, COLUMNS = 13 };
    for (uint32_t axis = 0; axis < 2; axis++) {
        maker *m = maker_new(seed);
        const uint32_t rows = axis == 0 ? 1 : ROWS;
        const uint32_t columns = axis == 0 ? COLUMNS : 1;
        const uint32_t x = m->graph.input = make_tensor(m, ROWS, COLUMNS);
        const uint32_t pooled = make_tensor(m, rows, columns);
        const uint32_t gate = make_tensor(m, rows, columns);
        const uint32_t gated = make_tensor(m, ROWS, COLUMNS);
        const uint32_t y = make_tensor(m, ROWS, COLUMNS);
        hari_node *pool = make_node1(m, HARI_OP_GLOBAL_POOL, x, pooled);
        pool->pool = HARI_POOL_MAX;
        pool->axis = axis;
        make_node1(m, HARI_OP_ACTIVATION, pooled, gate)->activation = HARI_ACT_SIGMOID;
        make_node(m, HARI_OP_MULTIPLY, (uint32_t[]){gate, x}, 2, gated);
        make_node1(m, HARI_OP_ACTIVATION, gated, y)->activation = HARI_ACT_RELU;
        make_output(m, y);
        const float *values = make_random_values(m, x, 3);
        double wanted[ROWS * COLUMNS];
        for (uint32_t r = 0; r < ROWS; r++)
            for (uint32_t c = 0; c < COLUMNS; c++) {
                double most = -INFINITY;
                for (uint32_t i = 0; i < (axis == 0 ? ROWS : COLUMNS); i++)
                    most =
                        fmax(most, (double)values[axis == 0 ? i * COLUMNS + c : r * COLUMNS + i]);
                const double value = (double)values[r * COLUMNS + c];
                wanted[r * COLUMNS + c] = fmax(value / (1 + exp(-most)), 0);
            }
        const hari_plan *plan = make_plan(m);
        assert_int_equal(plan->step_count, 3);
        assert_close(run_plan(m, plan, values), wanted, ROWS * COLUMNS, 1e-6);
        maker_free(m);
    }
}

/* x plus positions, then times a row: in place, and with the clamp after it. */
static void constants_meet_what_is_computed_in_place(void **state)
{
    (void)state;
    enum { ROWS = 7, COLUMNS = 13, VALUES = ROWS * COLUMNS };
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_tensor(m, ROWS, COLUMNS);
    const uint32_t positions = make_constant(m, HARI_F32, 2, ROWS, COLUMNS, 1);
    const uint32_t scales = make_constant(m, HARI_F32, 1, COLUMNS, 1, 1);
    const uint32_t placed = make_tensor(m, ROWS, COLUMNS);
    const uint32_t scaled = make_tensor(m, ROWS, COLUMNS);
    const uint32_t y = make_tensor(m, ROWS, COLUMNS);
    make_node(m, HARI_OP_ADD, (uint32_t[]){x, positions}, 2, placed);
    make_node(m, HARI_OP_MULTIPLY, (uint32_t[]){placed, scales}, 2, scaled);
    make_node1(m, HARI_OP_ACTIVATION, scaled, y)->activation = HARI_ACT_RELU;
    make_output(m, y);
    const float *values = make_random_values(m, x, 3);
    const float *p = m->tensors[positions].data;
    const float *s = m->tensors[scales].data;
    double wanted[VALUES];
    for (uint32_t i = 0; i < VALUES; i++)
        wanted[i] = fmax(((double)values[i] + (double)p[i]) * (double)s[i % COLUMNS], 0);
    const hari_plan *plan = make_plan(m);
    assert_int_equal(plan->step_count, 2);
    assert_true(plan->steps[0].in_place && plan->steps[1].in_place);
    assert_int_equal(plan->steps[0].weight_bytes, sizeof(float) * VALUES);
    assert_close(run_plan(m, plan, values), wanted, VALUES, 1e-6);
    maker_free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_meet_in_every_way),
        cmocka_unit_test(codes_meet_in_every_way),
        cmocka_unit_test(a_gate_multiplies_what_it_is_made_of),
        cmocka_unit_test(constants_meet_what_is_computed_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
