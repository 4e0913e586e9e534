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

/* What goes from step to step: [wide] each, and products for each gate. */
typedef struct work {
    float *dh;    /* gradient by the state; then what goes on of it */
    float *carry; /* by the state before, through the products */
    float *dc;    /* by the cell of an LSTM */
    float *tanh_c;
    float *zeros;    /* the state before the first */
    float *products; /* by the products of the state, of a GRU */
} work;

enum { WIDE_PARTS = 5 };

/* What a step reads, and where its gradient goes. */
typedef struct place {
    const float *gates; /* of the trace: [gates][wide] */
    const float *state; /* after the step */
    const float *before;
    const float *own;
    const float *own_before;
    float *d; /* [gates][units] */
} place;

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
    step->scratch_bytes = (size_t)p->wide * (p->gates + WIDE_PARTS) * sizeof(float);
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

static void add(const hari_step *step, const float *values, float *sums)
{
    const hark_pair pair = {1, ((const prepared *)step->prepared)->units, 0, 0, false};
    step->kernels->add_f32(&pair, sums, values, -INFINITY, INFINITY, sums);
}

static void back_rnn(const hari_step *step, const work *w, const place *at)
{
    const bool is_relu = step->node->activation == HARI_ACT_RELU;
    for (uint32_t u = 0; u < step->node->count; u++) {
        const float h = at->state[u];
        at->d[u] = w->dh[u] * (is_relu ? (float)(h > 0.0f) : 1.0f - h * h);
        w->dh[u] = 0.0f;
    }
}

static void back_lstm(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    step->kernels->tanh_f32(at->own, p->wide, w->tanh_c);
    const float *gates = at->gates;
    float *d = at->d;
    for (uint32_t u = 0; u < p->units; u++, gates++, d++) {
        const float i = gates[0];
        const float f = gates[p->wide];
        const float g = gates[2 * p->wide];
        const float o = gates[3 * p->wide];
        const float t = w->tanh_c[u];
        const float dh = w->dh[u];
        const float dc = w->dc[u] + dh * o * (1.0f - t * t);
        d[0] = dc * g * i * (1.0f - i);
        d[p->units] = dc * at->own_before[u] * f * (1.0f - f);
        d[2 * p->units] = dc * i * (1.0f - g * g);
        d[3 * p->units] = dh * t * o * (1.0f - o);
        w->dc[u] = dc * f;
        w->dh[u] = 0.0f;
    }
}

/* Both kinds: the candidate's product is r * (R h), or R (r * h). */
static void back_gru(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const uint32_t n = p->units;
    float *d = at->d;
    for (uint32_t u = 0; u < n; u++) {
        const float z = at->gates[p->wide + u];
        const float c = at->gates[2 * p->wide + u];
        d[n + u] = w->dh[u] * (at->before[u] - c) * z * (1.0f - z);
        d[2 * n + u] = w->dh[u] * (1.0f - z) * (1.0f - c * c);
        w->dh[u] *= z;
    }
    const float *reset = p->is_split ? at->before : at->own;
    const float *by = p->is_split ? w->carry : d + 2 * n;
    if (p->is_split) hari_product_run(&p->candidate, step->kernels, d + 2 * n, 1, false, w->carry);
    for (uint32_t u = 0; u < n; u++) {
        const float r = at->gates[u];
        d[u] = by[u] * reset[u] * r * (1.0f - r);
        w->products[2 * n + u] = by[u] * r;
    }
    memcpy(w->products, d, 2 * n * sizeof *d);
    if (p->is_split) add(step, w->products + 2 * n, w->dh);
}

static work lay_out(const prepared *p, float *scratch)
{
    const size_t wide = p->wide;
    memset(scratch, 0, wide * (p->gates + WIDE_PARTS) * sizeof *scratch);
    return (work){.dh = scratch,
                  .carry = scratch + wide,
                  .dc = scratch + 2 * wide,
                  .tanh_c = scratch + 3 * wide,
                  .zeros = scratch + 4 * wide,
                  .products = scratch + WIDE_PARTS * wide};
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    const hari_recurrent *layer = &step->node->recurrent;
    const size_t n = p->units;
    float *values = (float *)(uintptr_t)inputs[0]; /* which is only read */
    const hari_trace trace = hari_trace_of(values, p->rows, p->units, p->gates);
    const float *g = inputs[1];
    const work w = lay_out(p, scratch);
    for (uint32_t i = p->rows; i-- > 0;) {
        const size_t row = layer->reverse ? p->rows - 1 - i : i;
        const size_t before = layer->reverse ? row + 1 : row - 1;
        const place at = {.gates = trace.gates + row * p->gates * p->wide,
                          .state = trace.states + row * n,
                          .before = i > 0 ? trace.states + before * n : w.zeros,
                          .own = trace.own + row * p->wide,
                          .own_before = i > 0 ? trace.own + before * p->wide : w.zeros,
                          .d = (float *)output + row * p->gates * n};
        if (!layer->last || i == p->rows - 1) add(step, layer->last ? g : g + row * n, w.dh);
        const float *by_products = at.d;
        if (layer->cell == HARI_CELL_LSTM) {
            back_lstm(step, &w, &at);
        } else if (layer->cell == HARI_CELL_GRU) {
            back_gru(step, &w, &at);
            by_products = w.products;
        } else {
            back_rnn(step, &w, &at);
        }
        hari_product_run(&p->back, step->kernels, by_products, 1, i % 2 != 0, w.carry);
        add(step, w.carry, w.dh);
    }
}

const hari_op hari_back_recurrent_op = {.prepare = prepare, .run = run};
