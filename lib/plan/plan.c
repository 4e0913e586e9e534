#include "plan/plan.h"

#include "base/error.h"

static int32_t check_nodes(const hari_graph *graph, har_error *error)
{
    int32_t status = HAR_OK;
    for (uint32_t n = 0; n < graph->node_count && status == HAR_OK; n++)
        status = hari_op_of(graph->nodes[n].kind)->check(graph, &graph->nodes[n], error);
    return status;
}

static int32_t prepare_steps(hari_plan *plan, hari_pool *pool, har_error *error)
{
    int32_t status = HAR_OK;
    for (uint32_t s = 0; s < plan->step_count && status == HAR_OK; s++) {
        hari_step *step = &plan->steps[s];
        status = step->op->prepare(step, plan->graph, pool, error);
        plan->macs += step->macs;
        if (status == HAR_OK && plan->macs > HARI_MAX_MACS)
            status = hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)plan->macs, "at most",
                                     (double)HARI_MAX_MACS, "multiply-accumulates of the graph");
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

int32_t hari_plan_build(hari_plan *plan, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    *plan = (hari_plan){.graph = graph, .parameters = count_parameters(graph)};
    hark_table_init(&plan->kernels);
    int32_t status = check_nodes(graph, error);
    if (status == HAR_OK) status = hari_plan_fuse(plan, pool, error);
    if (status == HAR_OK) status = prepare_steps(plan, pool, error);
    if (status == HAR_OK) status = hari_plan_memory(plan, pool, error);
    return status;
}
