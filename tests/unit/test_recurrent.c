/* Recurrent layers: FP32 against the formulas in binary64, INT8 against docs/design/numbers.md
 * written down again, the same bits; and what is refused. */
#include "graph_maker.h"
#include "kernels/ref/math.h"

#include <math.h>

enum { ROUNDS = 150, MOST_UNITS = 40, MOST_INPUTS = 12, MOST_ROWS = 70 };

static uint64_t seed;

/* The parts of a layer under test. */
typedef struct layer {
    maker *m;
    hari_node *node;
    uint32_t gates;
    uint32_t units;
    uint32_t inputs;
    uint32_t rows;
} layer;

static float *floats_of(const maker *m, uint32_t tensor)
{
    return (float *)(uintptr_t)m->tensors[tensor].data;
}

/* Weights of about 1 / sqrt(inputs), so that the state neither dies nor explodes. */
static uint32_t make_weight(maker *m, bool is_codes, uint32_t outputs, uint32_t inputs)
{
    const uint32_t weight = make_constant(m, is_codes ? HARI_I8 : HARI_F32, 2, outputs, inputs, 1);
    hari_tensor *t = &m->tensors[weight];
    const float factor = 1.0f / sqrtf((float)inputs);
    if (is_codes) {
        for (uint32_t o = 0; o < outputs; o++)
            t->scales[o] = factor / (float)random_range(&m->random, 63, 126);
    } else {
        for (size_t i = 0; i < t->elements; i++) floats_of(m, weight)[i] *= factor;
    }
    return weight;
}

static uint32_t make_bias(maker *m, bool is_codes, uint32_t count)
{
    return make_constant(m, is_codes ? HARI_I32 : HARI_F32, 1, count, 1, 1);
}

/* A random layer of one node; `from` is the type of its input. */
static layer make_layer(maker *m, hari_dtype from)
{
    static const uint32_t gates[] = {1, 4, 3};
    const bool is_codes = from != HARI_F32;
    const hari_recurrent kind = {.cell = (hari_cell)random_range(&m->random, 0, 2),
                                 .reset_after = random_range(&m->random, 0, 1),
                                 .reverse = random_range(&m->random, 0, 1),
                                 .last = random_range(&m->random, 0, 1)};
    layer l = {.m = m,
               .gates = gates[kind.cell],
               .units = random_range(&m->random, 1, MOST_UNITS),
               .inputs = random_range(&m->random, 1, MOST_INPUTS),
               .rows = random_range(&m->random, 1, MOST_ROWS)};
    const uint32_t x = from == HARI_F32  ? make_tensor(m, l.rows, l.inputs)
                       : from == HARI_U8 ? make_codes(m, from, l.rows, l.inputs, 0.02f, 117)
                                         : make_codes(m, from, l.rows, l.inputs, 1e-4f, 0);
    const uint32_t rows_out = kind.last ? 1 : l.rows;
    const uint32_t y = is_codes ? make_codes(m, HARI_U8, rows_out, l.units, 1.0f / 120.0f, 125)
                                : make_tensor(m, rows_out, l.units);
    const uint32_t inputs[] = {x, make_weight(m, is_codes, l.gates * l.units, l.inputs),
                               make_weight(m, is_codes, l.gates * l.units, l.units),
                               make_bias(m, is_codes, l.gates * l.units),
                               make_bias(m, is_codes, l.units)};
    const bool resets_after = kind.cell == HARI_CELL_GRU && kind.reset_after;
    const uint32_t count = random_range(&m->random, 3, resets_after ? 5 : 4);
    l.node = make_node(m, HARI_OP_RECURRENT, inputs, count, y);
    l.node->recurrent = kind;
    l.node->activation = kind.cell == HARI_CELL_RNN && random_range(&m->random, 0, 1)
                             ? HARI_ACT_RELU
                             : HARI_ACT_TANH;
    m->graph.input = x;
    make_output(m, y);
    return l;
}

static const hari_tensor *input_of(const layer *l, uint32_t position)
{
    return &l->m->tensors[l->node->inputs[position]];
}

/* The bias of a gate column in the product of the input, and in that of the state. */
static double bias_of(const layer *l, uint32_t position, uint32_t gate, uint32_t unit)
{
    if (position >= l->node->input_count) return 0.0;
    if (position == 4 && gate != 2) return 0.0;
    const hari_tensor *t = input_of(l, position);
    const size_t at = position == 4 ? unit : gate * l->units + unit;
    return t->dtype == HARI_F32 ? (double)((const float *)t->data)[at]
                                : (double)((const int32_t *)t->data)[at];
}

/* ---- FP32, in binary64 ---- */

static double sigmoid(double v) { return 1.0 / (1.0 + exp(-v)); }

/* The product of one gate column: of a row of the input (position 1) or of a state (2). */
static double product(const layer *l, uint32_t position, const double *v, uint32_t gate,
                      uint32_t unit)
{
    const hari_tensor *w = input_of(l, position);
    double sum = bias_of(l, position + 2, gate, unit);
    for (uint32_t i = 0; i < w->dim[1]; i++)
        sum += v[i] * ((const float *)w->data)[(gate * l->units + unit) * w->dim[1] + i];
    return sum;
}

static void step(const layer *l, const double *x, double *h, double *c)
{
    double before[MOST_UNITS];
    double reset_h[MOST_UNITS];
    memcpy(before, h, l->units * sizeof *h);
    const bool splits = l->node->recurrent.cell == HARI_CELL_GRU && !l->node->recurrent.reset_after;
    for (uint32_t u = 0; u < l->units && splits; u++)
        reset_h[u] = before[u] * sigmoid(product(l, 1, x, 0, u) + product(l, 2, before, 0, u));
    for (uint32_t u = 0; u < l->units; u++) {
        double p[4];
        double r[4];
        for (uint32_t g = 0; g < l->gates; g++) {
            p[g] = product(l, 1, x, g, u);
            r[g] = product(l, 2, splits && g == 2 ? reset_h : before, g, u);
        }
        if (l->node->recurrent.cell == HARI_CELL_RNN) {
            h[u] =
                l->node->activation == HARI_ACT_RELU ? fmax(p[0] + r[0], 0.0) : tanh(p[0] + r[0]);
        } else if (l->node->recurrent.cell == HARI_CELL_LSTM) {
            c[u] = sigmoid(p[1] + r[1]) * c[u] + sigmoid(p[0] + r[0]) * tanh(p[2] + r[2]);
            h[u] = sigmoid(p[3] + r[3]) * tanh(c[u]);
        } else {
            const double z = sigmoid(p[1] + r[1]);
            const double n = tanh(p[2] + (splits ? 1.0 : sigmoid(p[0] + r[0])) * r[2]);
            h[u] = (1.0 - z) * n + z * before[u];
        }
    }
}

/* Relative to the largest state, as an RNN with ReLU may grow. */
static void expect_row(const layer *l, const float *found, const double *wanted)
{
    double largest = 1.0;
    for (uint32_t u = 0; u < l->units; u++) largest = fmax(largest, fabs(wanted[u]));
    for (uint32_t u = 0; u < l->units; u++)
        assert_true(fabs((double)found[u] - wanted[u]) <= 1e-4 * largest);
}

static void layers_follow_their_formulas(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        const layer l = make_layer(maker_new(seed + round), HARI_F32);
        const float *x = make_random_values(l.m, l.node->inputs[0], 2.0);
        const float *found = run_plan(l.m, make_plan(l.m), x);
        double h[MOST_UNITS] = {0};
        double c[MOST_UNITS] = {0};
        for (uint32_t i = 0; i < l.rows; i++) {
            const uint32_t row = l.node->recurrent.reverse ? l.rows - 1 - i : i;
            double values[MOST_INPUTS];
            for (uint32_t k = 0; k < l.inputs; k++) values[k] = x[row * l.inputs + k];
            step(&l, values, h, c);
            if (!l.node->recurrent.last) expect_row(&l, found + row * l.units, h);
        }
        if (l.node->recurrent.last) expect_row(&l, found, h);
        maker_free(l.m);
    }
}

/* ---- INT8, by numbers.md ---- */

/* fl(fl(acc) * fl(s * s_w)) of one gate column; `v` are codes less their zero point. */
static float product_q(const layer *l, uint32_t position, const int32_t *v, float scale,
                       uint32_t gate, uint32_t unit)
{
    const hari_tensor *w = input_of(l, position);
    int64_t sum = (int64_t)bias_of(l, position + 2, gate, unit);
    for (uint32_t i = 0; i < w->dim[1]; i++)
        sum += v[i] * ((const int8_t *)w->data)[(gate * l->units + unit) * w->dim[1] + i];
    const float multiplier = scale * w->scales[gate * l->units + unit];
    return (float)(int32_t)sum * multiplier;
}

/* The state in codes less their zero point. */
static void quantize(const hari_tensor *y, const float *h, uint32_t units, int32_t *codes)
{
    const float inverse = 1.0f / y->scales[0];
    for (uint32_t u = 0; u < units; u++) {
        const float v = nearbyintf(h[u] * inverse);
        codes[u] = (int32_t)fminf(fmaxf(v, (float)-y->zero_point), (float)(255 - y->zero_point));
    }
}

static float cell_q(const layer *l, const float *p, const float *r, float h, float *c)
{
    if (l->node->recurrent.cell == HARI_CELL_RNN) {
        const float sum = p[0] + r[0];
        return l->node->activation == HARI_ACT_RELU ? fmaxf(sum, 0.0f) : hark_gate_tanh(sum);
    }
    if (l->node->recurrent.cell == HARI_CELL_LSTM) {
        const float kept = hark_gate_sigmoid(p[1] + r[1]) * *c;
        const float added = hark_gate_sigmoid(p[0] + r[0]) * hark_gate_tanh(p[2] + r[2]);
        *c = kept + added;
        return hark_gate_sigmoid(p[3] + r[3]) * hark_gate_tanh(*c);
    }
    const float z = hark_gate_sigmoid(p[1] + r[1]);
    const float reset = l->node->recurrent.reset_after ? hark_gate_sigmoid(p[0] + r[0]) : 1.0f;
    const float scaled = reset * r[2];
    const float fresh = (1.0f - z) * hark_gate_tanh(p[2] + scaled);
    const float kept = z * h;
    return fresh + kept;
}

static void step_q(const layer *l, const int32_t *x, float *h, float *c, int32_t *codes)
{
    const hari_tensor *y = &l->m->tensors[l->node->output];
    const float scale_in = input_of(l, 0)->scales[0];
    const bool splits = l->node->recurrent.cell == HARI_CELL_GRU && !l->node->recurrent.reset_after;
    float reset_h[MOST_UNITS];
    int32_t reset_codes[MOST_UNITS];
    for (uint32_t u = 0; u < l->units && splits; u++)
        reset_h[u] = hark_gate_sigmoid(product_q(l, 1, x, scale_in, 0, u) +
                                       product_q(l, 2, codes, y->scales[0], 0, u)) *
                     h[u];
    if (splits) quantize(y, reset_h, l->units, reset_codes);
    float after[MOST_UNITS];
    for (uint32_t u = 0; u < l->units; u++) {
        float p[4];
        float r[4];
        for (uint32_t g = 0; g < l->gates; g++) {
            p[g] = product_q(l, 1, x, scale_in, g, u);
            r[g] = product_q(l, 2, splits && g == 2 ? reset_codes : codes, y->scales[0], g, u);
        }
        after[u] = cell_q(l, p, r, h[u], &c[u]);
    }
    memcpy(h, after, l->units * sizeof *h);
    quantize(y, h, l->units, codes);
}

static void expect_codes(const layer *l, const uint8_t *found, const int32_t *codes)
{
    const int32_t zero = l->m->tensors[l->node->output].zero_point;
    for (uint32_t u = 0; u < l->units; u++) assert_int_equal(found[u], codes[u] + zero);
}

static void integer_layers_give_the_bits_of_the_contract(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        maker *m = maker_new(seed + round);
        const layer l = make_layer(m, random_range(&m->random, 0, 1) ? HARI_U8 : HARI_I16);
        const hari_tensor *t = input_of(&l, 0);
        void *x = make_values(m, l.node->inputs[0]);
        for (size_t i = 0; i < t->elements; i++)
            if (t->dtype == HARI_U8)
                ((uint8_t *)x)[i] = (uint8_t)random_range(&m->random, 0, 255);
            else
                ((int16_t *)x)[i] = (int16_t)((int32_t)random_range(&m->random, 0, 40000) - 20000);
        const uint8_t *found = run_plan(m, make_plan(m), x);
        float h[MOST_UNITS] = {0};
        float c[MOST_UNITS] = {0};
        int32_t codes[MOST_UNITS] = {0};
        for (uint32_t i = 0; i < l.rows; i++) {
            const uint32_t row = l.node->recurrent.reverse ? l.rows - 1 - i : i;
            int32_t values[MOST_INPUTS];
            for (uint32_t k = 0; k < l.inputs; k++)
                values[k] = t->dtype == HARI_U8 ? ((uint8_t *)x)[row * l.inputs + k] - t->zero_point
                                                : ((int16_t *)x)[row * l.inputs + k];
            step_q(&l, values, h, c, codes);
            if (!l.node->recurrent.last) expect_codes(&l, found + row * l.units, codes);
        }
        if (l.node->recurrent.last) expect_codes(&l, found, codes);
        maker_free(m);
    }
}

/* ---- what is refused ---- */

/* A GRU of 5 units on 3 inputs whose reset comes after. */
static maker *good(bool is_codes)
{
    maker *m = maker_new(1);
    const uint32_t x = is_codes ? make_codes(m, HARI_U8, 6, 3, 0.1f, 3) : make_tensor(m, 6, 3);
    const uint32_t y = is_codes ? make_codes(m, HARI_U8, 6, 5, 0.01f, 128) : make_tensor(m, 6, 5);
    const uint32_t inputs[] = {x, make_weight(m, is_codes, 15, 3), make_weight(m, is_codes, 15, 5),
                               make_bias(m, is_codes, 15), make_bias(m, is_codes, 5)};
    hari_node *node = make_node(m, HARI_OP_RECURRENT, inputs, 5, y);
    node->recurrent = (hari_recurrent){.cell = HARI_CELL_GRU, .reset_after = true};
    node->activation = HARI_ACT_TANH;
    return m;
}

static hari_tensor *constant(maker *m, uint32_t position)
{
    return &m->tensors[m->nodes[0].inputs[position]];
}

static void one_input_less(maker *m) { constant(m, 1)->dim[1] = constant(m, 1)->columns = 2; }
static void one_gate_more(maker *m) { m->nodes[0].recurrent.cell = HARI_CELL_LSTM; }
static void short_bias(maker *m) { constant(m, 3)->elements = 10; }
static void short_candidate_bias(maker *m) { constant(m, 4)->elements = 15; }
static void reset_before(maker *m) { m->nodes[0].recurrent.reset_after = false; }
static void no_recurrent_weight(maker *m) { m->nodes[0].input_count = 2; }
static void only_the_last_row(maker *m) { m->nodes[0].recurrent.last = true; }
static void other_type(maker *m) { constant(m, 2)->dtype = HARI_I8; }
static void heavy_weight(maker *m) { ((int8_t *)(uintptr_t)constant(m, 2)->data)[6] = 64; }
static void heavy_bias(maker *m) { ((int32_t *)(uintptr_t)constant(m, 4)->data)[2] = INT32_MAX; }
static void tiny_scale(maker *m) { m->tensors[m->nodes[0].output].scales[0] = 1.3e-38f; }

static void layers_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        bool is_codes;
        void (*change)(maker *m);
        const char *field;
    } cases[] = {
        {false, one_input_less, "graph.ops[0] (recurrent) weight"},
        {false, one_gate_more, "graph.ops[0] (recurrent) inputs count"},
        {false, short_bias, "graph.ops[0] (recurrent) inputs[3] elements"},
        {false, short_candidate_bias, "graph.ops[0] (recurrent) inputs[4] elements"},
        {false, reset_before, "graph.ops[0] (recurrent) inputs count"},
        {false, no_recurrent_weight, "graph.ops[0] (recurrent) inputs count"},
        {false, only_the_last_row, "graph.ops[0] (recurrent) output rows"},
        {false, other_type, "graph.ops[0] (recurrent) inputs[2]"},
        {true, heavy_weight, "graph.ops[0] recurrent weight magnitude of output 1"},
        {true, heavy_bias, "graph.ops[0] recurrent largest accumulator of output 12"},
        {true, tiny_scale, "graph.ops[0] recurrent multiplier of output 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        maker *m = good(cases[i].is_codes);
        har_error error;
        har_error_init(&error, sizeof error);
        const hari_op *op = hari_op_of(HARI_OP_RECURRENT);
        assert_int_equal(op->check(&m->graph, &m->nodes[0], &error), HAR_OK);
        cases[i].change(m);
        assert_int_equal(op->check(&m->graph, &m->nodes[0], &error), HAR_ERR_FILE_MEANING);
        assert_string_equal(error.field, cases[i].field);
        maker_free(m);
    }
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_follow_their_formulas),
        cmocka_unit_test(integer_layers_give_the_bits_of_the_contract),
        cmocka_unit_test(layers_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
