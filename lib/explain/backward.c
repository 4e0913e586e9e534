/* From the gradient by a node's output to those by its inputs, node by node from the last to the
 * first. Formulas in docs/design/explain.md. */
#include "base/error.h"
#include "explain/gradient.h"
#include "ops/back_activation.h"
#include "ops/list.h"
#include "ops/matmul.h"
#include "ops/sliding.h"
#include "ops/trace.h"

typedef struct back {
    hari_builder *b;
    uint32_t *gradients; /* by each tensor of the network; HARI_NO_TENSOR: none so far */
} back;

static const hari_tensor *tensor(const back *k, uint32_t index)
{
    return &k->b->graph.tensors[index];
}

/* A node of one shape with tensor `like`. */
static uint32_t op(const back *k, hari_op_kind kind, const hari_node *node, uint32_t first,
                   uint32_t second, uint32_t like)
{
    const hari_tensor *t = tensor(k, like);
    return hari_builder_op(k->b, kind, node, first, second, t->rows, t->columns);
}

/* The gradient by input `position`, added to what others gave. */
static void give(const back *k, const hari_node *node, uint32_t position, uint32_t gradient)
{
    const uint32_t x = node->inputs[position];
    if (tensor(k, x)->data || k->b->status != HAR_OK) return;
    uint32_t *sum = &k->gradients[x];
    *sum = *sum == HARI_NO_TENSOR ? gradient : op(k, HARI_OP_ADD, NULL, *sum, gradient, x);
}

/* Weights [out][kernel][in / groups] as those of the way back: [in][kernel, last tap first][out /
 * groups]; of rank 2 where there is one tap. */
typedef struct weights {
    const float *values;
    uint32_t rank, out, kernel, in, groups;
} weights;

static uint32_t turned(const back *k, const weights *w)
{
    const uint32_t outputs = w->out / w->groups;
    const uint32_t dim[3] = {w->in * w->groups, w->rank == 2 ? outputs : w->kernel, outputs};
    float *values = hari_builder_values(k->b, k->b->scratch, (size_t)w->out * w->kernel * w->in);
    if (!values) return 0;
    float *to = values;
    for (uint32_t i = 0; i < dim[0]; i++)
        for (uint32_t tap = w->kernel; tap-- > 0;)
            for (uint32_t o = 0; o < outputs; o++) {
                const size_t row = (size_t)(i / w->in) * outputs + o;
                *to++ = w->values[(row * w->kernel + tap) * w->in + i % w->in];
            }
    return hari_builder_constant(k->b, w->rank, dim, values);
}

/* The same of `out` rows of a matrix from row `first` on. */
static uint32_t turned_rows(const back *k, const hari_tensor *w, uint32_t first, uint32_t out)
{
    const uint32_t in = w->dim[1];
    return turned(k, &(weights){(const float *)w->data + (size_t)first * in, 2, out, 1, in, 1});
}

/* A convolution with the weights turned. Zeros stand between the rows of the gradient, as many as
 * the stride passed over; `rows` of both, and `right` rows of padding, reach the last row of x. */
static void back_conv(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *x = tensor(k, node->inputs[0]);
    const hari_tensor *w = tensor(k, node->inputs[1]);
    hari_sliding s = node->sliding;
    s.kernel = w->dim[1];
    hari_slide slide = {0};
    (void)hari_slide_over(&k->b->graph, node, &s, x->rows, &slide, NULL); /* checked before */
    const uint32_t extent = (s.kernel - 1) * s.dilation + 1;
    uint32_t right = x->rows + slide.pad_left - ((slide.rows - 1) * s.stride + 1);
    if (right >= extent) right = extent - 1;
    uint32_t from = g;
    if (s.stride > 1) {
        hari_node *spread = hari_builder_node(k->b, HARI_OP_SPREAD, NULL, &g, 1,
                                              x->rows + slide.pad_left - right, w->dim[0]);
        spread->sliding.stride = s.stride;
        from = spread->output;
    }
    const weights of = {w->data, 3, w->dim[0], w->dim[1], w->dim[2], node->groups};
    const uint32_t inputs[2] = {from, turned(k, &of)};
    hari_node *conv = hari_builder_node(k->b, HARI_OP_CONV1D, NULL, inputs, 2, x->rows, x->columns);
    conv->groups = node->groups;
    conv->sliding = (hari_sliding){.stride = 1,
                                   .dilation = s.dilation,
                                   .padding = HARI_PAD_EXPLICIT,
                                   .pad_left = extent - 1 - slide.pad_left,
                                   .pad_right = right};
    give(k, node, 0, conv->output);
}

static void back_dense(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *w = tensor(k, node->inputs[1]);
    give(k, node, 0,
         op(k, HARI_OP_DENSE, NULL, g, turned_rows(k, w, 0, w->dim[0]), node->inputs[0]));
}

static void back_pool(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *x = tensor(k, node->inputs[0]);
    const uint32_t inputs[3] = {g, node->inputs[0], node->output};
    hari_node like = *node;
    if (node->kind != HARI_OP_POOL) like.sliding.kernel = 0;
    if (node->kind == HARI_OP_ADAPTIVE_POOL) like.pool = HARI_POOL_AVERAGE;
    give(k, node, 0,
         hari_builder_node(k->b, HARI_OP_BACK_POOL, &like, inputs,
                           like.pool == HARI_POOL_MAX ? 3 : 1, x->rows, x->columns)
             ->output);
}

static uint32_t sum_over(const back *k, uint32_t g, uint32_t axis)
{
    const hari_tensor *t = tensor(k, g);
    hari_node *sum = hari_builder_node(k->b, HARI_OP_GLOBAL_POOL, NULL, &g, 1,
                                       axis == 0 ? 1 : t->rows, axis == 0 ? t->columns : 1);
    sum->pool = HARI_POOL_SUM;
    sum->axis = axis;
    return sum->output;
}

/* A sum or a product; what stands for a whole row or column gets the sum of it. */
static void back_pair(const back *k, const hari_node *node, uint32_t g)
{
    for (uint32_t i = 0; i < 2; i++) {
        const hari_tensor *x = tensor(k, node->inputs[i]);
        if (x->data) continue;
        uint32_t by = g;
        if (node->kind == HARI_OP_MULTIPLY)
            by = op(k, HARI_OP_MULTIPLY, NULL, g, node->inputs[1 - i], node->output);
        if (x->columns < tensor(k, by)->columns) by = sum_over(k, by, 1);
        if (x->rows < tensor(k, by)->rows) by = sum_over(k, by, 0);
        give(k, node, i, by);
    }
}

static void back_concat(const back *k, const hari_node *node, uint32_t g)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < node->input_count; i++) {
        const hari_tensor *x = tensor(k, node->inputs[i]);
        hari_node *part = hari_builder_node(k->b, HARI_OP_SLICE, NULL, &g, 1, x->rows, x->columns);
        part->axis = node->axis;
        part->begin = begin;
        part->count = node->axis == 0 ? x->rows : x->columns;
        begin += part->count;
        give(k, node, i, part->output);
    }
}

static void back_slice(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *x = tensor(k, node->inputs[0]);
    if (k->b->graph.nodes[x->producer].kind == HARI_OP_RECURRENT_TRACE) {
        k->gradients[node->inputs[0]] = g; /* it takes the gradient of its states alone */
        return;
    }
    hari_node like = *node;
    like.sliding.stride = 1;
    give(k, node, 0, op(k, HARI_OP_SPREAD, &like, g, HARI_NO_TENSOR, node->inputs[0]));
}

static void back_layer_norm(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *x = tensor(k, node->inputs[0]);
    const uint32_t inputs[3] = {node->inputs[0], g, node->inputs[1]};
    give(k, node, 0,
         hari_builder_node(k->b, HARI_OP_BACK_LAYER_NORM, node, inputs, 3, x->rows, x->columns)
             ->output);
}

/* Of dots x w': by x it is g w, by w g' x; of a plain x w: by x it is g w', by w x' g. */
static void back_matmul(const back *k, const hari_node *node, uint32_t g)
{
    const uint32_t x = node->inputs[0];
    const uint32_t w = node->inputs[1];
    const bool is_dots = node->begin == HARI_MATMUL_DOTS;
    hari_node like = *node;
    like.begin = is_dots ? HARI_MATMUL_PLAIN : HARI_MATMUL_DOTS;
    give(k, node, 0, op(k, HARI_OP_MATMUL, &like, g, w, x));
    like.begin = HARI_MATMUL_TURNED;
    give(k, node, 1, op(k, HARI_OP_MATMUL, &like, is_dots ? g : x, is_dots ? x : g, w));
}

static void back_recurrent(const back *k, const hari_node *node, uint32_t g)
{
    const hari_tensor *x = tensor(k, node->inputs[0]);
    const hari_tensor *w = tensor(k, node->inputs[1]);
    const hari_tensor *r = tensor(k, node->inputs[2]);
    const uint32_t units = r->dim[1];
    const uint32_t outputs = r->dim[0];
    const bool is_split =
        node->recurrent.cell == HARI_CELL_GRU && !hari_recurrent_resets_after(node);
    const uint32_t first = is_split ? 2 * units : outputs; /* the rows of one product */
    const uint32_t inputs[4] = {node->output, g, turned_rows(k, r, 0, first),
                                is_split ? turned_rows(k, r, first, units) : 0};
    hari_node *by_products = hari_builder_node(k->b, HARI_OP_BACK_RECURRENT, node, inputs,
                                               is_split ? 4 : 3, x->rows, outputs);
    by_products->rows = x->rows;
    by_products->count = units;
    give(k, node, 0,
         op(k, HARI_OP_DENSE, NULL, by_products->output, turned_rows(k, w, 0, outputs),
            node->inputs[0]));
}

static void back_node(const back *k, const hari_node *node, uint32_t g)
{
    const uint32_t x = node->inputs[0];
    const uint32_t none = HARI_NO_TENSOR;
    switch (node->kind) {
    case HARI_OP_CONV1D: back_conv(k, node, g); break;
    case HARI_OP_DENSE: back_dense(k, node, g); break;
    case HARI_OP_POOL:
    case HARI_OP_ADAPTIVE_POOL:
    case HARI_OP_GLOBAL_POOL: back_pool(k, node, g); break;
    case HARI_OP_ADD:
    case HARI_OP_MULTIPLY: back_pair(k, node, g); break;
    case HARI_OP_CONCAT: back_concat(k, node, g); break;
    case HARI_OP_SLICE: back_slice(k, node, g); break;
    case HARI_OP_FLATTEN:
    case HARI_OP_RESHAPE: give(k, node, 0, op(k, HARI_OP_RESHAPE, NULL, g, none, x)); break;
    case HARI_OP_AFFINE:
        give(k, node, 0, op(k, HARI_OP_MULTIPLY, NULL, g, node->inputs[1], x));
        break;
    case HARI_OP_ACTIVATION:
        give(k, node, 0,
             op(k, HARI_OP_BACK_ACTIVATION, node, g,
                hari_tells_slope(node->activation) ? node->output : x, x));
        break;
    case HARI_OP_SOFTMAX:
        give(k, node, 0, op(k, HARI_OP_BACK_SOFTMAX, node, node->output, g, x));
        break;
    case HARI_OP_LAYER_NORM: back_layer_norm(k, node, g); break;
    case HARI_OP_MATMUL: back_matmul(k, node, g); break;
    case HARI_OP_RECURRENT_TRACE: back_recurrent(k, node, g); break;
    default: break;
    }
}

/* The pool over all rows from which the output follows by linear layers alone: the network has a
 * class activation map there (Zhou et al. 2016). NULL: there is none. */
static const hari_node *pool_of_map(const back *k, uint32_t output)
{
    uint32_t t = output;
    while (tensor(k, t)->producer != HARI_NO_NODE) {
        const hari_node *node = &k->b->graph.nodes[tensor(k, t)->producer];
        if (node->kind == HARI_OP_GLOBAL_POOL && node->axis == 0 && node->pool != HARI_POOL_MAX)
            return node;
        if (node->kind != HARI_OP_DENSE && node->kind != HARI_OP_FLATTEN &&
            node->kind != HARI_OP_AFFINE)
            return NULL;
        t = node->inputs[0];
    }
    return NULL;
}

uint32_t hari_gradient_backward(hari_builder *b, uint32_t output, uint32_t *map)
{
    *map = HARI_NO_TENSOR;
    back k = {b, hari_pool_alloc(b->scratch, b->graph.tensor_count, sizeof *k.gradients)};
    if (!k.gradients && b->status == HAR_OK)
        b->status = hari_fail(b->error, HAR_ERR_MEMORY, "explainer");
    if (b->status != HAR_OK) return 0;
    for (uint32_t t = 0; t < b->graph.tensor_count; t++) k.gradients[t] = HARI_NO_TENSOR;
    const hari_node *pool = pool_of_map(&k, output);
    uint32_t n = b->graph.node_count;
    k.gradients[output] = op(&k, HARI_OP_SEED, NULL, output, HARI_NO_TENSOR, output);
    while (n-- > 0 && b->status == HAR_OK) {
        const hari_node *node = &b->graph.nodes[n];
        const uint32_t g = k.gradients[node->output];
        if (g == HARI_NO_TENSOR) continue;
        back_node(&k, node, g);
        if (node != pool) continue;
        const uint32_t x = node->inputs[0];
        *map = sum_over(&k, op(&k, HARI_OP_MULTIPLY, NULL, x, k.gradients[x], x), 1);
    }
    return b->status == HAR_OK ? k.gradients[b->graph.input] : 0;
}
