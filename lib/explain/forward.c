/* A network's nodes once more, in FP32, and taken apart where its gradient needs what lies between.
 */
#include "base/error.h"
#include "explain/gradient.h"
#include "ops/list.h"
#include "ops/matmul.h"
#include "ops/trace.h"

typedef struct copy {
    hari_builder *b;
    const hari_graph *source;
    uint32_t *tensor_of; /* the tensor here of one of the source */
} copy;

/* What values stand for: (value - zero) * factor * scales[row], a row being one of `rows`. */
typedef struct codes {
    int32_t zero;
    float factor;
    const float *scales;
    size_t rows;
} codes;

static float value_at(const hari_tensor *t, size_t i)
{
    switch (t->dtype) {
    case HARI_I8: return (float)((const int8_t *)t->data)[i];
    case HARI_I32: return (float)((const int32_t *)t->data)[i];
    default: return (float)((const uint8_t *)t->data)[i];
    }
}

static uint32_t dequantized(const copy *c, const hari_tensor *t, const codes *of, hari_pool *pool)
{
    float *values = hari_builder_values(c->b, pool, t->elements);
    if (!values) return 0;
    for (size_t i = 0; i < t->elements; i++)
        values[i] = (value_at(t, i) - (float)of->zero) *
                    (of->factor * of->scales[i / (t->elements / of->rows)]);
    return hari_builder_constant(c->b, t->rank, t->dim, values);
}

/* The scales of an integer bias, `position` of the node, are those of its product: of the input
 * and the weights, or, of a recurrent layer's own bias, of the state and the last of its weights.
 */
static uint32_t bias_of(const copy *c, const hari_node *node, uint32_t position)
{
    const bool is_recurrent = node->kind == HARI_OP_RECURRENT;
    const bool is_own = is_recurrent && position == 4;
    const hari_tensor *bias = hari_input(c->source, node, position);
    const hari_tensor *weight = hari_input(c->source, node, is_own ? 2 : 1);
    const hari_tensor *x = is_own ? hari_output(c->source, node) : hari_input(c->source, node, 0);
    codes of = {.factor = x->scales[0], .scales = weight->scales, .rows = weight->scale_count};
    if (of.rows > 1) {
        of.scales += of.rows - bias->elements;
        of.rows = bias->elements;
    }
    return dequantized(c, bias, &of, c->b->scratch);
}

/* Input `position` of a node, as a tensor here. */
static uint32_t taken(const copy *c, const hari_node *node, uint32_t position)
{
    const hari_tensor *t = hari_input(c->source, node, position);
    if (!t->data) return c->tensor_of[node->inputs[position]];
    if (t->dtype == HARI_F32) return hari_builder_constant(c->b, t->rank, t->dim, t->data);
    if (t->dtype == HARI_I32) return bias_of(c, node, position);
    const codes of = {t->zero_point, 1.0f, t->scales, t->scale_count};
    /* weights are packed while a plan is built; what a pair holds is read where it lies */
    return dequantized(c, t, &of, t->dtype == HARI_I8 ? c->b->scratch : c->b->pool);
}

/* The trace of a layer, and the states that it begins with. */
static uint32_t copy_recurrent(const copy *c, const hari_node *node, const uint32_t *inputs)
{
    const uint32_t rows = hari_input(c->source, node, 0)->rows;
    const uint32_t units = hari_input(c->source, node, 2)->dim[1];
    const hari_recurrent *layer = &node->recurrent;
    const hari_trace trace = hari_trace_of(NULL, rows, units, hari_recurrent_gates(node));
    const uint32_t traced = hari_builder_node(c->b, HARI_OP_RECURRENT_TRACE, node, inputs,
                                              node->input_count, 1, trace.size)
                                ->output;
    const uint32_t kept = layer->last ? 1 : rows;
    hari_node *states =
        hari_builder_node(c->b, HARI_OP_SLICE, NULL, &traced, 1, 1, (size_t)kept * units);
    states->axis = 1;
    states->begin = layer->last && !layer->reverse ? (rows - 1) * units : 0;
    states->count = kept * units;
    return hari_builder_op(c->b, HARI_OP_RESHAPE, NULL, states->output, HARI_NO_TENSOR, kept,
                           units);
}

/* Products of queries and keys, their softmax for each query of each head, products with values. */
static uint32_t copy_attention(const copy *c, const hari_node *node, const uint32_t *inputs)
{
    const size_t queries = hari_input(c->source, node, 0)->rows;
    const size_t keys = hari_input(c->source, node, 1)->rows;
    const uint32_t heads = node->heads;
    const uint32_t none = HARI_NO_TENSOR;
    hari_node *dots =
        hari_builder_node(c->b, HARI_OP_MATMUL, node, inputs, 2, queries, heads * keys);
    dots->begin = HARI_MATMUL_DOTS;
    uint32_t t =
        hari_builder_op(c->b, HARI_OP_RESHAPE, NULL, dots->output, none, queries * heads, keys);
    hari_node *softmax =
        hari_builder_node(c->b, HARI_OP_SOFTMAX, node, &t, 1, queries * heads, keys);
    softmax->axis = 1;
    t = hari_builder_op(c->b, HARI_OP_RESHAPE, NULL, softmax->output, none, queries, heads * keys);
    const uint32_t weighed[2] = {t, inputs[2]};
    hari_node *result = hari_builder_node(c->b, HARI_OP_MATMUL, NULL, weighed, 2, queries,
                                          hari_output(c->source, node)->columns);
    result->heads = heads;
    result->begin = HARI_MATMUL_PLAIN;
    return result->output;
}

static uint32_t copy_node(const copy *c, const hari_node *node)
{
    const hari_tensor *y = hari_output(c->source, node);
    uint32_t inputs[HARI_MAX_OP_INPUTS];
    for (uint32_t i = 0; i < node->input_count; i++) inputs[i] = taken(c, node, i);
    switch (node->kind) {
    case HARI_OP_QUANTIZE:
    case HARI_OP_DEQUANTIZE: return inputs[0];
    case HARI_OP_RECURRENT: return copy_recurrent(c, node, inputs);
    case HARI_OP_ATTENTION: return copy_attention(c, node, inputs);
    default:
        return hari_builder_node(c->b, node->kind, node, inputs, node->input_count, y->rows,
                                 y->columns)
            ->output;
    }
}

uint32_t hari_gradient_forward(hari_builder *b, const hari_graph *source, bool *is_logits)
{
    const hari_tensor *input = &source->tensors[source->input];
    const hari_tensor *output = &source->tensors[source->output];
    copy c = {b, source, hari_pool_alloc(b->scratch, source->tensor_count, sizeof *c.tensor_of)};
    if (!c.tensor_of && b->status == HAR_OK)
        b->status = hari_fail(b->error, HAR_ERR_MEMORY, "explainer");
    b->graph.input = hari_builder_tensor(b, input->rows, input->columns);
    if (b->status != HAR_OK) return 0;
    c.tensor_of[source->input] = b->graph.input;
    const hari_node *last = &source->nodes[output->producer];
    *is_logits = last->kind == HARI_OP_SOFTMAX && output->uses == 1;
    for (uint32_t n = 0; n < source->node_count && b->status == HAR_OK; n++) {
        const hari_node *node = &source->nodes[n];
        if (*is_logits && node == last) continue;
        c.tensor_of[node->output] = copy_node(&c, node);
    }
    return c.tensor_of[*is_logits ? last->inputs[0] : source->output];
}
