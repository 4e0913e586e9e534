/* Affine and layer norm of codes and numbers, and the pools of codes over columns and to sums. */
#include "codes.h"

enum { ROUNDS = 200, MOST_ROWS = 6, MOST_COLUMNS = 70 };

static uint64_t seed;

/* A graph of x, scale, offset, op, and perhaps a clamp, which becomes part of it. */
typedef struct columns_graph {
    maker *m;
    uint32_t x, y;
    uint32_t rows, columns;
    const float *scale, *offset;
    hari_activation clamp;
    float epsilon;
} columns_graph;

static columns_graph make_columns(uint64_t round, hari_op_kind kind, bool is_codes)
{
    columns_graph g = {.m = maker_new(seed + round)};
    maker *m = g.m;
    g.rows = random_range(&m->random, 1, MOST_ROWS);
    g.columns = random_range(&m->random, 1, MOST_COLUMNS);
    g.epsilon = (float)pow(10, random_unit(&m->random) * 3 - 4);
    g.x = is_codes ? make_u8(m, g.rows, g.columns) : make_tensor(m, g.rows, g.columns);
    g.y = is_codes ? make_u8(m, g.rows, g.columns) : make_tensor(m, g.rows, g.columns);
    m->graph.input = g.x;
    const uint32_t scale = make_constant(m, HARI_F32, 1, g.columns, 1, 1);
    const uint32_t offset = make_constant(m, HARI_F32, 1, g.columns, 1, 1);
    g.scale = m->tensors[scale].data;
    g.offset = m->tensors[offset].data;
    ((float *)(uintptr_t)g.scale)[0] = 0; /* a column that is its offset */
    make_node(m, kind, (uint32_t[]){g.x, scale, offset}, 3, g.y)->epsilon = g.epsilon;
    g.clamp = (hari_activation)random_range(&m->random, HARI_ACT_NONE, HARI_ACT_RELU6);
    uint32_t end = g.y;
    if (g.clamp != HARI_ACT_NONE) {
        end = is_codes ? make_alike(m, g.y, g.rows) : make_tensor(m, g.rows, g.columns);
        make_node1(m, HARI_OP_ACTIVATION, g.y, end)->activation = g.clamp;
    }
    make_output(m, end);
    return g;
}

static double clamped(hari_activation kind, double value)
{
    if (kind == HARI_ACT_NONE) return value;
    return kind == HARI_ACT_RELU ? fmax(value, 0) : fmin(fmax(value, 0), 6);
}

static void layer_norms_have_mean_0_and_variance_1(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const columns_graph g = make_columns(round, HARI_OP_LAYER_NORM, false);
        const float *values = make_random_values(g.m, g.x, 5);
        const hari_plan *plan = make_plan(g.m);
        assert_int_equal(plan->step_count, 1);
        double wanted[MOST_ROWS * MOST_COLUMNS];
        for (uint32_t r = 0; r < g.rows; r++) {
            const float *row = values + r * g.columns;
            double mean = 0;
            double variance = 0;
            for (uint32_t c = 0; c < g.columns; c++) mean += (double)row[c] / g.columns;
            for (uint32_t c = 0; c < g.columns; c++)
                variance += pow((double)row[c] - mean, 2) / g.columns;
            for (uint32_t c = 0; c < g.columns; c++) {
                const double normal = ((double)row[c] - mean) / sqrt(variance + (double)g.epsilon);
                wanted[r * g.columns + c] =
                    clamped(g.clamp, normal * (double)g.scale[c] + (double)g.offset[c]);
            }
        }
        assert_close(run_plan(g.m, plan, values), wanted, (size_t)g.rows * g.columns, 2e-4);
        maker_free(g.m);
    }
}

/* fl(fl(v * scale) + offset) as a code; every product is rounded. */
static int32_t column_code(const columns_graph *g, float value, float scale_in, uint32_t c)
{
    const hari_tensor *y = &g->m->tensors[g->y];
    const float product = scale_in * g->scale[c];
    const float m = product / y->scales[0];
    const float o = g->offset[c] / y->scales[0];
    const float scaled = value * m;
    int32_t low;
    int32_t high;
    code_range(g->clamp, y, &low, &high);
    return code_of(scaled + o, y->zero_point, low, high);
}

static void affine_of_codes_is_rounded_once(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const columns_graph g = make_columns(round, HARI_OP_AFFINE, true);
        const hari_tensor *x = &g.m->tensors[g.x];
        uint8_t *values = make_values(g.m, g.x);
        fill_codes(g.m, g.x, values);
        const uint8_t *found = run_plan(g.m, make_plan(g.m), values);
        for (size_t i = 0; i < x->elements; i++)
            assert_int_equal(found[i], column_code(&g, (float)centred(x, values, i), x->scales[0],
                                                   (uint32_t)(i % g.columns)));
        maker_free(g.m);
    }
}

static void layer_norm_of_codes_has_exact_sums(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const columns_graph g = make_columns(round, HARI_OP_LAYER_NORM, true);
        const hari_tensor *x = &g.m->tensors[g.x];
        const int64_t n = g.columns;
        uint8_t *values = make_values(g.m, g.x);
        fill_codes(g.m, g.x, values);
        memset(values, 77, g.columns); /* a row without deviation */
        const uint8_t *found = run_plan(g.m, make_plan(g.m), values);
        for (uint32_t r = 0; r < g.rows; r++) {
            const uint8_t *row = values + r * g.columns;
            int64_t s = 0;
            int64_t q = 0;
            for (uint32_t c = 0; c < g.columns; c++) {
                s += row[c];
                q += (int64_t)row[c] * row[c];
            }
            const double scale = (double)x->scales[0];
            const double spread = (double)(n * q - s * s) * (scale * scale);
            const double root = sqrt(spread + (double)n * (double)n * (double)g.epsilon);
            const float k = (float)(1 / root * scale);
            for (uint32_t c = 0; c < g.columns; c++) {
                const float normal = (float)(n * row[c] - s) * k;
                assert_int_equal(found[r * g.columns + c], column_code(&g, normal, 1.0f, c));
            }
        }
        maker_free(g.m);
    }
}

/* All rows or all columns of codes, to their maximum, mean or sum. */
static void pools_of_codes_take_either_axis(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t axis = random_range(&m->random, 0, 1);
        const hari_pool_kind kind = (hari_pool_kind)random_range(&m->random, 0, HARI_POOL_SUM);
        const uint32_t rows = random_range(&m->random, 1, 20);
        const uint32_t columns = random_range(&m->random, 1, MOST_COLUMNS);
        const uint32_t x = m->graph.input = make_u8(m, rows, columns);
        const uint32_t y = make_u8(m, axis == 0 ? 1 : rows, axis == 0 ? columns : 1);
        const hari_tensor *tx = &m->tensors[x];
        hari_tensor *ty = &m->tensors[y];
        if (kind == HARI_POOL_MAX) {
            ty->scales[0] = tx->scales[0];
            ty->zero_point = tx->zero_point;
        }
        hari_node *node = make_node1(m, HARI_OP_GLOBAL_POOL, x, y);
        node->pool = kind;
        node->axis = axis;
        make_output(m, y);
        uint8_t *values = make_values(m, x);
        fill_codes(m, x, values);
        const uint8_t *found = run_plan(m, make_plan(m), values);
        const uint32_t count = axis == 0 ? rows : columns;
        for (uint32_t i = 0; i < ty->elements; i++) {
            int64_t sum = 0;
            int32_t most = 0;
            for (uint32_t k = 0; k < count; k++) {
                const size_t at = axis == 0 ? (size_t)k * columns + i : (size_t)i * columns + k;
                sum += centred(tx, values, at);
                if (values[at] > most) most = values[at];
            }
            const float ratio = tx->scales[0] / ty->scales[0];
            const float multiplier = kind == HARI_POOL_SUM ? ratio : ratio / (float)count;
            assert_int_equal(found[i], kind == HARI_POOL_MAX ? most
                                                             : code_of((float)sum * multiplier,
                                                                       ty->zero_point, 0, 255));
        }
        maker_free(m);
    }
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layer_norms_have_mean_0_and_variance_1),
        cmocka_unit_test(affine_of_codes_is_rounded_once),
        cmocka_unit_test(layer_norm_of_codes_has_exact_sums),
        cmocka_unit_test(pools_of_codes_take_either_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
