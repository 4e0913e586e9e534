/* Ops of the file: their kinds, inputs and outputs. */
#include "base/error.h"
#include "graph/graph.h"
#include "model/schema.h"

static int32_t check_tensor_index(const hari_graph *graph, int32_t tensor, uint32_t index,
                                  const char *field, uint32_t position, har_error *error)
{
    if (tensor >= 0 && (uint32_t)tensor < graph->tensor_count) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, tensor, "below", graph->tensor_count,
                           "graph.ops[%u].%s[%u]", index, field, position);
}

static int32_t read_inputs(hari_graph *graph, hari_node *node, hari_vector inputs, uint32_t index,
                           hari_pool *pool, har_error *error)
{
    if (inputs.count < 1 || inputs.count > HARI_MAX_OP_INPUTS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, inputs.count, "1 to",
                               HARI_MAX_OP_INPUTS, "graph.ops[%u].inputs count", index);
    node->inputs = hari_pool_alloc(pool, inputs.count, sizeof *node->inputs);
    if (!node->inputs) return hari_fail(error, HAR_ERR_MEMORY, "graph.ops[%u].inputs", index);
    node->input_count = inputs.count;
    for (uint32_t i = 0; i < inputs.count; i++) {
        int32_t tensor = hari_i32_of(inputs, i);
        int32_t status = check_tensor_index(graph, tensor, index, "inputs", i, error);
        if (status != HAR_OK) return status;
        node->inputs[i] = (uint32_t)tensor;
        hari_tensor *t = &graph->tensors[tensor];
        if (!t->data && t->producer == HARI_NO_NODE && (uint32_t)tensor != graph->input)
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is read before it is written",
                                  "graph.ops[%u].inputs[%u]", index, i);
        t->uses++;
    }
    return HAR_OK;
}

static int32_t read_output(hari_graph *graph, hari_node *node, hari_vector outputs, uint32_t index,
                           har_error *error)
{
    if (outputs.count != 1)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, outputs.count, "equal to", 1,
                               "graph.ops[%u].outputs count", index);
    int32_t tensor = hari_i32_of(outputs, 0);
    int32_t status = check_tensor_index(graph, tensor, index, "outputs", 0, error);
    if (status != HAR_OK) return status;
    hari_tensor *t = &graph->tensors[tensor];
    if (t->data || t->producer != HARI_NO_NODE || (uint32_t)tensor == graph->input)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                              "is a constant, the input, or written a second time",
                              "graph.ops[%u].outputs[0]", index);
    if (t->rank > 2)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, t->rank, "at most", 2,
                               "graph.tensors[%d].shape rank of a computed tensor", tensor);
    if (t->scale_count > 1)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, t->scale_count, "equal to", 1,
                               "graph.tensors[%d].quantization.scales count of a computed tensor",
                               tensor);
    t->producer = index;
    node->output = (uint32_t)tensor;
    return HAR_OK;
}

static int32_t build_node(hari_graph *graph, hari_table table, uint32_t index, hari_pool *pool,
                          har_error *error)
{
    hari_node *node = &graph->nodes[index];
    node->name = hari_get_string(table, HARI_Op_name);
    unsigned kind = hari_get_u8(table, HARI_Op_params_type, HARI_OP_NONE);
    if (kind == HARI_OP_NONE || kind >= HARI_OP_KINDS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, kind, "1 to", HARI_OP_KINDS - 1,
                               "graph.ops[%u].params_type", index);
    node->kind = (hari_op_kind)kind;
    hari_table params = hari_get_table(table, HARI_Op_params);
    int32_t status = hari_graph_read_params(node, params, index, error);
    if (status == HAR_OK)
        status =
            read_inputs(graph, node, hari_get_vector(table, HARI_Op_inputs), index, pool, error);
    if (status == HAR_OK)
        status = read_output(graph, node, hari_get_vector(table, HARI_Op_outputs), index, error);
    return status;
}

int32_t hari_graph_build_nodes(hari_graph *graph, hari_table graph_table, hari_pool *pool,
                               har_error *error)
{
    hari_vector ops = hari_get_vector(graph_table, HARI_Graph_ops);
    if (ops.count < 1 || ops.count > HARI_MAX_OPS)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, ops.count, "1 to", HARI_MAX_OPS,
                               "graph.ops count");
    graph->nodes = hari_pool_alloc(pool, ops.count, sizeof *graph->nodes);
    if (!graph->nodes) return hari_fail(error, HAR_ERR_MEMORY, "graph.ops");
    graph->node_count = ops.count;
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < ops.count && status == HAR_OK; i++)
        status = build_node(graph, hari_table_of(ops, i), i, pool, error);
    return status;
}
