/* Every FP32 op against its definition in binary64: docs/design/numbers.md,
 * lib/model/har_model.fbs.
 */
#include "graph_maker.h"

#include <math.h>

enum { ROUNDS = 300 };

static uint64_t seed;

/* Rows and left padding as docs/file-format.md has them; false where the op must be refused. */
static bool slide(const hari_sliding *s, int64_t rows, int64_t kernel, int64_t *rows_out,
                  int64_t *left)
{
    const int64_t extent = (kernel - 1) * s->dilation + 1;
    int64_t right = 0;
    *left = 0;
    if (s->padding == HARI_PAD_SAME) {
        *rows_out = (rows + s->stride - 1) / s->stride;
        int64_t total = (*rows_out - 1) * s->stride + extent - rows;
        *left = total > 0 ? total / 2 : 0;
        return true;
    }
    if (s->padding == HARI_PAD_EXPLICIT) {
        *left = s->pad_left;
        right = s->pad_right;
    }
    if (*left >= extent || right >= extent || rows + *left + right < extent) return false;
    *rows_out = 0;
    for (int64_t start = -*left; start + extent <= rows + right; start += s->stride) ++*rows_out;
    return true;
}

static hari_sliding random_sliding(maker *m, uint32_t kernel, bool dilates)
{
    return (hari_sliding){.kernel = kernel,
                          .stride = random_range(&m->random, 1, 4),
                          .dilation = dilates ? random_range(&m->random, 1, 3) : 1,
                          .padding = (hari_padding)random_range(&m->random, 0, 2),
                          .pad_left = random_range(&m->random, 0, 4),
                          .pad_right = random_range(&m->random, 0, 4)};
}

/* What the check of the only node says. */
static int32_t check_node(const maker *m)
{
    return hari_op_of(m->nodes[0].kind)->check(&m->graph, &m->nodes[0], NULL);
}

typedef struct conv_case {
    uint32_t rows, columns, outputs, kernel, groups;
} conv_case;

static double conv_value(const maker *m, const conv_case *c, const float *x, int64_t first,
                         uint32_t o)
{
    const hari_node *node = &m->nodes[0];
    const float *weight = m->tensors[node->inputs[1]].data;
    const uint32_t inputs = c->columns / c->groups;
    const uint32_t group = o / (c->outputs / c->groups);
    double sum = node->input_count > 2 ? ((const float *)m->tensors[node->inputs[2]].data)[o] : 0;
    for (uint32_t k = 0; k < c->kernel; k++) {
        const int64_t row = first + (int64_t)k * node->sliding.dilation;
        for (uint32_t i = 0; i < inputs && row >= 0 && row < c->rows; i++)
            sum += (double)x[row * c->columns + group * inputs + i] *
                   (double)weight[(o * c->kernel + k) * inputs + i];
    }
    return sum;
}

static void convolutions_are_sums_of_products(void **state)
{
    (void)state;
    uint32_t refused = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        conv_case c = {.rows = random_range(&m->random, 1, 20),
                       .kernel = random_range(&m->random, 1, 6),
                       .groups = random_range(&m->random, 1, 3)};
        c.columns = c.groups * random_range(&m->random, 1, 4);
        c.outputs = c.groups * random_range(&m->random, 1, 4);
        const uint32_t x = m->graph.input = make_tensor(m, c.rows, c.columns);
        const uint32_t inputs[] = {
            x, make_constant(m, HARI_F32, 3, c.outputs, c.kernel, c.columns / c.groups),
            make_constant(m, HARI_F32, 1, c.outputs, 1, 1)};
        const hari_sliding sliding = random_sliding(m, c.kernel, true);
        int64_t rows_out = 1;
        int64_t left;
        const bool fits = slide(&sliding, c.rows, c.kernel, &rows_out, &left);
        const uint32_t y = make_tensor(m, (uint32_t)rows_out, c.outputs);
        hari_node *node = make_node(m, HARI_OP_CONV1D, inputs, random_range(&m->random, 2, 3), y);
        node->groups = c.groups;
        node->sliding = sliding;
        make_output(m, y);
        assert_int_equal(check_node(m), fits ? HAR_OK : HAR_ERR_FILE_MEANING);
        refused += !fits;
        const float *values = make_random_values(m, x, 2);
        double wanted[400];
        for (int64_t t = 0; fits && t < rows_out; t++)
            for (uint32_t o = 0; o < c.outputs; o++)
                wanted[t * c.outputs + o] = conv_value(m, &c, values, t * sliding.stride - left, o);
        if (fits)
            assert_close(run_plan(m, make_plan(m), values), wanted, m->tensors[y].elements, 2e-5);
        maker_free(m);
    }
    assert_true(refused > 0 && refused < ROUNDS / 2);
}

static double pool_value(const hari_node *node, const float *x, int64_t rows, uint32_t columns,
                         int64_t first)
{
    double sum = 0;
    double largest = -INFINITY;
    int64_t count = 0;
    for (int64_t row = first; row < first + node->sliding.kernel; row++) {
        if (row < 0 || row >= rows) continue;
        sum += (double)x[row * columns];
        largest = fmax(largest, (double)x[row * columns]);
        count++;
    }
    if (node->pool == HARI_POOL_MAX) return largest;
    return sum / (double)(node->count_padding ? node->sliding.kernel : count);
}

static void pools_take_the_largest_or_the_mean(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t rows = random_range(&m->random, 1, 20);
        const uint32_t columns = random_range(&m->random, 1, 5);
        const hari_sliding sliding = random_sliding(m, random_range(&m->random, 1, 6), false);
        const uint32_t x = m->graph.input = make_tensor(m, rows, columns);
        int64_t rows_out = 1;
        int64_t left;
        const bool fits = slide(&sliding, rows, sliding.kernel, &rows_out, &left);
        const uint32_t y = make_tensor(m, (uint32_t)rows_out, columns);
        hari_node *node = make_node1(m, HARI_OP_POOL, x, y);
        node->sliding = sliding;
        node->pool = (hari_pool_kind)random_range(&m->random, 0, 1);
        node->count_padding = random_range(&m->random, 0, 1);
        make_output(m, y);
        assert_int_equal(check_node(m), fits ? HAR_OK : HAR_ERR_FILE_MEANING);
        const float *values = make_random_values(m, x, 2);
        double wanted[200];
        for (int64_t t = 0; fits && t < rows_out; t++)
            for (uint32_t c = 0; c < columns; c++)
                wanted[t * columns + c] =
                    pool_value(node, values + c, rows, columns, t * sliding.stride - left);
        if (fits)
            assert_close(run_plan(m, make_plan(m), values), wanted, m->tensors[y].elements, 1e-6);
        maker_free(m);
    }
}

/* Output row i averages the input rows floor(i n / rows) .. ceil((i + 1) n / rows) - 1. */
static void adaptive_pools_share_out_any_length(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 40; n++)
        for (uint32_t rows = 1; rows <= 12; rows++) {
            maker *m = maker_new(seed + n);
            const uint32_t x = m->graph.input = make_tensor(m, n, 3);
            const uint32_t y = make_tensor(m, rows, 3);
            make_node1(m, HARI_OP_ADAPTIVE_POOL, x, y)->rows = rows;
            make_output(m, y);
            const float *values = make_random_values(m, x, 2);
            double wanted[36];
            for (uint32_t i = 0; i < rows; i++)
                for (uint32_t c = 0; c < 3; c++) {
                    const uint32_t first = (uint32_t)floor((double)i * n / rows);
                    const uint32_t last = (uint32_t)ceil((double)(i + 1) * n / rows) - 1;
                    double sum = 0;
                    for (uint32_t r = first; r <= last; r++) sum += (double)values[r * 3 + c];
                    wanted[i * 3 + c] = sum / (last - first + 1);
                }
            assert_close(run_plan(m, make_plan(m), values), wanted, (size_t)rows * 3, 1e-6);
            maker_free(m);
        }
}

/* All rows of a column, or all columns of a row: `step` values apart. */
static double global_value(hari_pool_kind kind, const float *x, uint32_t count, uint32_t step)
{
    double sum = 0;
    double largest = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        sum += (double)x[i * step];
        largest = fmax(largest, (double)x[i * step]);
    }
    if (kind == HARI_POOL_MAX) return largest;
    return kind == HARI_POOL_SUM ? sum : sum / count;
}

static void global_pools_take_all_rows_or_all_columns(void **state)
{
    (void)state;
    enum { ROWS = 37, COLUMNS = 19 };
    for (int kind = HARI_POOL_MAX; kind < HARI_POOL_KINDS; kind++)
        for (uint32_t axis = 0; axis < 2; axis++) {
            maker *m = maker_new(seed);
            const uint32_t x = m->graph.input = make_tensor(m, ROWS, COLUMNS);
            const uint32_t y = axis == 0 ? make_tensor(m, 1, COLUMNS) : make_tensor(m, ROWS, 1);
            hari_node *node = make_node1(m, HARI_OP_GLOBAL_POOL, x, y);
            node->pool = (hari_pool_kind)kind;
            node->axis = axis;
            make_output(m, y);
            const float *values = make_random_values(m, x, 2);
            double wanted[ROWS];
            const uint32_t count = axis == 0 ? COLUMNS : ROWS;
            for (uint32_t i = 0; i < count; i++)
                wanted[i] = axis == 0 ? global_value(node->pool, values + i, ROWS, COLUMNS)
                                      : global_value(node->pool, values + i * COLUMNS, COLUMNS, 1);
            assert_close(run_plan(m, make_plan(m), values), wanted, count, 1e-5);
            maker_free(m);
        }
}

static void dense_layers_work_on_every_row(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 50; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t rows = random_range(&m->random, 1, 4);
        const uint32_t columns = random_range(&m->random, 1, 9);
        const uint32_t outputs = random_range(&m->random, 1, 9);
        const uint32_t x = m->graph.input = make_tensor(m, rows, columns);
        const uint32_t inputs[] = {x, make_constant(m, HARI_F32, 2, outputs, columns, 1),
                                   make_constant(m, HARI_F32, 1, outputs, 1, 1)};
        const uint32_t y = make_tensor(m, rows, outputs);
        const uint32_t count = random_range(&m->random, 2, 3);
        make_node(m, HARI_OP_DENSE, inputs, count, y);
        make_output(m, y);
        const float *values = make_random_values(m, x, 2);
        const float *weight = m->tensors[inputs[1]].data;
        const float *bias = m->tensors[inputs[2]].data;
        double wanted[36];
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t o = 0; o < outputs; o++) {
                double sum = count > 2 ? (double)bias[o] : 0;
                for (uint32_t i = 0; i < columns; i++)
                    sum += (double)values[r * columns + i] * (double)weight[o * columns + i];
                wanted[r * outputs + o] = sum;
            }
        assert_close(run_plan(m, make_plan(m), values), wanted, (size_t)rows * outputs, 2e-5);
        maker_free(m);
    }
}

static double curve(hari_activation kind, double x)
{
    switch (kind) {
    case HARI_ACT_RELU: return fmax(x, 0);
    case HARI_ACT_RELU6: return fmin(fmax(x, 0), 6);
    case HARI_ACT_SIGMOID: return 1 / (1 + exp(-x));
    case HARI_ACT_TANH: return tanh(x);
    case HARI_ACT_GELU: return x * 0.5 * erfc(-x / sqrt(2));
    case HARI_ACT_GELU_TANH:
        return x * 0.5 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
    case HARI_ACT_HARD_SIGMOID: return fmin(fmax(x / 6 + 0.5, 0), 1);
    case HARI_ACT_HARD_SWISH: return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case HARI_ACT_LEAKY_RELU: return x < 0 ? 0.3 * x : x;
    case HARI_ACT_SILU: return x / (1 + exp(-x));
    default: return x;
    }
}

static void activations_are_their_functions(void **state)
{
    (void)state;
    for (int kind = HARI_ACT_NONE; kind < HARI_ACTIVATIONS; kind++) {
        maker *m = maker_new(seed);
        const uint32_t x = m->graph.input = make_tensor(m, 50, 7);
        const uint32_t y = make_tensor(m, 50, 7);
        hari_node *node = make_node1(m, HARI_OP_ACTIVATION, x, y);
        node->activation = (hari_activation)kind;
        node->slope = 0.3f;
        make_output(m, y);
        const float *values = make_random_values(m, x, 12);
        double wanted[350];
        for (int i = 0; i < 350; i++) wanted[i] = curve((hari_activation)kind, (double)values[i]);
        /* what is multiplied with x, too, carries its error that many times */
        const double bound = kind > HARI_ACT_TANH ? 2e-6 : 2e-7;
        assert_close(run_plan(m, make_plan(m), values), wanted, 350, bound);
        maker_free(m);
    }
}

/* Of `count` values, `step` apart. */
static void softmax(const float *x, uint32_t count, uint32_t step, double *wanted)
{
    double largest = -INFINITY;
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) largest = fmax(largest, (double)x[i * step]);
    for (uint32_t i = 0; i < count; i++) sum += exp((double)x[i * step] - largest);
    for (uint32_t i = 0; i < count; i++)
        wanted[i * step] = exp((double)x[i * step] - largest) / sum;
}

static void a_softmax_works_on_every_row_or_every_column(void **state)
{
    (void)state;
    for (uint32_t columns = 1; columns < 40; columns += 3)
        for (uint32_t axis = 0; axis < 2; axis++) {
            maker *m = maker_new(seed);
            const uint32_t x = m->graph.input = make_tensor(m, 9, columns);
            const uint32_t y = make_tensor(m, 9, columns);
            make_node1(m, HARI_OP_SOFTMAX, x, y)->axis = axis;
            make_output(m, y);
            float *values = make_random_values(m, x, 30);
            values[7] = 1000; /* nothing overflows */
            double wanted[9 * 40];
            if (axis == 0)
                for (uint32_t c = 0; c < columns; c++) softmax(values + c, 9, columns, wanted + c);
            else
                for (uint32_t r = 0; r < 9; r++)
                    softmax(values + r * columns, columns, 1, wanted + r * columns);
            assert_close(run_plan(m, make_plan(m), values), wanted, (size_t)9 * columns, 4e-7);
            maker_free(m);
        }
}

/* Rows follow rows, or columns stand beside columns. */
static void concat_joins_by_rows_and_by_columns(void **state)
{
    (void)state;
    for (uint32_t axis = 0; axis < 2; axis++) {
        maker *m = maker_new(seed);
        const uint32_t x = m->graph.input = make_tensor(m, 3, 2);
        const uint32_t y = make_tensor(m, 3, 2);
        const uint32_t z = axis == 0 ? make_tensor(m, 6, 2) : make_tensor(m, 3, 4);
        make_node1(m, HARI_OP_ACTIVATION, x, y)->activation = HARI_ACT_RELU;
        make_node(m, HARI_OP_CONCAT, (uint32_t[]){x, y}, 2, z)->axis = axis;
        make_output(m, z);
        const float *values = make_random_values(m, x, 2);
        double wanted[12];
        for (uint32_t r = 0; r < 3; r++)
            for (uint32_t c = 0; c < 2; c++) {
                const double value = (double)values[r * 2 + c];
                wanted[axis == 0 ? r * 2 + c : r * 4 + c] = value;
                wanted[axis == 0 ? 6 + r * 2 + c : r * 4 + 2 + c] = fmax(value, 0);
            }
        assert_close(run_plan(m, make_plan(m), values), wanted, 12, 0);
        maker_free(m);
    }
}

static void affine_and_add_work_value_by_value(void **state)
{
    (void)state;
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_tensor(m, 6, 5);
    const uint32_t scale = make_constant(m, HARI_F32, 1, 5, 1, 1);
    const uint32_t offset = make_constant(m, HARI_F32, 1, 5, 1, 1);
    const uint32_t y = make_tensor(m, 6, 5);
    make_node(m, HARI_OP_AFFINE, (uint32_t[]){x, scale, offset}, 3, y);
    const uint32_t z = make_tensor(m, 6, 5);
    make_node(m, HARI_OP_ADD, (uint32_t[]){x, y}, 2, z);
    make_output(m, z);
    const float *values = make_random_values(m, x, 2);
    const float *s = m->tensors[scale].data;
    const float *o = m->tensors[offset].data;
    double wanted[30];
    for (int i = 0; i < 30; i++)
        wanted[i] = (double)values[i] * (1 + (double)s[i % 5]) + (double)o[i % 5];
    assert_close(run_plan(m, make_plan(m), values), wanted, 30, 1e-6);
    maker_free(m);
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_are_sums_of_products),
        cmocka_unit_test(pools_take_the_largest_or_the_mean),
        cmocka_unit_test(adaptive_pools_share_out_any_length),
        cmocka_unit_test(global_pools_take_all_rows_or_all_columns),
        cmocka_unit_test(dense_layers_work_on_every_row),
        cmocka_unit_test(activations_are_their_functions),
        cmocka_unit_test(a_softmax_works_on_every_row_or_every_column),
        cmocka_unit_test(concat_joins_by_rows_and_by_columns),
        cmocka_unit_test(affine_and_add_work_value_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
