#include "plan/plan.h"

#include "base/error.h"

/* Bytes of the constants that a node names. */
static uint64_t constant_bytes(const hari_graph *graph, const hari_node *node)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < node->input_count; i++)
        if (hari_input(graph, node, i)->data)
            bytes += hari_tensor_bytes(hari_input(graph, node, i));
    return bytes;
}

static int32_t check_node(const hari_graph *graph, const hari_node *node, har_error *error)
{
    const hari_op *op = hari_op_of(node->kind);
    if (op) return op->check ? op->check(graph, node, error) : HAR_OK;
    return hari_fail_text(error, HAR_ERR_FILE_FEATURE,
                          "is an op that this library was built without (HAR_OPS)", "%s (%s)",
                          hari_path_of(graph, node).text, hari_op_name(node->kind));
}

/* The check of an op reads its weights. Ops may share them, so what is read is bounded, not only
 * what there is. */
static int32_t check_nodes(const hari_graph *graph, har_error *error)
{
    uint64_t read = 0;
    int32_t status = HAR_OK;
    for (uint32_t n = 0; n < graph->node_count && status == HAR_OK; n++) {
        read += constant_bytes(graph, &graph->nodes[n]);
        if (read > HARI_MAX_CONSTANT_BYTES)
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)read, "at most",
                                   HARI_MAX_CONSTANT_BYTES, "constant bytes that the ops read");
        status = check_node(graph, &graph->nodes[n], error);
    }
    return status;
}

/* What bounds the time of a step: multiply-accumulates, the values that a pool looks at, or the
 * values that go in and out. */
static uint64_t operations_of(const hari_graph *graph, const hari_step *step)
{
    uint64_t values = graph->tensors[step->output].elements;
    if (step->macs > 0) return step->macs;
    if (step->node->kind == HARI_OP_POOL) return values * step->node->sliding.kernel;
    for (uint32_t i = 0; i < step->input_count; i++)
        values += graph->tensors[step->inputs[i]].elements;
    return values;
}

static int32_t prepare_steps(hari_plan *plan, hari_pool *pool, har_error *error)
{
    uint64_t operations = 0;
    int32_t status = HAR_OK;
    for (uint32_t s = 0; s < plan->step_count && status == HAR_OK; s++) {
        hari_step *step = &plan->steps[s];
        status = step->op->prepare(step, plan->graph, pool, error);
        plan->macs += step->macs;
        operations += operations_of(plan->graph, step);
        if (status == HAR_OK && operations > HARI_MAX_OPERATIONS)
            status = hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)operations, "at most",
                                     (double)HARI_MAX_OPERATIONS, "operations of the graph");
    }
    return status;
}

/* Weights and biases: the constants of the graph. */
static uint64_t count_parameters(const hari_graph *graph)
{
    uint64_t parameters = 0;
    for (uint32_t t = 0; t < graph->tensor_count; t++)
        if (graph->tensors[t].data) parameters += graph->tensors[t].elements;
    return parameters;
}

int32_t hari_plan_build(hari_plan *plan, const hari_graph *graph, uint32_t features,
                        hari_pool *pool, har_error *error)
{
    *plan = (hari_plan){.graph = graph, .parameters = count_parameters(graph)};
    hark_table_init(&plan->kernels, features);
    int32_t status = check_nodes(graph, error);
    if (status == HAR_OK) status = hari_plan_fuse(plan, pool, error);
    if (status == HAR_OK) status = prepare_steps(plan, pool, error);
    if (status == HAR_OK) status = hari_plan_memory(plan, &pool->allocator, error);
    return status;
}
