/* Attention against its definition: in binary64 for numbers, bit for bit for codes; and slices. */
#include "codes.h"
#include "kernels/ref/math.h"

enum { ROUNDS = 150, MOST_KEYS = 60, MOST_ROWS = 60, MOST_COLUMNS = 48 };

static uint64_t seed;

typedef struct attention {
    maker *m;
    uint32_t q, k, v, y;
    uint32_t queries, keys, d, e, heads;
    const hari_node *node;
} attention;

static uint32_t make_either(maker *m, bool is_codes, uint32_t rows, uint32_t columns)
{
    return is_codes ? make_u8(m, rows, columns) : make_tensor(m, rows, columns);
}

static attention make_attention(uint64_t round, bool is_codes)
{
    attention a = {.m = maker_new(seed + round)};
    maker *m = a.m;
    a.queries = random_range(&m->random, 1, MOST_ROWS);
    a.keys = random_range(&m->random, 1, MOST_KEYS);
    a.heads = random_range(&m->random, 1, 4);
    a.d = a.heads * random_range(&m->random, 1, MOST_COLUMNS / a.heads);
    a.e = a.heads * random_range(&m->random, 1, MOST_COLUMNS / a.heads);
    a.q = make_either(m, is_codes, a.queries, a.d);
    a.k = make_either(m, is_codes, a.keys, a.d);
    a.v = make_either(m, is_codes, a.keys, a.e);
    a.y = make_either(m, is_codes, a.queries, a.e);
    hari_node *node = make_node(m, HARI_OP_ATTENTION, (uint32_t[]){a.q, a.k, a.v}, 3, a.y);
    node->heads = a.heads;
    node->scale = (float)(1 / sqrt((double)a.d / a.heads));
    a.node = node;
    return a;
}

/* Head `h` of query `row`: [e / heads] values. */
static void attend(const attention *a, const float *q, const float *k, const float *v, uint32_t row,
                   uint32_t h, double *y)
{
    const uint32_t d = a->d / a->heads;
    const uint32_t e = a->e / a->heads;
    double weights[MOST_KEYS];
    double largest = -INFINITY;
    double sum = 0;
    for (uint32_t j = 0; j < a->keys; j++) {
        weights[j] = 0;
        for (uint32_t c = 0; c < d; c++)
            weights[j] += (double)q[row * a->d + h * d + c] * (double)k[j * a->d + h * d + c];
        weights[j] *= (double)a->node->scale;
        largest = fmax(largest, weights[j]);
    }
    for (uint32_t j = 0; j < a->keys; j++) sum += weights[j] = exp(weights[j] - largest);
    for (uint32_t c = 0; c < e; c++) {
        y[c] = 0;
        for (uint32_t j = 0; j < a->keys; j++)
            y[c] += weights[j] / sum * (double)v[j * a->e + h * e + c];
    }
}

static void heads_attend_to_their_columns(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const attention a = make_attention(round, false);
        const float *q = make_random_values(a.m, a.q, 3);
        const float *k = make_random_values(a.m, a.k, 3);
        const float *v = make_random_values(a.m, a.v, 3);
        const float *found = run_node(a.m, a.node, (const void *const[]){q, k, v});
        static double wanted[MOST_ROWS * MOST_COLUMNS];
        for (uint32_t r = 0; r < a.queries; r++)
            for (uint32_t h = 0; h < a.heads; h++)
                attend(&a, q, k, v, r, h, wanted + r * a.e + h * (a.e / a.heads));
        assert_close(found, wanted, (size_t)a.queries * a.e, 2e-5);
        maker_free(a.m);
    }
}

/* The weights of one head of one query as codes, 0 .. 255. */
static void weigh_codes(const attention *a, const uint8_t *q, const uint8_t *k, uint32_t row,
                        uint32_t h, int32_t *weights)
{
    const hari_tensor *t = a->m->tensors;
    const uint32_t d = a->d / a->heads;
    const float scales = t[a->q].scales[0] * t[a->k].scales[0];
    const float multiplier = scales * a->node->scale;
    float p[MOST_KEYS];
    float largest = -INFINITY;
    float sum = 0;
    for (uint32_t j = 0; j < a->keys; j++) {
        int64_t acc = 0;
        for (uint32_t c = 0; c < d; c++)
            acc += centred(&t[a->q], q, (size_t)row * a->d + h * d + c) *
                   centred(&t[a->k], k, (size_t)j * a->d + h * d + c);
        p[j] = (float)acc * multiplier;
        largest = fmaxf(largest, p[j]);
    }
    for (uint32_t j = 0; j < a->keys; j++) {
        p[j] = hark_exp_f32(p[j] - largest);
        sum += p[j];
    }
    for (uint32_t j = 0; j < a->keys; j++) {
        const float share = p[j] / sum;
        weights[j] = code_of(share * 255.0f, 0, 0, 255);
    }
}

static void codes_attend_bit_for_bit(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const attention a = make_attention(round, true);
        const hari_tensor *t = a.m->tensors;
        const uint32_t inputs[] = {a.q, a.k, a.v};
        uint8_t *values[3];
        for (int i = 0; i < 3; i++) {
            values[i] = make_values(a.m, inputs[i]);
            fill_codes(a.m, inputs[i], values[i]);
        }
        const uint8_t *found =
            run_node(a.m, a.node, (const void *const[]){values[0], values[1], values[2]});
        const uint32_t e = a.e / a.heads;
        const float share = t[a.v].scales[0] * (1.0f / 255.0f);
        const float multiplier = share / t[a.y].scales[0];
        for (uint32_t r = 0; r < a.queries; r++)
            for (uint32_t h = 0; h < a.heads; h++) {
                int32_t weights[MOST_KEYS];
                weigh_codes(&a, values[0], values[1], r, h, weights);
                for (uint32_t c = 0; c < e; c++) {
                    int64_t acc = 0;
                    for (uint32_t j = 0; j < a.keys; j++)
                        acc += weights[j] * centred(&t[a.v], values[2], j * a.e + h * e + c);
                    assert_int_equal(found[r * a.e + h * e + c],
                                     code_of((float)acc * multiplier, t[a.y].zero_point, 0, 255));
                }
            }
        maker_free(a.m);
    }
}

/* Rows or columns, of any type. */
static void slices_are_copies(void **state)
{
    (void)state;
    static const hari_dtype dtypes[] = {HARI_F32, HARI_U8, HARI_I16};
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const uint32_t rows = random_range(&m->random, 1, 9);
        const uint32_t columns = random_range(&m->random, 1, 9);
        const uint32_t axis = random_range(&m->random, 0, 1);
        const uint32_t size = axis == 0 ? rows : columns;
        const uint32_t begin = random_range(&m->random, 0, size - 1);
        const uint32_t count = random_range(&m->random, 1, size - begin);
        const hari_dtype dtype = dtypes[round % 3];
        const uint32_t out[] = {axis == 0 ? count : rows, axis == 0 ? columns : count};
        const uint32_t x = m->graph.input =
            dtype == HARI_F32 ? make_tensor(m, rows, columns)
                              : make_codes(m, dtype, rows, columns, 0.1f, dtype == HARI_U8 ? 9 : 0);
        const uint32_t y = dtype == HARI_F32 ? make_tensor(m, out[0], out[1])
                                             : make_codes(m, dtype, out[0], out[1], 0.1f,
                                                          m->tensors[x].zero_point);
        hari_node *node = make_node1(m, HARI_OP_SLICE, x, y);
        node->axis = axis;
        node->begin = begin;
        node->count = count;
        make_output(m, y);
        unsigned char *values = make_values(m, x);
        const size_t element = hari_dtype_size(dtype);
        for (size_t i = 0; i < m->tensors[x].elements * element; i++)
            values[i] = (unsigned char)random_range(&m->random, 0, 255);
        const unsigned char *found = run_plan(m, make_plan(m), values);
        for (uint32_t r = 0; r < out[0]; r++)
            for (uint32_t c = 0; c < out[1]; c++) {
                const size_t row = axis == 0 ? begin + r : r;
                const size_t column = axis == 0 ? c : begin + c;
                assert_memory_equal(found + ((size_t)r * out[1] + c) * element,
                                    values + (row * columns + column) * element, element);
            }
        maker_free(m);
    }
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_attend_to_their_columns),
        cmocka_unit_test(codes_attend_bit_for_bit),
        cmocka_unit_test(slices_are_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
