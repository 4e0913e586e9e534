/* The gradient through a recurrent layer, backwards in time (Werbos 1990): of its trace and of the
 * gradient by its states that by the products of its input, [rows][gates * wide] as a product has
 * them. Constants are the recurrent weights, turned: [units][gates * wide], or, of a GRU whose
 * reset comes before the product, [units][2 * wide] and those of the candidate, [units][wide]. The
 * node's `rows` and `count` are rows and units. What fills units up to `wide` is 0 in the
 * gradient. */
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

/* What a step reads, and where its gradient goes. Of states more may be read than there are, up
 * to `wide`: what is made of it is 0. */
typedef struct place {
    const float *inputs;   /* of the trace */
    const float *products; /* likewise */
    const float *state;    /* after the step */
    const float *before;
    const float *cell;
    const float *cell_before;
    float *d; /* [gates * wide] */
} place;

static void sums(const hark_table *k, const float *a, const float *b, uint32_t n, float *y)
{
    const hark_pair pair = {1, n, 0, 0, false};
    k->add_f32(&pair, a, b, -INFINITY, INFINITY, y);
}

/* A panel of values by themselves: what is stored there is not what is read, so that loops become
 * vector instructions. */
typedef struct panel {
    float v[HARK_PANEL];
} panel;

#define EACH(u) for (uint32_t u = 0; u < HARK_PANEL; u++)

static void store(float *to, const panel *from) { memcpy(to, from->v, sizeof from->v); }

static void rnn_panel(bool is_relu, const float *h, float *dh, float *d)
{
    panel y;
    if (is_relu)
        EACH(u) y.v[u] = h[u] > 0.0f ? dh[u] : 0.0f;
    else
        EACH(u) y.v[u] = dh[u] * (1.0f - h[u] * h[u]);
    store(d, &y);
    memset(dh, 0, sizeof y);
}

/* `gates` and `d` are of a unit of the first gate; those of the others lie `wide` apart. */
static void lstm_panel(size_t wide, const float *gates, const float *tanh_c, const float *before,
                       float *dc, float *dh, float *d)
{
    const float *i = gates;
    const float *f = gates + wide;
    const float *g = gates + 2 * wide;
    const float *o = gates + 3 * wide;
    panel by[5];
    EACH(u)
    {
        const float t = tanh_c[u];
        const float by_cell = dc[u] + dh[u] * o[u] * (1.0f - t * t);
        by[0].v[u] = by_cell * g[u] * i[u] * (1.0f - i[u]);
        by[1].v[u] = by_cell * before[u] * f[u] * (1.0f - f[u]);
        by[2].v[u] = by_cell * i[u] * (1.0f - g[u] * g[u]);
        by[3].v[u] = dh[u] * t * o[u] * (1.0f - o[u]);
        by[4].v[u] = by_cell * f[u];
    }
    for (size_t gate = 0; gate < 4; gate++) store(d + gate * wide, &by[gate]);
    store(dc, &by[4]);
    memset(dh, 0, sizeof by[0]);
}

static void lstm(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const uint32_t wide = p->wide;
    sums(k, at->inputs, at->products, 4 * wide, w->gates);
    k->sigmoid_f32(w->gates, 2 * wide, w->gates);
    k->tanh_f32(w->gates + 2 * wide, wide, w->gates + 2 * wide);
    k->sigmoid_f32(w->gates + 3 * wide, wide, w->gates + 3 * wide);
    k->tanh_f32(at->cell, wide, w->tanh_c);
    for (uint32_t u = 0; u < wide; u += HARK_PANEL)
        lstm_panel(wide, w->gates + u, w->tanh_c + u, at->cell_before + u, w->dc + u, w->dh + u,
                   at->d + u);
}

/* By the candidate and the update. */
static void update_panel(size_t wide, const float *gates, const float *before, float *dh, float *d)
{
    const float *z = gates + wide;
    const float *c = gates + 2 * wide;
    panel by[3];
    EACH(u)
    {
        by[0].v[u] = dh[u] * (before[u] - c[u]) * z[u] * (1.0f - z[u]);
        by[1].v[u] = dh[u] * (1.0f - z[u]) * (1.0f - c[u] * c[u]);
        by[2].v[u] = dh[u] * z[u];
    }
    store(d + wide, &by[0]);
    store(d + 2 * wide, &by[1]);
    store(dh, &by[2]);
}

/* By the reset r, of `reset` times it, whose gradient is `by`; `products` is what the state's get.
 */
static void reset_panel(size_t wide, const float *r, const float *reset, const float *by, float *d,
                        float *products)
{
    panel y[2];
    EACH(u)
    {
        y[0].v[u] = by[u] * reset[u] * r[u] * (1.0f - r[u]);
        y[1].v[u] = by[u] * r[u];
    }
    store(d, &y[0]);
    store(products, &y[0]);
    memcpy(products + wide, d + wide, sizeof y[0]);
    store(products + 2 * wide, &y[1]);
}

/* Both kinds: the candidate's product is r * (R h), or R (r * h). */
static void gru(const hari_step *step, const work *w, const place *at)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const uint32_t wide = p->wide;
    const hark_pair pair = {1, wide, 0, 0, false};
    float *candidate = w->gates + 2 * wide;
    const float *product = at->products + 2 * wide;
    sums(k, at->inputs, at->products, 2 * wide, w->gates);
    k->sigmoid_f32(w->gates, 2 * wide, w->gates);
    if (!p->is_split) {
        k->multiply_f32(&pair, product, w->gates, -INFINITY, INFINITY, candidate);
        product = candidate;
    }
    sums(k, at->inputs + 2 * wide, product, wide, candidate);
    k->tanh_f32(candidate, wide, candidate);
    for (uint32_t u = 0; u < wide; u += HARK_PANEL)
        update_panel(wide, w->gates + u, at->before + u, w->dh + u, at->d + u);
    if (p->is_split) hari_product_run(&p->candidate, k, at->d + 2 * wide, 1, false, w->carry);
    const float *reset = p->is_split ? at->before : at->products + 2 * wide;
    const float *by = p->is_split ? w->carry : at->d + 2 * wide;
    for (uint32_t u = 0; u < wide; u += HARK_PANEL)
        reset_panel(wide, w->gates + u, reset + u, by + u, at->d + u, w->products + u);
    if (p->is_split) sums(k, w->dh, w->products + 2 * wide, wide, w->dh);
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
        const place at = {
            trace.inputs + row * columns,   trace.products + row * columns,
            trace.states + row * n,         i > 0 ? trace.states + before * n : w.zeros,
            trace.cells + row * p->wide,    i > 0 ? trace.cells + before * p->wide : w.zeros,
            (float *)output + row * columns};
        const float *own = !layer->last ? g + row * n : i == p->rows - 1 ? g : w.zeros;
        sums(step->kernels, w.dh, own, p->units, w.dh);
        switch (layer->cell) {
        case HARI_CELL_LSTM: lstm(step, &w, &at); break;
        case HARI_CELL_GRU: gru(step, &w, &at); break;
        default:
            for (uint32_t u = 0; u < p->wide; u += HARK_PANEL)
                rnn_panel(step->node->activation == HARI_ACT_RELU, at.state + u, w.dh + u,
                          at.d + u);
        }
        const float *by_products = layer->cell == HARI_CELL_GRU ? w.products : at.d;
        hari_product_run(&p->back, step->kernels, by_products, 1, i % 2 != 0, w.carry);
        sums(step->kernels, w.dh, w.carry, p->wide, w.dh);
    }
}

const hari_op hari_back_recurrent_op = {
    .name = "back_recurrent", .check = hari_check_nothing, .prepare = prepare, .run = run};
