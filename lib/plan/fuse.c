/* From nodes to steps: an affine, a ReLU and a max pool that follow an op, each the only reader of
 * what is before it, are done inside it. */
#include <stdio.h>

#include "base/error.h"
#include "plan/plan.h"

/* For each tensor the one node that reads it, HARI_NO_NODE where there is none, several, or the
 * outside. */
static uint32_t *only_readers(const hari_graph *graph, hari_pool *pool)
{
    uint32_t *readers = hari_pool_alloc(pool, graph->tensor_count, sizeof *readers);
    if (!readers) return NULL;
    for (uint32_t t = 0; t < graph->tensor_count; t++) readers[t] = HARI_NO_NODE;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const hari_node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->input_count; i++)
            if (graph->tensors[node->inputs[i]].uses == 1) readers[node->inputs[i]] = n;
    }
    return readers;
}

/* An affine into FP32 weights. */
static bool takes_affine(const hari_graph *graph, const hari_step *step, const hari_node *next)
{
    return step->op->takes_affine && next->kind == HARI_OP_AFFINE && !step->fused.affine &&
           step->fused.activation == HARI_ACT_NONE &&
           hari_input(graph, step->node, 0)->dtype == HARI_F32;
}

/* A clamp where the op writes the type it computes in: FP32 from FP32, or codes. */
static bool takes_clamp(const hari_graph *graph, const hari_step *step, const hari_node *next)
{
    bool is_clamp = next->kind == HARI_OP_ACTIVATION &&
                    (next->activation == HARI_ACT_RELU || next->activation == HARI_ACT_RELU6);
    bool same_side = hari_output(graph, step->node)->dtype == HARI_U8 ||
                     hari_input(graph, step->node, 0)->dtype == HARI_F32;
    return step->op->takes_clamp && is_clamp && same_side &&
           step->fused.activation == HARI_ACT_NONE;
}

/* A max pool over pairs of rows, which do not overlap and need no padding. */
static bool takes_pool(const hari_step *step, const hari_node *next)
{
    const hari_sliding *s = &next->sliding;
    return step->op->takes_pool && next->kind == HARI_OP_POOL && next->pool == HARI_POOL_MAX &&
           s->kernel == 2 && s->stride == 2 && s->padding == HARI_PAD_VALID;
}

/* Takes the following node into the step; false where it cannot. */
static bool fuse_next(const hari_graph *graph, hari_step *step, const hari_node *next)
{
    if (next->inputs[0] != step->output || step->fused.pool > 1) return false;
    if (takes_affine(graph, step, next))
        step->fused.affine = next;
    else if (takes_clamp(graph, step, next))
        step->fused.activation = next->activation;
    else if (takes_pool(step, next))
        step->fused.pool = next->sliding.kernel;
    else
        return false;
    step->output = next->output;
    return true;
}

/* What was fused, for people. */
static void describe_fused(hari_step *step)
{
    char pool[24] = "";
    if (step->fused.pool > 1) snprintf(pool, sizeof pool, "maxpool%u ", step->fused.pool);
    int length = snprintf(step->fused_text, sizeof step->fused_text, "%s%s%s",
                          step->fused.affine ? "affine " : "",
                          step->fused.activation == HARI_ACT_RELU    ? "relu "
                          : step->fused.activation == HARI_ACT_RELU6 ? "relu6 "
                                                                     : "",
                          pool);
    if (length > 0) step->fused_text[length - 1] = '\0'; /* the last space */
}

/* The computed inputs of a step, and room for where they will lie. */
static int32_t take_inputs(hari_step *step, const hari_graph *graph, hari_pool *pool,
                           har_error *error)
{
    step->inputs = hari_pool_alloc(pool, step->node->input_count, sizeof *step->inputs);
    step->input_offsets =
        hari_pool_alloc(pool, step->node->input_count, sizeof *step->input_offsets);
    if (!step->inputs || !step->input_offsets)
        return hari_fail(error, HAR_ERR_MEMORY, "plan inputs");
    for (uint32_t i = 0; i < step->node->input_count; i++)
        if (!graph->tensors[step->node->inputs[i]].data)
            step->inputs[step->input_count++] = step->node->inputs[i];
    return HAR_OK;
}

int32_t hari_plan_fuse(hari_plan *plan, hari_pool *pool, har_error *error)
{
    const hari_graph *graph = plan->graph;
    const uint32_t *readers = only_readers(graph, pool);
    bool *fused = hari_pool_alloc(pool, graph->node_count, sizeof *fused);
    plan->steps = hari_pool_alloc(pool, graph->node_count, sizeof *plan->steps);
    if (!readers || !fused || !plan->steps) return hari_fail(error, HAR_ERR_MEMORY, "plan steps");
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (fused[n]) continue;
        hari_step *step = &plan->steps[plan->step_count++];
        *step = (hari_step){.op = hari_op_of(graph->nodes[n].kind),
                            .node = &graph->nodes[n],
                            .fused = {.activation = HARI_ACT_NONE, .pool = 1},
                            .output = graph->nodes[n].output,
                            .kernels = &plan->kernels,
                            .largest_tile = HARI_LARGEST_TILE,
                            .isa = ""};
        int32_t status = take_inputs(step, graph, pool, error);
        if (status != HAR_OK) return status;
        uint32_t next = readers[step->output];
        while (next != HARI_NO_NODE && fuse_next(graph, step, &graph->nodes[next])) {
            fused[next] = true;
            next = readers[step->output];
        }
        describe_fused(step);
    }
    return HAR_OK;
}
