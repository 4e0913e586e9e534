/* Every INT8 op against docs/design/numbers.md, written down again here: the same bits. */
#include "codes.h"

#include <math.h>

enum { ROUNDS = 400, ROWS = 14, COLUMNS = 6, MOST_VALUES = 2048 };

static uint64_t seed;

static int64_t accumulator(const maker *m, const void *x, int64_t first, uint32_t o)
{
    const hari_node *node = &m->nodes[0];
    const hari_tensor *t = &m->tensors[node->inputs[0]];
    const hari_tensor *w = &m->tensors[node->inputs[1]];
    const uint32_t inputs = w->dim[2];
    const uint32_t group = o / (w->dim[0] / node->groups);
    int64_t sum =
        node->input_count > 2 ? ((const int32_t *)m->tensors[node->inputs[2]].data)[o] : 0;
    for (uint32_t k = 0; k < w->dim[1]; k++) {
        const int64_t row = first + (int64_t)k * node->sliding.dilation;
        for (uint32_t i = 0; i < inputs && row >= 0 && row < t->rows; i++)
            sum += centred(t, x, (size_t)row * t->columns + group * inputs + i) *
                   ((const int8_t *)w->data)[(o * w->dim[1] + k) * inputs + i];
    }
    return sum;
}

/* The convolution of node 0 and the activation after it, one value of the unpooled output. */
static float conv_value(const maker *m, const void *x, int64_t t, uint32_t o, hari_activation kind)
{
    const hari_node *node = &m->nodes[0];
    const hari_tensor *y = &m->tensors[node->output];
    const float *scales = m->tensors[node->inputs[1]].scales;
    const int64_t first = t * node->sliding.stride - node->sliding.pad_left;
    const float accumulated = (float)(int32_t)accumulator(m, x, first, o);
    const float product = m->tensors[node->inputs[0]].scales[0] * scales[o];
    if (y->dtype == HARI_F32) return accumulated * product;
    const float multiplier = product / y->scales[0];
    int32_t low;
    int32_t high;
    code_range(kind, y, &low, &high);
    return (float)code_of(accumulated * multiplier, y->zero_point, low, high);
}

/* conv, then perhaps an activation, then perhaps a max pool, from U8 or I16 to U8 or F32. */
static void convolutions_requantize_as_stated(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const bool from_u8 = random_range(&m->random, 0, 2) > 0;
        const bool to_u8 = random_range(&m->random, 0, 2) > 0;
        const uint32_t groups = random_range(&m->random, 1, 3);
        const uint32_t kernel = random_range(&m->random, 1, 4);
        const uint32_t outputs = groups * random_range(&m->random, 1, 3);
        const uint32_t x = m->graph.input =
            from_u8 ? make_u8(m, ROWS, COLUMNS)
                    : make_codes(m, HARI_I16, ROWS, COLUMNS, 1e-4f * random_scale(m), 0);
        const uint32_t inputs[] = {x,
                                   make_constant(m, HARI_I8, 3, outputs, kernel, COLUMNS / groups),
                                   make_constant(m, HARI_I32, 1, outputs, 1, 1)};
        const hari_sliding sliding = {.stride = random_range(&m->random, 1, 3),
                                      .dilation = random_range(&m->random, 1, 2),
                                      .padding = HARI_PAD_EXPLICIT,
                                      .pad_left = random_range(&m->random, 0, kernel - 1),
                                      .pad_right = random_range(&m->random, 0, kernel - 1)};
        uint32_t rows =
            ROWS + sliding.pad_left + sliding.pad_right - (kernel - 1) * sliding.dilation;
        rows = (rows + sliding.stride - 1) / sliding.stride;
        uint32_t y = to_u8 ? make_u8(m, rows, outputs) : make_tensor(m, rows, outputs);
        hari_node *node = make_node(m, HARI_OP_CONV1D, inputs, random_range(&m->random, 2, 3), y);
        node->groups = groups;
        node->sliding = sliding;
        const hari_activation kind =
            to_u8 ? (hari_activation)random_range(&m->random, HARI_ACT_NONE, HARI_ACT_RELU6)
                  : HARI_ACT_NONE;
        if (to_u8) {
            const uint32_t clamped = make_alike(m, y, rows);
            make_node1(m, HARI_OP_ACTIVATION, y, clamped)->activation = kind;
            y = clamped;
        }
        const uint32_t pool = to_u8 && rows > 3 ? random_range(&m->random, 1, 3) : 1;
        if (pool > 1) {
            const uint32_t pooled = make_alike(m, y, rows / pool);
            make_node1(m, HARI_OP_POOL, y, pooled)->sliding =
                (hari_sliding){.kernel = pool, .stride = pool, .dilation = 1};
            y = pooled;
        }
        make_output(m, y);
        void *values = make_values(m, x);
        fill_codes(m, x, values);
        const void *found = run_plan(m, make_plan(m), values);
        for (uint32_t t = 0; t < rows / pool; t++)
            for (uint32_t o = 0; o < outputs; o++) {
                float wanted = -INFINITY;
                for (uint32_t p = 0; p < pool; p++)
                    wanted = fmaxf(wanted, conv_value(m, values, t * pool + p, o, kind));
                const size_t i = (size_t)t * outputs + o;
                assert_true(wanted == (to_u8 ? (float)((const uint8_t *)found)[i]
                                             : ((const float *)found)[i]));
            }
        maker_free(m);
    }
}

/* F32 to two codes of other scales, to their sum, back to F32: quantize, add, dequantize. */
static void sums_are_rescaled_and_rounded_once(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t x = m->graph.input = make_tensor(m, ROWS, COLUMNS);
        const uint32_t a = make_u8(m, ROWS, COLUMNS);
        const uint32_t b = make_u8(m, ROWS, COLUMNS);
        const uint32_t sum = make_u8(m, ROWS, COLUMNS);
        const uint32_t clamped = make_alike(m, sum, ROWS);
        const uint32_t y = make_tensor(m, ROWS, COLUMNS);
        const hari_activation kind =
            (hari_activation)random_range(&m->random, HARI_ACT_NONE, HARI_ACT_RELU6);
        make_node1(m, HARI_OP_QUANTIZE, x, a);
        make_node1(m, HARI_OP_QUANTIZE, x, b);
        make_node(m, HARI_OP_ADD, (uint32_t[]){a, b}, 2, sum);
        make_node1(m, HARI_OP_ACTIVATION, sum, clamped)->activation = kind;
        make_node1(m, HARI_OP_DEQUANTIZE, clamped, y);
        make_output(m, y);
        const float *values = make_random_values(m, x, 12);
        const float *found = run_plan(m, make_plan(m), values);
        const hari_tensor *t = m->tensors;
        int32_t low;
        int32_t high;
        code_range(kind, &t[sum], &low, &high);
        for (size_t i = 0; i < t[x].elements; i++) {
            const float ia = 1.0f / t[a].scales[0];
            const float ib = 1.0f / t[b].scales[0];
            const int32_t qa = code_of(values[i] * ia, t[a].zero_point, 0, 255) - t[a].zero_point;
            const int32_t qb = code_of(values[i] * ib, t[b].zero_point, 0, 255) - t[b].zero_point;
            const float ma = t[a].scales[0] / t[sum].scales[0];
            const float mb = t[b].scales[0] / t[sum].scales[0];
            const float first = (float)qa * ma;
            const float second = (float)qb * mb;
            const int32_t q = code_of(first + second, t[sum].zero_point, low, high);
            assert_true(found[i] == (float)(q - t[sum].zero_point) * t[sum].scales[0]);
        }
        maker_free(m);
    }
}

/* The code of the mean of rows first .. last of one column. */
static int32_t mean_code(const maker *m, const uint8_t *x, uint32_t column, uint32_t first,
                         uint32_t last, uint32_t divisor)
{
    const hari_tensor *t = &m->tensors[m->graph.input];
    const hari_tensor *y = &m->tensors[m->graph.output];
    int64_t sum = 0;
    for (uint32_t r = first; r <= last; r++) sum += centred(t, x, (size_t)r * t->columns + column);
    const float ratio = t->scales[0] / y->scales[0];
    const float multiplier = ratio / (float)divisor;
    return code_of((float)sum * multiplier, y->zero_point, 0, 255);
}

static void average_pools_rescale_their_sums(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t n = random_range(&m->random, 1, 30);
        const uint32_t rows = random_range(&m->random, 1, 9);
        const uint32_t x = m->graph.input = make_u8(m, n, COLUMNS);
        const uint32_t y = make_u8(m, rows, COLUMNS);
        const bool is_global = rows == 1 && random_range(&m->random, 0, 1);
        hari_node *node =
            make_node1(m, is_global ? HARI_OP_GLOBAL_POOL : HARI_OP_ADAPTIVE_POOL, x, y);
        node->rows = rows;
        node->pool = HARI_POOL_AVERAGE;
        make_output(m, y);
        uint8_t *values = make_values(m, x);
        fill_codes(m, x, values);
        const uint8_t *found = run_plan(m, make_plan(m), values);
        for (uint32_t i = 0; i < rows; i++)
            for (uint32_t c = 0; c < COLUMNS; c++) {
                const uint32_t first = i * n / rows;
                const uint32_t last = ((i + 1) * n + rows - 1) / rows - 1;
                assert_int_equal(found[i * COLUMNS + c],
                                 mean_code(m, values, c, first, last, last - first + 1));
            }
        maker_free(m);
    }
}

/* Three rows, two apart, the first and the last window reaching one row past the end. */
static void sliding_averages_divide_by_what_they_count(void **state)
{
    (void)state;
    for (int counts_padding = 0; counts_padding < 2; counts_padding++) {
        maker *m = maker_new(seed);
        const uint32_t x = m->graph.input = make_u8(m, 9, COLUMNS);
        const uint32_t y = make_u8(m, 5, COLUMNS);
        hari_node *node = make_node1(m, HARI_OP_POOL, x, y);
        node->pool = HARI_POOL_AVERAGE;
        node->count_padding = counts_padding == 1;
        node->sliding =
            (hari_sliding){.kernel = 3, .stride = 2, .dilation = 1, .padding = HARI_PAD_SAME};
        make_output(m, y);
        uint8_t *values = make_values(m, x);
        fill_codes(m, x, values);
        const uint8_t *found = run_plan(m, make_plan(m), values);
        for (uint32_t i = 0; i < 5; i++)
            for (uint32_t c = 0; c < COLUMNS; c++) {
                const uint32_t first = i == 0 ? 0 : 2 * i - 1;
                const uint32_t last = i == 4 ? 8 : 2 * i + 1;
                const uint32_t divisor = counts_padding ? 3 : last - first + 1;
                assert_int_equal(found[i * COLUMNS + c],
                                 mean_code(m, values, c, first, last, divisor));
            }
        maker_free(m);
    }
}

/* Max pools, concat and flatten copy codes. */
static void codes_are_copied_where_nothing_is_computed(void **state)
{
    (void)state;
    maker *m = maker_new(seed);
    const uint32_t x = m->graph.input = make_u8(m, 6, 2);
    const uint32_t pooled = make_alike(m, x, 6);
    const uint32_t joined = make_alike(m, x, 12);
    const uint32_t flat = make_alike(m, x, 1);
    m->tensors[flat].columns = m->tensors[flat].dim[1] = 24;
    m->tensors[flat].elements = 24;
    make_node1(m, HARI_OP_POOL, x, pooled)->sliding =
        (hari_sliding){.kernel = 2, .stride = 1, .dilation = 1, .padding = HARI_PAD_SAME};
    make_node(m, HARI_OP_CONCAT, (uint32_t[]){pooled, x}, 2, joined)->axis = 0;
    make_node1(m, HARI_OP_FLATTEN, joined, flat);
    make_output(m, flat);
    uint8_t *values = make_values(m, x);
    fill_codes(m, x, values);
    const uint8_t *found = run_plan(m, make_plan(m), values);
    for (int i = 0; i < 12; i++) {
        const uint8_t next = i + 2 < 12 ? values[i + 2] : 0;
        assert_int_equal(found[i], next > values[i] ? next : values[i]);
        assert_int_equal(found[12 + i], values[i]);
    }
    maker_free(m);
}

static double curve(int kind, double x)
{
    const double hard = fmin(fmax(x / 6 + 0.5, 0), 1);
    switch (kind) {
    case HARI_ACT_SIGMOID: return 1 / (1 + exp(-x));
    case HARI_ACT_TANH: return tanh(x);
    case HARI_ACT_GELU: return x * 0.5 * erfc(-x / sqrt(2));
    case HARI_ACT_GELU_TANH: return x / (1 + exp(-1.5957691216 * x * (1 + 0.044715 * x * x)));
    case HARI_ACT_HARD_SIGMOID: return hard;
    case HARI_ACT_HARD_SWISH: return x * hard;
    case HARI_ACT_LEAKY_RELU: return x < 0 ? 0.01 * x : x;
    default: return x / (1 + exp(-x)); /* SiLU */
    }
}

/* A table of all codes. libm decides, except where it falls within 1e-3 of a tie. */
static void curves_are_tables(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 50; round++)
        for (int kind = HARI_ACT_SIGMOID; kind < HARI_ACTIVATIONS; kind++) {
            maker *m = maker_new(seed + round);
            const uint32_t x = m->graph.input = make_u8(m, 1, 256);
            const uint32_t y = make_codes(m, HARI_U8, 1, 256, 1.0f / 200, 100);
            make_node1(m, HARI_OP_ACTIVATION, x, y)->activation = (hari_activation)kind;
            make_output(m, y);
            uint8_t *codes = make_values(m, x);
            for (int i = 0; i < 256; i++) codes[i] = (uint8_t)i;
            const uint8_t *found = run_plan(m, make_plan(m), codes);
            for (int i = 0; i < 256; i++) {
                const double value =
                    (double)(i - m->tensors[x].zero_point) * (double)m->tensors[x].scales[0];
                const double exact = 100 + curve(kind, value) / (double)m->tensors[y].scales[0];
                const double ends = fmin(fmax(exact, 0), 255);
                assert_true(fabs(found[i] - ends) <= 0.5 + 1e-3);
            }
            maker_free(m);
        }
}

/* Ties go to even, the ends are kept, I16 is symmetric. */
static void values_are_quantized_to_the_nearest_code(void **state)
{
    (void)state;
    static const float values[] = {0.25f,  0.75f, -0.25f,  1e9f,      -1e9f,
                                   63.75f, 1.0f,  -0.375f, 16383.25f, -16383.25f};
    static const int32_t u8[] = {10, 12, 10, 255, 0, 138, 12, 9, 255, 0};
    static const int32_t i16[] = {0, 2, 0, 32767, -32767, 128, 2, -1, 32766, -32766};
    enum { COUNT = sizeof values / sizeof values[0] };
    for (int wide = 0; wide < 2; wide++) {
        maker *m = maker_new(seed);
        const uint32_t x = m->graph.input = make_tensor(m, 1, COUNT);
        const uint32_t q = make_codes(m, wide ? HARI_I16 : HARI_U8, 1, COUNT, 0.5f, wide ? 0 : 10);
        make_node1(m, HARI_OP_QUANTIZE, x, q);
        make_output(m, q);
        const void *found = run_plan(m, make_plan(m), values);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(wide ? ((const int16_t *)found)[i] : ((const uint8_t *)found)[i],
                             wide ? i16[i] : u8[i]);
        maker_free(m);
    }
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_requantize_as_stated),
        cmocka_unit_test(sums_are_rescaled_and_rounded_once),
        cmocka_unit_test(average_pools_rescale_their_sums),
        cmocka_unit_test(sliding_averages_divide_by_what_they_count),
        cmocka_unit_test(codes_are_copied_where_nothing_is_computed),
        cmocka_unit_test(curves_are_tables),
        cmocka_unit_test(values_are_quantized_to_the_nearest_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
