/* Running a plan: by the native kernels, or parts of it by XNNPACK. */
#ifndef HARI_EXEC_EXEC_H
#define HARI_EXEC_EXEC_H

#include "exec/xnnpack.h"
#include "har/backend.h"
#include "plan/plan.h"

/* Computes the output from the input, which lies at plan->input_offset of `arena`, by the native
 * kernels. The arena is aligned to HARI_ALIGNMENT and has plan->arena_bytes; the input may be
 * overwritten. */
void hari_exec_run(const hari_plan *plan, unsigned char *arena);

/* Where a tensor at `offset` lies that moved on by `drifted` periods of the plan. */
unsigned char *hari_exec_place(const hari_plan *plan, uint32_t tensor, size_t offset,
                               uint32_t drifted, unsigned char *arena);

/* Where the inputs of a step lie, with what they need around them. */
void hari_exec_inputs(const hari_plan *plan, const hari_step *step, uint32_t drifted,
                      unsigned char *arena, const void **inputs);

/* The same for `count` steps from `first` on. */
void hari_exec_steps(const hari_plan *plan, uint32_t first, uint32_t count, unsigned char *arena);

/* The same by a plan of plan/reuse.h, on the arena of its last run, whose window began `distance`
 * samples before; 0: nothing of it is taken. `*drifted` is by how many periods what that run left
 * has moved on in its places, and then what this one leaves. Gives the multiply-accumulates that it
 * took. */
uint64_t hari_exec_again(const hari_plan *plan, uint32_t distance, uint32_t *drifted,
                         unsigned char *arena);

/* Which steps of a plan XNNPACK runs. Owned by the model. */
typedef struct hari_division {
    const hari_plan *plan;
    hari_part *parts; /* in the order of their steps */
    uint32_t part_count;
} hari_division;

/* The backend that a config names, or where that is HAR_BACKEND_AUTO the one that the environment
 * variable HAR_BACKEND names. Errors: HAR_ERR_VALUE where there is no such backend. */
int32_t hari_backend_choose(uint32_t wanted, uint32_t *backend, har_error *error);

/* Finds the parts for XNNPACK, if any, and gives the plan's arena the room that they need.
 * `features` are the HAR_CPU_* of the plan. Errors: HAR_ERR_MEMORY. */
int32_t hari_division_build(hari_division *division, hari_plan *plan, uint32_t backend,
                            uint32_t features, hari_pool *pool, har_error *error);

/* The backend of a step, HAR_BACKEND_NATIVE or HAR_BACKEND_XNNPACK. */
uint32_t hari_division_backend(const hari_division *division, uint32_t step);

/* Readies each part for `arena`: division->part_count runtimes. XNNPACK allocates. Errors:
 * HAR_ERR_MEMORY, and there is none then. */
int32_t hari_division_start(const hari_division *division, unsigned char *arena,
                            hari_runtime **runtimes, har_error *error);

void hari_division_stop(const hari_division *division, hari_runtime **runtimes);

/* As hari_exec_run, each part by its runtime; natively where that is NULL. */
void hari_division_run(const hari_division *division, hari_runtime *const *runtimes,
                       unsigned char *arena);

#endif /* HARI_EXEC_EXEC_H */
