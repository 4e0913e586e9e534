/* The gradient through a recurrent layer, backwards in time (Werbos 1990): of its trace and of the
 * gradient by its states that by the products of its input, [rows][gates * units]. Constants are
 * the recurrent weights, turned: [units][gates * units], or, of a GRU whose reset comes before the
 * product, [units][2 * units] and those of the candidate, [units][units]. The node's `rows` and
 * `count` are rows and units. */
#include <math.h>
#include <string.h>

#include "ops/list.h"
#include "ops/trace.h"

typedef struct prepared {
    uint32_t rows, units, wide, gates;
    bool is_split;
    hari_product back;      /* from products of the state to the state before */
    hari_product candidate; /* of a GRU whose reset comes before the product */
} prepared;

/* One step: the gates, made anew, and what goes on to the step before. All have `wide` values but
 * `gates` and `products`, which have them for each gate. */
typedef struct work {
    float *gates;    /* after their curves */
    float *products; /* gradient by the products of the state, where it is another one */
    float *dh;       /* by the state; then what goes on of it */
    float *carry;    /* by the state before, through the products */
    float *dc;       /* by the cell of an LSTM */
    float *tanh_c;
    float *zeros; /* the state before the first */
} work;

enum { WIDE_PARTS = 5 };

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_node *node = step->node;
    p->rows = node->rows;
    p->units = node->count;
    p->wide = hari_product_wide(p->units);
    p->gates = hari_recurrent_gates(node);
    p->is_split = node->input_count > 3;
    step->scratch_bytes = (size_t)p->wide * (2 * p->gates + WIDE_PARTS) * sizeof(float);
    hari_product_of of = {.weight = hari_input(graph, node, 2),
                          .units = p->units,
                          .gates = 1,
                          .dtype = HARI_F32,
                          .scale = 1.0f};
    int32_t status = hari_product_prepare(&p->back, &of, step->kernels, pool, error);
    if (status != HAR_OK || !p->is_split) return status;
    of.weight = hari_input(graph, node, 3);
    return hari_product_prepare(&p->candidate, &of, step->kernels, pool, error);
}

/* What a step reads, and where its gradient goes. */
typedef struct place {
    const float *inputs;   /* of the trace */
    const float *products; /* likewise */
    const float *state;    /* after the step */
    const float *before;
    const float *cell;
    const float *cell_before;
    float *d; /* [gates * units] */
} place;

static void sums(const hark_table *k, const float *a, const float *b, uint32_t n, float *y)
{
    const hark_pair pair = {1, n, 0, 0, false};
    k->add_f32(&pair, a, b, -INFINITY, INFINITY, y);
}

static void back_rnn(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const bool is_relu = step->node->activation == HARI_ACT_RELU;
    for (uint32_t u = 0; u < p->units; u++) {
        const float h = at->state[u];
        const float slope = is_relu ? (h > 0.0f ? 1.0f : 0.0f) : 1.0f - h * h;
        at->d[u] = w->dh[u] * slope;
        w->dh[u] = 0.0f;
    }
}

static void back_lstm(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const uint32_t n = p->units;
    const uint32_t wide = p->wide;
    sums(k, at->inputs, at->products, 4 * wide, w->gates);
    k->sigmoid_f32(w->gates, 2 * wide, w->gates);
    k->tanh_f32(w->gates + 2 * wide, wide, w->gates + 2 * wide);
    k->sigmoid_f32(w->gates + 3 * wide, wide, w->gates + 3 * wide);
    k->tanh_f32(at->cell, wide, w->tanh_c);
    for (uint32_t u = 0; u < n; u++) {
        const float i = w->gates[u];
        const float f = w->gates[wide + u];
        const float g = w->gates[2 * wide + u];
        const float o = w->gates[3 * wide + u];
        const float t = w->tanh_c[u];
        const float dc = w->dc[u] + w->dh[u] * o * (1.0f - t * t);
        at->d[u] = dc * g * i * (1.0f - i);
        at->d[n + u] = dc * at->cell_before[u] * f * (1.0f - f);
        at->d[2 * n + u] = dc * i * (1.0f - g * g);
        at->d[3 * n + u] = w->dh[u] * t * o * (1.0f - o);
        w->dc[u] = dc * f;
        w->dh[u] = 0.0f;
    }
}

/* Both kinds; the candidate's product is r * (R h), or R (r * h). */
static void back_gru(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const uint32_t n = p->units;
    const uint32_t wide = p->wide;
    float *candidate = w->gates + 2 * wide;
    const float *product = at->products + 2 * wide;
    sums(k, at->inputs, at->products, 2 * wide, w->gates);
    k->sigmoid_f32(w->gates, 2 * wide, w->gates);
    for (uint32_t u = 0; u < n; u++)
        candidate[u] = at->inputs[2 * wide + u] + (p->is_split ? 1.0f : w->gates[u]) * product[u];
    k->tanh_f32(candidate, wide, candidate);
    for (uint32_t u = 0; u < n; u++) {
        const float z = w->gates[wide + u];
        const float c = candidate[u];
        at->d[2 * n + u] = w->dh[u] * (1.0f - z) * (1.0f - c * c);
        at->d[n + u] = w->dh[u] * (at->before[u] - c) * z * (1.0f - z);
        w->dh[u] *= z;
    }
    const float *reset = product;
    if (p->is_split) {
        hari_product_run(&p->candidate, k, at->d + 2 * n, 1, false, w->carry);
        for (uint32_t u = 0; u < n; u++) w->dh[u] += w->carry[u] * w->gates[u];
        reset = at->before;
    }
    for (uint32_t u = 0; u < n; u++) {
        const float r = w->gates[u];
        const float by_product = p->is_split ? w->carry[u] : at->d[2 * n + u];
        at->d[u] = by_product * reset[u] * r * (1.0f - r);
        w->products[u] = at->d[u];
        w->products[n + u] = at->d[n + u];
        w->products[2 * n + u] = at->d[2 * n + u] * r;
    }
}

static work lay_out(const prepared *p, void *scratch)
{
    float *at = scratch;
    const size_t wide = p->wide;
    memset(scratch, 0, wide * (2 * p->gates + WIDE_PARTS) * sizeof *at);
    work w = {.gates = at, .products = at + p->gates * wide};
    float **const parts[WIDE_PARTS] = {&w.dh, &w.carry, &w.dc, &w.tanh_c, &w.zeros};
    for (size_t i = 0; i < WIDE_PARTS; i++) *parts[i] = at + (2 * p->gates + i) * wide;
    return w;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    const hari_recurrent *layer = &step->node->recurrent;
    const size_t n = p->units;
    const size_t columns = (size_t)p->gates * p->wide;
    float *values = (float *)(uintptr_t)inputs[0]; /* which is only read */
    const hari_trace trace = hari_trace_of(values, p->rows, p->units, p->gates);
    const float *g = inputs[1];
    const work w = lay_out(p, scratch);
    for (uint32_t i = p->rows; i-- > 0;) {
        const size_t row = layer->reverse ? p->rows - 1 - i : i;
        const size_t before = layer->reverse ? row + 1 : row - 1;
        const place at = {trace.inputs + row * columns,
                          trace.products + row * columns,
                          trace.states + row * n,
                          i > 0 ? trace.states + before * n : w.zeros,
                          trace.cells + row * p->wide,
                          i > 0 ? trace.cells + before * p->wide : w.zeros,
                          (float *)output + row * p->gates * n};
        const float *own = !layer->last ? g + row * n : i == p->rows - 1 ? g : w.zeros;
        for (uint32_t u = 0; u < n; u++) w.dh[u] += own[u];
        switch (layer->cell) {
        case HARI_CELL_LSTM: back_lstm(step, &w, &at); break;
        case HARI_CELL_GRU: back_gru(step, &w, &at); break;
        default: back_rnn(step, &w, &at); break;
        }
        const float *by_products = layer->cell == HARI_CELL_GRU ? w.products : at.d;
        hari_product_run(&p->back, step->kernels, by_products, 1, i % 2 != 0, w.carry);
        for (uint32_t u = 0; u < n; u++) w.dh[u] += w.carry[u];
    }
}

const hari_op hari_back_recurrent_op = {
    .name = "back_recurrent", .check = hari_check_nothing, .prepare = prepare, .run = run};
