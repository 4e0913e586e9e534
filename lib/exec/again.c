/* Running a plan on a window that overlaps the last one. */
#include <string.h>

#include "exec/exec.h"
#include "plan/reuse.h"

/* Rows that stay move to where they are in the new window. */
static void move_kept(const hari_plan *plan, const hari_step *step, const hari_again *again)
{
    const hari_tensor *y = &plan->graph->tensors[step->output];
    const size_t row = hari_tensor_bytes(y) / y->rows;
    const hari_ends ends = again->ends;
    unsigned char *kept = (unsigned char *)again->output + ends.head * row;
    memmove(kept, kept + again->shift * row, (ends.tail - ends.head) * row);
}

static void run_step(const hari_plan *plan, uint32_t s, uint32_t distance, unsigned char *arena)
{
    const hari_step *step = &plan->steps[s];
    uint32_t rows;
    uint32_t shift;
    const hari_ends ends = hari_reuse_ends(plan, s, distance, &rows, &shift);
    const bool has_own = step->keeps && step->kept_bytes > 0;
    if (shift == 0 && !has_own) {
        hari_exec_steps(plan, s, 1, arena);
        return;
    }
    const void *inputs[HARI_MAX_OP_INPUTS];
    hari_exec_inputs(step, arena, inputs);
    const hari_again again = {.inputs = inputs,
                              .output = arena + step->output_offset,
                              .scratch = arena + plan->scratch_offset,
                              .kept = arena + step->kept_offset,
                              .rows = rows,
                              .ends = ends,
                              .shift = shift};
    if (!has_own && !step->passes) move_kept(plan, step, &again);
    step->run_again(step, &again);
}

uint64_t hari_exec_again(const hari_plan *plan, uint32_t distance, unsigned char *arena)
{
    uint64_t macs = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        run_step(plan, s, distance, arena);
        macs += hari_reuse_macs(plan, s, distance);
    }
    return macs;
}
