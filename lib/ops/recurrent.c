/* A recurrent layer: the product of a stretch of input rows at once, then step by step the product
 * of the state and the cell. Formulas in docs/design/numbers.md. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "ops/list.h"
#include "ops/product.h"
#include "ops/trace.h"
#include "ops/weighted.h"

/* Input rows whose products are taken together: enough to use each weight often, few enough to stay
 * in the inner caches until the steps take them. */
enum { STRETCH = 32 };

typedef struct prepared {
    hark_cell cell;
    bool reverse;
    bool last;
    uint32_t rows;
    uint32_t units;
    uint32_t wide;
    uint32_t columns;   /* of a row of products: gates * wide */
    size_t row_bytes;   /* of the input */
    size_t state_bytes; /* of a row of output */
    hari_product input;
    hari_product state;
    hari_product candidate; /* of a GRU whose reset comes before the product */
    bool is_codes;
    hark_codes codes;    /* of the state */
    size_t trace_offset; /* in the scratch of a trace: products of all rows */
} prepared;

/* What a run keeps, in the scratch. */
typedef struct state {
    float *inputs;   /* [STRETCH][columns], products */
    float *products; /* [columns], of the state */
    float *h;        /* [wide] */
    float *kept;     /* [2 * wide] */
    uint8_t *codes;  /* of h, and of reset * h; HARK_SLACK bytes more */
} state;

uint32_t hari_recurrent_gates(const hari_node *node)
{
    static const uint32_t gates[HARI_CELLS] = {1, 4, 3};
    return gates[node->recurrent.cell];
}

bool hari_recurrent_resets_after(const hari_node *node)
{
    return node->recurrent.cell == HARI_CELL_GRU && node->recurrent.reset_after;
}

static int32_t check_weights(const hari_graph *graph, const hari_node *node, uint32_t units,
                             har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *weight = hari_input(graph, node, 1);
    const bool is_f32 = x->dtype == HARI_F32;
    const uint64_t outputs = (uint64_t)hari_recurrent_gates(node) * units;
    if (weight->rank != 2 || weight->dim[1] != x->columns)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, weight->columns,
                               "of rank 2 with inputs", x->columns, "%s (recurrent) weight",
                               hari_path_of(graph, node).text);
    const hari_dtype dtype = is_f32 ? HARI_F32 : HARI_I8;
    const hari_dtype bias = is_f32 ? HARI_F32 : HARI_I32;
    int32_t status = hari_expect_constant(graph, node, 1, dtype, outputs * x->columns, error);
    if (status == HAR_OK)
        status = hari_expect_constant(graph, node, 2, dtype, outputs * units, error);
    if (status == HAR_OK && node->input_count > 3)
        status = hari_expect_constant(graph, node, 3, bias, outputs, error);
    if (status == HAR_OK && node->input_count > 4)
        status = hari_expect_constant(graph, node, 4, bias, units, error);
    return status;
}

/* The accumulators of both products. */
static int32_t check_integers(const hari_graph *graph, const hari_node *node, uint32_t units,
                              har_error *error)
{
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *y = hari_output(graph, node);
    hari_integer_weights weights = {.prefix = "",
                                    .weight = 1,
                                    .bias = node->input_count > 3 ? 3 : 0,
                                    .outputs = hari_recurrent_gates(node) * units,
                                    .values = x->columns,
                                    .largest = hari_largest_code(x),
                                    .scale_in = x->scales[0],
                                    .scale_out = 1.0f};
    int32_t status = hari_integer_weights_check(graph, node, &weights, error);
    if (status != HAR_OK) return status;
    weights.prefix = "recurrent ";
    weights.weight = 2;
    weights.bias = node->input_count > 4 ? 4 : 0;
    weights.values = units;
    weights.largest = hari_largest_code(y);
    weights.scale_in = y->scales[0];
    status = hari_integer_weights_check(graph, node, &weights, error);
    return status == HAR_OK ? hari_expect_codes(graph, node, y, error) : status;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const uint32_t most = hari_recurrent_resets_after(node) ? 5 : 4;
    int32_t status = hari_expect_inputs(graph, node, 3, most, error);
    if (status != HAR_OK) return status;
    const bool is_i16 = hari_input(graph, node, 0)->dtype == HARI_I16;
    status = hari_expect_computed(graph, node, 0, is_i16 ? HARI_I16 : HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *recurrent = hari_input(graph, node, 2);
    const uint32_t units = recurrent->dim[recurrent->rank - 1];
    if (recurrent->rank != 2 || recurrent->dim[0] != (uint64_t)hari_recurrent_gates(node) * units)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, recurrent->dim[0],
                               "of rank 2 with outputs", (double)hari_recurrent_gates(node) * units,
                               "%s (recurrent) recurrent weight", hari_path_of(graph, node).text);
    status = hari_expect_output(graph, node, x->dtype == HARI_F32 ? HARI_F32 : HARI_U8,
                                node->recurrent.last ? 1 : x->rows, units, error);
    if (status == HAR_OK) status = check_weights(graph, node, units, error);
    if (status != HAR_OK || x->dtype == HARI_F32) return status;
    return check_integers(graph, node, units, error);
}

static hark_cell cell_of(const hari_node *node)
{
    switch (node->recurrent.cell) {
    case HARI_CELL_LSTM: return HARK_CELL_LSTM;
    case HARI_CELL_GRU:
        return hari_recurrent_resets_after(node) ? HARK_CELL_GRU : HARK_CELL_GRU_GATES;
    default: return node->activation == HARI_ACT_RELU ? HARK_CELL_RELU : HARK_CELL_TANH;
    }
}

/* Places in the scratch; its size where `scratch` is NULL. */
static size_t lay_out(const prepared *p, unsigned char *scratch, state *s)
{
    const size_t floats[] = {(size_t)(p->rows < STRETCH ? p->rows : STRETCH) * p->columns,
                             p->columns, p->wide, 2 * (size_t)p->wide};
    float **const places[] = {&s->inputs, &s->products, &s->h, &s->kept};
    size_t at = 0;
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        if (scratch) *places[i] = (float *)(void *)(scratch + at);
        at += floats[i] * sizeof(float);
    }
    if (scratch) s->codes = scratch + at;
    return at + (p->is_codes ? p->wide + HARK_SLACK : 0);
}

static int32_t prepare_products(prepared *p, const hari_step *step, const hari_graph *graph,
                                hari_pool *pool, har_error *error)
{
    const hari_node *node = step->node;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *y = hari_output(graph, node);
    const uint32_t gates = hari_recurrent_gates(node);
    const bool is_split = p->cell == HARK_CELL_GRU_GATES;
    hari_product_of of = {.weight = hari_input(graph, node, 1),
                          .bias = node->input_count > 3 ? hari_input(graph, node, 3) : NULL,
                          .units = p->units,
                          .gates = gates,
                          .dtype = x->dtype,
                          .scale = p->is_codes ? x->scales[0] : 1.0f,
                          .zero_point = x->zero_point};
    int32_t status = hari_product_prepare(&p->input, &of, step->kernels, pool, error);
    of.weight = hari_input(graph, node, 2);
    of.bias = node->input_count > 4 ? hari_input(graph, node, 4) : NULL;
    of.gates = is_split ? gates - 1 : gates;
    of.dtype = y->dtype;
    of.scale = p->is_codes ? y->scales[0] : 1.0f;
    of.zero_point = y->zero_point;
    if (status == HAR_OK) status = hari_product_prepare(&p->state, &of, step->kernels, pool, error);
    of.gate = of.gates;
    of.gates = 1;
    if (status == HAR_OK && is_split)
        status = hari_product_prepare(&p->candidate, &of, step->kernels, pool, error);
    return status;
}

/* The state as the products take it. */
static const void *to_product(const prepared *p, const hark_table *k, const state *s,
                              const float *values)
{
    if (!p->is_codes) return values;
    k->quantize_u8(&p->codes, values, p->units, s->codes);
    return s->codes;
}

/* One step: `from` is the state before as the products take it; gives the state after as they do.
 */
static const void *take_step(const prepared *p, const hark_table *k, const state *s,
                             const float *inputs, bool backward, const void *from)
{
    hari_product_run(&p->state, k, from, 1, backward, s->products);
    k->cells_f32(p->cell, p->wide, inputs, s->products, s->h, s->kept);
    if (p->cell == HARK_CELL_GRU_GATES) {
        const size_t candidate = 2 * (size_t)p->wide;
        hari_product_run(&p->candidate, k, to_product(p, k, s, s->kept), 1, backward,
                         s->products + candidate);
        k->cells_f32(HARK_CELL_GRU_CANDIDATE, p->wide, inputs + candidate, s->products + candidate,
                     s->h, s->kept);
    }
    return to_product(p, k, s, s->h);
}

/* The state before the first step. */
static const void *begin(const prepared *p, const hark_table *k, const state *s)
{
    memset(s->h, 0, p->wide * sizeof *s->h);
    memset(s->kept, 0, 2 * (size_t)p->wide * sizeof *s->kept);
    return to_product(p, k, s, s->h);
}

/* Takes the step of row `row`, whose product is `inputs`; where all states are wanted, leaves it in
 * the output. */
static const void *step_row(const hari_step *step, const state *s, const float *inputs,
                            uint32_t row, uint32_t number, const void *now, void *output)
{
    const prepared *p = step->prepared;
    const void *next = take_step(p, step->kernels, s, inputs, number % 2 != 0, now);
    if (!p->last) memcpy((unsigned char *)output + row * p->state_bytes, next, p->state_bytes);
    return next;
}

/* How many of `left` rows are multiplied together: never one of several, whose last bits would be
 * other ones (hark_conv_f32). */
static uint32_t stretch_of(uint32_t left)
{
    if (left == STRETCH + 1) return STRETCH - 1;
    return left < STRETCH ? left : STRETCH;
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    state s;
    lay_out(p, scratch, &s);
    const void *now = begin(p, step->kernels, &s);
    for (uint32_t done = 0; done < p->rows;) {
        const uint32_t left = p->rows - done;
        const uint32_t count = stretch_of(left);
        const uint32_t first = p->reverse ? left - count : done;
        hari_product_run(&p->input, step->kernels,
                         (const unsigned char *)inputs[0] + first * p->row_bytes, count, false,
                         s.inputs);
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t row = p->reverse ? count - 1 - i : i;
            now = step_row(step, &s, s.inputs + (size_t)row * p->columns, first + row, i, now,
                           output);
        }
        done += count;
    }
    if (p->last) memcpy(output, now, p->state_bytes);
}

/* Products of the rows of the window, in a ring: that of row r is at (first + r) % rows. */
typedef struct ring {
    uint32_t first;
    float *rows;
} ring;

static ring ring_of(void *kept)
{
    ring r = {.rows = (float *)(void *)((unsigned char *)kept + HARI_ALIGNMENT)};
    memcpy(&r.first, kept, sizeof r.first);
    return r;
}

static float *ring_row(const prepared *p, const ring *r, uint32_t row)
{
    return r->rows + (size_t)((r->first + row) % p->rows) * p->columns;
}

/* The products of rows `from` .. `end` - 1. Of one row alone its neighbour is multiplied, too. */
static void fill_ring(const hari_step *step, const state *s, const ring *r, const void *input,
                      uint32_t from, uint32_t end)
{
    const prepared *p = step->prepared;
    while (from < end) {
        uint32_t count = stretch_of(end - from);
        uint32_t first = from;
        if (count == 1 && p->rows > 1) {
            first = from > 0 ? from - 1 : from;
            count = 2;
        }
        hari_product_run(&p->input, step->kernels,
                         (const unsigned char *)input + first * p->row_bytes, count, false,
                         s->inputs);
        for (uint32_t i = 0; i < count; i++)
            memcpy(ring_row(p, r, first + i), s->inputs + (size_t)i * p->columns,
                   p->columns * sizeof(float));
        from = first + count;
    }
}

/* The products of the input stay; the steps are all taken, because each depends on all before it.
 */
static void run_again(const hari_step *step, const hari_again *again)
{
    const prepared *p = step->prepared;
    state s;
    lay_out(p, again->scratch, &s);
    ring r = ring_of(again->kept);
    r.first = again->shift == 0 ? 0 : (r.first + again->shift) % p->rows;
    memcpy(again->kept, &r.first, sizeof r.first);
    fill_ring(step, &s, &r, again->inputs[0], 0, again->ends.head);
    fill_ring(step, &s, &r, again->inputs[0], again->ends.tail, p->rows);
    const void *now = begin(p, step->kernels, &s);
    for (uint32_t i = 0; i < p->rows; i++) {
        const uint32_t row = p->reverse ? p->rows - 1 - i : i;
        now = step_row(step, &s, ring_row(p, &r, row), row, i, now, again->output);
    }
    if (p->last) memcpy(again->output, now, p->state_bytes);
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_node *node = step->node;
    const hari_tensor *x = hari_input(graph, node, 0);
    const hari_tensor *y = hari_output(graph, node);
    const uint32_t gates = hari_recurrent_gates(node);
    p->cell = cell_of(node);
    p->reverse = node->recurrent.reverse;
    p->last = node->recurrent.last;
    p->rows = x->rows;
    p->units = hari_input(graph, node, 2)->dim[1];
    p->wide = hari_product_wide(p->units);
    p->columns = gates * p->wide;
    p->row_bytes = x->columns * hari_dtype_size(x->dtype);
    p->state_bytes = p->units * hari_dtype_size(y->dtype);
    p->is_codes = y->dtype == HARI_U8;
    if (p->is_codes) p->codes = hari_codes_of(y);
    int32_t status = prepare_products(p, step, graph, pool, error);
    state none;
    step->scratch_bytes = lay_out(p, NULL, &none);
    step->macs = (uint64_t)p->rows * gates * p->units * ((uint64_t)x->columns + p->units);
    step->weight_bytes = hari_tensor_bytes(hari_input(graph, node, 1)) +
                         hari_tensor_bytes(hari_input(graph, node, 2));
    if (p->is_codes)
        step->halo = (hari_halo){.after = HARK_SLACK,
                                 .input_bytes = hari_tensor_bytes(x),
                                 .value = x->dtype == HARI_U8 ? x->zero_point : 0};
    step->row_macs = (uint64_t)gates * p->units * x->columns;
    step->run_again = run_again;
    step->again_bytes = step->scratch_bytes;
    step->kept_bytes = HARI_ALIGNMENT + (size_t)p->rows * p->columns * sizeof(float);
    step->isa = hari_product_isa(&p->state, step->kernels);
    snprintf(step->reason, sizeof step->reason, "input in stretches of %d rows, then by steps",
             STRETCH);
    return status;
}

/* All states, F32 alone, and what they were made of. */
static void run_trace(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const hari_trace trace = hari_trace_of(output, p->rows, p->units, p->columns / p->wide);
    float *products = (float *)(void *)((unsigned char *)scratch + p->trace_offset);
    state s;
    lay_out(p, scratch, &s);
    begin(p, k, &s);
    hari_product_run(&p->input, k, inputs[0], p->rows, false, products);
    for (uint32_t i = 0; i < p->rows; i++) {
        const size_t row = p->reverse ? p->rows - 1 - i : i;
        float *own = trace.own + row * p->wide;
        s.products = trace.gates + row * p->columns;
        if (p->cell == HARK_CELL_GRU) { /* before the reset takes its place */
            hari_product_run(&p->state, k, s.h, 1, i % 2 != 0, s.products);
            memcpy(own, s.products + 2 * (size_t)p->wide, p->wide * sizeof *own);
            k->cells_f32(p->cell, p->wide, products + row * p->columns, s.products, s.h, s.kept);
        } else {
            take_step(p, k, &s, products + row * p->columns, i % 2 != 0, s.h);
            memcpy(own, s.kept, p->wide * sizeof *own);
        }
        memcpy(trace.states + row * p->units, s.h, p->state_bytes);
    }
}

static int32_t prepare_trace(hari_step *step, const hari_graph *graph, hari_pool *pool,
                             har_error *error)
{
    int32_t status = prepare(step, graph, pool, error);
    if (status != HAR_OK) return status;
    prepared *p = step->prepared;
    p->trace_offset = (step->scratch_bytes + HARI_ALIGNMENT - 1) & ~(size_t)(HARI_ALIGNMENT - 1);
    step->scratch_bytes = p->trace_offset + (size_t)p->rows * p->columns * sizeof(float);
    return status;
}

const hari_op hari_recurrent_trace_op = {.prepare = prepare_trace, .run = run_trace};
const hari_op hari_recurrent_op = {.check = check, .prepare = prepare, .run = run};
