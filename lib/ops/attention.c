/* Scaled dot-product attention of several heads (Vaswani et al. 2017): both products are
 * convolutions in groups, a head each, whose weights are the keys and the values of the window. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "ops/list.h"
#include "ops/matmul.h"
#include "ops/weighted.h"

/* Queries that are taken at once: their logits stay in the caches. */
enum { MOST_QUERIES = 24 };

/* Sums of products of codes up to here are exact in binary32, in any order. */
#define LARGEST_SUM (1u << 24)
#define LARGEST_SCRATCH (1u << 29)

typedef struct prepared {
    bool is_codes;
    uint32_t queries;
    hark_conv logits;    /* of up to MOST_QUERIES rows; columns [heads][keys] */
    hark_conv result;    /* of as many */
    const float *bias;   /* zeros for either */
    float logit_scale;   /* of codes */
    hark_codes codes[3]; /* of queries, keys, values: less their zero points */
    hark_codes weights;  /* 0 .. 255 */
    hark_codes output;
} prepared;

/* Parts of the scratch, in floats; the last is of bytes. */
typedef struct places {
    float *key_panels;
    float *value_panels;
    float *logits;
    float *x; /* of codes: queries, keys, or values as numbers, then the result */
    uint8_t *weights;
} places;

typedef struct multipliers {
    float logits;
    float output;
} multipliers;

static multipliers multipliers_of(const hari_graph *graph, const hari_node *node)
{
    const float keys =
        hari_input(graph, node, 0)->scales[0] * hari_input(graph, node, 1)->scales[0];
    const float values = hari_input(graph, node, 2)->scales[0] * (1.0f / 255.0f);
    multipliers m = {keys * node->scale, values / hari_output(graph, node)->scales[0]};
    if (!isnormal(keys)) m.logits = 0.0f;
    if (!isnormal(values)) m.output = 0.0f;
    return m;
}

/* One rule of the op. */
static int32_t require(bool holds, const hari_graph *graph, const hari_node *node, double found,
                       const char *relation, double bound, const char *what, har_error *error)
{
    if (holds) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, found, relation, bound, "%s (attention) %s",
                           hari_path_of(graph, node).text, what);
}

static int32_t require_multiplier(const hari_graph *graph, const hari_node *node, float value,
                                  const char *what, har_error *error)
{
    const float largest = 0x1p100f;
    return require(isnormal(value) && value <= largest, graph, node, (double)value,
                   "a normal number at most", (double)largest, what, error);
}

/* The weights of a row, 0 .. 255 each, sum to less than 2^10, so the sums of values are exact. */
static int32_t check_codes(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_tensor *queries = hari_input(graph, node, 0);
    const int64_t product =
        hari_largest_code(queries) * hari_largest_code(hari_input(graph, node, 1));
    const int64_t reach = product * (queries->columns / node->heads);
    int32_t status = require(reach <= LARGEST_SUM, graph, node, (double)reach, "at most",
                             LARGEST_SUM, "largest accumulator of the logits", error);
    const multipliers m = multipliers_of(graph, node);
    if (status == HAR_OK)
        status = require_multiplier(graph, node, m.logits, "multiplier of the logits", error);
    if (status == HAR_OK)
        status = require_multiplier(graph, node, m.output, "multiplier of the output", error);
    return status;
}

/* Keys are as wide as queries, values as many as keys, and heads have equal shares of columns. */
static int32_t check_shapes(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_tensor *q = hari_input(graph, node, 0);
    const hari_tensor *k = hari_input(graph, node, 1);
    const hari_tensor *v = hari_input(graph, node, 2);
    int32_t status = require(k->columns == q->columns, graph, node, k->columns, "equal to",
                             q->columns, "inputs[1] columns", error);
    if (status == HAR_OK)
        status = require(v->rows == k->rows, graph, node, v->rows, "equal to", k->rows,
                         "inputs[2] rows", error);
    if (status == HAR_OK)
        status = require(q->columns % node->heads == 0, graph, node, q->columns, "a multiple of",
                         node->heads, "inputs[0] columns", error);
    if (status == HAR_OK)
        status = require(v->columns % node->heads == 0, graph, node, v->columns, "a multiple of",
                         node->heads, "inputs[2] columns", error);
    return status;
}

static int32_t check(const hari_graph *graph, const hari_node *node, har_error *error)
{
    int32_t status = hari_expect_inputs(graph, node, 3, 3, error);
    if (status == HAR_OK) status = hari_expect_computed(graph, node, 0, HARI_F32, HARI_U8, error);
    if (status != HAR_OK) return status;
    const hari_tensor *q = hari_input(graph, node, 0);
    for (uint32_t i = 1; i <= 2 && status == HAR_OK; i++)
        status = hari_expect_computed(graph, node, i, q->dtype, q->dtype, error);
    if (status == HAR_OK) status = check_shapes(graph, node, error);
    if (status == HAR_OK)
        status = hari_expect_output(graph, node, q->dtype, q->rows,
                                    hari_input(graph, node, 2)->columns, error);
    if (status != HAR_OK || q->dtype != HARI_U8) return status;
    return check_codes(graph, node, error);
}

static uint64_t panel_floats(const hark_conv *s)
{
    return (uint64_t)hark_packed_columns(s) * (s->columns_in / s->groups);
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Places in the scratch; their end in bytes. */
static uint64_t lay_out(const prepared *p, unsigned char *scratch, places *at)
{
    const uint64_t logits = (uint64_t)MOST_QUERIES * p->logits.columns_out;
    const uint64_t keys = p->result.columns_in / p->result.groups;
    const uint64_t rows = larger(keys, MOST_QUERIES);
    const uint64_t numbers = rows * larger(p->logits.columns_in, p->result.columns_out);
    const uint64_t floats[4] = {panel_floats(&p->logits), panel_floats(&p->result), logits,
                                p->is_codes ? numbers : 0};
    float **const parts[4] = {&at->key_panels, &at->value_panels, &at->logits, &at->x};
    uint64_t bytes = 0;
    for (int i = 0; i < 4; i++) {
        if (scratch) *parts[i] = (float *)(void *)(scratch + bytes);
        bytes += floats[i] * sizeof(float);
    }
    if (scratch) at->weights = scratch + bytes;
    return bytes + (p->is_codes ? logits : 0);
}

static void prepare_codes(prepared *p, const hari_graph *graph, const hari_node *node)
{
    const multipliers m = multipliers_of(graph, node);
    const hari_tensor *y = hari_output(graph, node);
    for (uint32_t i = 0; i < 3; i++)
        p->codes[i] = (hark_codes){.scale = 1.0f, .zero = hari_input(graph, node, i)->zero_point};
    p->logit_scale = m.logits;
    p->weights = (hark_codes){.scale = 1.0f, .inverse_scale = 255.0f, .high = 255};
    p->output = (hark_codes){.inverse_scale = m.output, .zero = y->zero_point, .high = 255};
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    prepared *p = hari_prepare(step, sizeof *p, pool, error);
    if (!p) return HAR_ERR_MEMORY;
    const hari_node *node = step->node;
    const hari_tensor *q = hari_input(graph, node, 0);
    const uint32_t keys = hari_input(graph, node, 1)->rows;
    const uint32_t columns = hari_output(graph, node)->columns;
    p->is_codes = q->dtype == HARI_U8;
    p->queries = q->rows;
    p->logits = hari_heads_product(node->heads, q->columns, node->heads * keys);
    p->result = hari_heads_product(node->heads, node->heads * keys, columns);
    if (p->is_codes) prepare_codes(p, graph, node);
    places none;
    const uint64_t bytes = lay_out(p, NULL, &none);
    const int32_t status = require(bytes <= LARGEST_SCRATCH, graph, node, (double)bytes, "at most",
                                   LARGEST_SCRATCH, "bytes of scratch", error);
    if (status != HAR_OK) return status;
    step->scratch_bytes = (size_t)bytes;
    step->macs = (uint64_t)q->rows * keys * (q->columns + columns);
    step->isa = step->kernels->conv_f32_isa;
    p->bias = hari_pool_alloc(
        pool, (size_t)larger(hark_packed_columns(&p->logits), hark_packed_columns(&p->result)),
        sizeof *p->bias);
    return p->bias ? HAR_OK
                   : hari_fail(error, HAR_ERR_MEMORY, "%s bias", hari_op_name(step->node->kind));
}

/* `rows` rows of a product. */
static void multiply(const hari_step *step, hark_conv shape, uint32_t rows, const float *panels,
                     const float *x, float *y)
{
    const prepared *p = step->prepared;
    shape.rows = rows;
    const hark_conv_f32 conv = {shape, panels, p->bias, -INFINITY, INFINITY, 0, 0};
    step->kernels->conv_f32(&conv, x, y);
}

/* An input from row `first` on: numbers as they are, codes less their zero point. */
static const float *numbers(const hari_step *step, const void *const *inputs, uint32_t input,
                            size_t first, size_t count, const places *at)
{
    const prepared *p = step->prepared;
    if (!p->is_codes) return (const float *)inputs[input] + first;
    step->kernels->dequantize_u8(&p->codes[input], (const uint8_t *)inputs[input] + first, count,
                                 at->x);
    return at->x;
}

static void pack_inputs(const hari_step *step, const void *const *inputs, const places *at)
{
    const prepared *p = step->prepared;
    const size_t d = p->logits.columns_in;
    const size_t e = p->result.columns_out;
    const size_t heads = p->logits.groups;
    const size_t keys = p->result.columns_in / heads;
    hari_matrix m = {numbers(step, inputs, 1, 0, keys * d, at), d / heads, d, 1,
                     p->is_codes ? 1.0f : step->node->scale};
    hari_pack_matrix(&p->logits, &m, at->key_panels);
    m = (hari_matrix){numbers(step, inputs, 2, 0, keys * e, at), e / heads, 1, e, 1.0f};
    hari_pack_matrix(&p->result, &m, at->value_panels);
}

/* Logits to weights: the softmax; of codes scaled before it, and rounded to 0 .. 255 after it. */
static void weigh(const hari_step *step, uint32_t rows, const places *at)
{
    const prepared *p = step->prepared;
    const hark_table *k = step->kernels;
    const uint32_t heads = p->logits.groups;
    const uint32_t keys = p->logits.columns_out / heads;
    const uint32_t n = rows * p->logits.columns_out;
    const hark_pair scaled = {1, n, 0, 0, true};
    if (p->is_codes)
        k->multiply_f32(&scaled, at->logits, &p->logit_scale, -INFINITY, INFINITY, at->logits);
    k->softmax_f32(at->logits, rows * heads, keys, at->logits);
    if (!p->is_codes) return;
    k->quantize_u8(&p->weights, at->logits, n, at->weights);
    k->dequantize_u8(&p->weights, at->weights, n, at->logits);
}

static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    const prepared *p = step->prepared;
    const size_t d = p->logits.columns_in;
    const size_t e = p->result.columns_out;
    places at = {0};
    lay_out(p, scratch, &at);
    pack_inputs(step, inputs, &at);
    for (uint32_t first = 0; first < p->queries; first += MOST_QUERIES) {
        const uint32_t left = p->queries - first;
        const uint32_t rows = left < MOST_QUERIES ? left : MOST_QUERIES;
        const float *x = numbers(step, inputs, 0, first * d, rows * d, &at);
        multiply(step, p->logits, rows, at.key_panels, x, at.logits);
        weigh(step, rows, &at);
        float *y = p->is_codes ? at.x : (float *)output + first * e;
        multiply(step, p->result, rows, at.value_panels, at.logits, y);
        if (p->is_codes)
            step->kernels->quantize_u8(&p->output, y, rows * e, (uint8_t *)output + first * e);
    }
}

const hari_op hari_attention_op = {.check = check, .prepare = prepare, .run = run};
