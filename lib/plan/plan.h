/* A plan: the steps that compute the network, what is fused, and where each tensor lies in one
 * arena. */
#ifndef HARI_PLAN_PLAN_H
#define HARI_PLAN_PLAN_H

#include "graph/graph.h"
#include "ops/op.h"

#define HARI_MAX_ARENA_BYTES (1u << 29)
#define HARI_MAX_OPERATIONS (UINT64_C(1) << 33) /* of one window */

typedef struct hari_plan {
    const hari_graph *graph;
    hark_table kernels; /* chosen once, for this machine */
    hari_step *steps;
    uint32_t step_count;
    size_t input_offset; /* in the arena; the window is copied there */
    size_t output_offset;
    size_t arena_bytes; /* tensors and scratch */
    size_t scratch_offset;
    size_t *drifts;  /* of each tensor: bytes that it moves on by in a period; NULL: none moves */
    uint32_t period; /* samples: of whole rows of all that moves; 0 or no slack: nothing does */
    uint32_t slack;  /* periods that tensors may move on by before they must go back */
    uint64_t macs;
    uint64_t parameters;
} hari_plan;

/* Checks every op, fuses, packs weights for the best kernels among `features` (HAR_CPU_*), lays the
 * arena. `graph` must outlive the plan, and the
 * plan must stay where it is: its steps point to its kernels. Errors: HAR_ERR_FILE_MEANING,
 * HAR_ERR_MEMORY. */
int32_t hari_plan_build(hari_plan *plan, const hari_graph *graph, uint32_t features,
                        hari_pool *pool, har_error *error);

/* Whether the step leaves its output for the next window. */
static inline bool hari_step_holds(const hari_step *step)
{
    return step->keeps && step->kept_bytes == 0 && !step->passes;
}

/* Parts of the build. */
int32_t hari_plan_fuse(hari_plan *plan, hari_pool *pool, har_error *error);
int32_t hari_plan_memory(hari_plan *plan, const har_allocator *allocator, har_error *error);

#endif /* HARI_PLAN_PLAN_H */
