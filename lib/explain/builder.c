#include "explain/builder.h"

#include <string.h>

#include "base/error.h"

/* As many as an arena holds at the most, so that bytes can be counted in 32 bits. */
#define MOST_ELEMENTS (1u << 27)

static void *room(hari_builder *b, hari_pool *pool, size_t count, size_t size)
{
    if (b->status != HAR_OK) return NULL;
    void *memory = hari_pool_alloc(pool, count, size);
    if (!memory) b->status = hari_fail(b->error, HAR_ERR_MEMORY, "explainer");
    return memory;
}

void hari_builder_start(hari_builder *b, uint32_t tensors, uint32_t inputs)
{
    b->graph.tensors = room(b, b->scratch, tensors, sizeof *b->graph.tensors);
    b->graph.nodes = room(b, b->scratch, tensors, sizeof *b->graph.nodes);
    b->inputs = room(b, b->scratch, inputs, sizeof *b->inputs);
}

float *hari_builder_values(hari_builder *b, hari_pool *pool, size_t count)
{
    return room(b, pool, count, sizeof(float));
}

uint32_t hari_builder_constant(hari_builder *b, uint32_t rank, const uint32_t *dim,
                               const float *values)
{
    hari_tensor t = {.name = "", .rank = rank, .data = values, .producer = HARI_NO_NODE};
    uint64_t elements = 1;
    for (uint32_t i = 0; i < rank; i++) elements *= t.dim[i] = dim[i];
    if (b->status == HAR_OK && elements > MOST_ELEMENTS)
        b->status = hari_fail_bound(b->error, HAR_ERR_MEMORY, (double)elements, "at most",
                                    MOST_ELEMENTS, "values of a tensor to explain");
    if (b->status != HAR_OK) return 0;
    t.elements = (size_t)elements;
    t.rows = rank == 1 ? 1 : dim[0];
    t.columns = dim[rank - 1];
    b->graph.tensors[b->graph.tensor_count] = t;
    return b->graph.tensor_count++;
}

uint32_t hari_builder_tensor(hari_builder *b, size_t rows, size_t columns)
{
    const uint32_t dim[2] = {(uint32_t)rows, (uint32_t)columns};
    return hari_builder_constant(b, 2, dim, NULL);
}

hari_node *hari_builder_node(hari_builder *b, hari_op_kind kind, const hari_node *like,
                             const uint32_t *inputs, uint32_t count, size_t rows, size_t columns)
{
    const uint32_t output = hari_builder_tensor(b, rows, columns);
    if (b->status != HAR_OK) return &b->none;
    hari_node *node = &b->graph.nodes[b->graph.node_count];
    *node = like ? *like : (hari_node){.groups = 1, .heads = 1, .scale = 1.0f};
    if (!like) node->sliding = (hari_sliding){.kernel = 1, .stride = 1, .dilation = 1};
    if (!like) node->name = "gradient";
    node->kind = kind;
    node->inputs = b->inputs + b->input_count;
    node->input_count = count;
    node->output = output;
    memcpy(node->inputs, inputs, count * sizeof *inputs);
    b->input_count += count;
    b->graph.tensors[output].producer = b->graph.node_count++;
    return node;
}

uint32_t hari_builder_op(hari_builder *b, hari_op_kind kind, const hari_node *like, uint32_t first,
                         uint32_t second, size_t rows, size_t columns)
{
    const uint32_t inputs[2] = {first, second};
    const uint32_t count = second == HARI_NO_TENSOR ? 1 : 2;
    return hari_builder_node(b, kind, like, inputs, count, rows, columns)->output;
}

int32_t hari_builder_finish(hari_builder *b, uint32_t output, hari_graph *graph)
{
    *graph = b->graph;
    graph->output = output;
    graph->tensors = room(b, b->pool, graph->tensor_count, sizeof *graph->tensors);
    graph->nodes = room(b, b->pool, graph->node_count, sizeof *graph->nodes);
    uint32_t *inputs = room(b, b->pool, b->input_count, sizeof *inputs);
    if (b->status != HAR_OK) return b->status;
    memcpy(graph->tensors, b->graph.tensors, graph->tensor_count * sizeof *graph->tensors);
    memcpy(graph->nodes, b->graph.nodes, graph->node_count * sizeof *graph->nodes);
    memcpy(inputs, b->inputs, b->input_count * sizeof *inputs);
    for (uint32_t n = 0; n < graph->node_count; n++)
        graph->nodes[n].inputs = inputs + (graph->nodes[n].inputs - b->inputs);
    for (uint32_t i = 0; i < b->input_count; i++) graph->tensors[inputs[i]].uses++;
    graph->tensors[output].uses++;
    return HAR_OK;
}
