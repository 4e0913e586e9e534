#include "graph/graph.h"

#include "base/error.h"
#include "model/schema.h"

/* The input and the output are computed F32 tensors of at most two dimensions. */
static int32_t check_end(const hari_graph *graph, int32_t tensor, const char *field,
                         har_error *error)
{
    if (tensor < 0 || (uint32_t)tensor >= graph->tensor_count)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, tensor, "below", graph->tensor_count,
                               "graph.%s", field);
    const hari_tensor *t = &graph->tensors[tensor];
    if (t->data || t->dtype != HARI_F32 || t->rank > 2)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING,
                              "must be a computed F32 tensor of rank 1 or 2", "graph.%s", field);
    return HAR_OK;
}

int32_t hari_graph_build(hari_graph *graph, hari_table model, hari_pool *pool, har_error *error)
{
    hari_table table = hari_get_table(model, HARI_Model_graph);
    hari_vector buffers = hari_get_vector(model, HARI_Model_buffers);
    int32_t status = hari_graph_build_tensors(graph, table, buffers, pool, error);
    if (status != HAR_OK) return status;
    int32_t input = hari_get_i32(table, HARI_Graph_input, 0);
    int32_t output = hari_get_i32(table, HARI_Graph_output, 0);
    status = check_end(graph, input, "input", error);
    if (status == HAR_OK) status = check_end(graph, output, "output", error);
    if (status != HAR_OK) return status;
    graph->input = (uint32_t)input;
    graph->output = (uint32_t)output;
    status = hari_graph_build_nodes(graph, table, pool, error);
    if (status != HAR_OK) return status;
    if (graph->tensors[output].producer == HARI_NO_NODE)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is written by no op", "graph.output");
    graph->tensors[output].uses++;
    return HAR_OK;
}
