/* Running a plan on a window that overlaps the last one. */
#include <string.h>

#include "exec/exec.h"
#include "plan/reuse.h"

/* A run over an arena. */
typedef struct again_run {
    const hari_plan *plan;
    unsigned char *arena;
    uint32_t distance;
    uint32_t before; /* periods that the tensors had moved on by */
    uint32_t now;
} again_run;

/* Rows that stay move to where they are in the new window, unless the window moved instead. */
static void move_kept(const again_run *run, const hari_step *step, const hari_again *again)
{
    const hari_tensor *y = &run->plan->graph->tensors[step->output];
    const size_t row = hari_tensor_bytes(y) / y->rows;
    const hari_ends ends = again->ends;
    unsigned char *to = again->output;
    const unsigned char *from =
        hari_exec_place(run->plan, step->output, step->output_offset, run->before, run->arena);
    from += again->shift * row;
    if (from != to)
        memmove(to + ends.head * row, from + ends.head * row, (ends.tail - ends.head) * row);
}

/* Gives the multiply-accumulates that it took. */
static uint64_t run_step(const again_run *run, uint32_t s)
{
    const hari_plan *plan = run->plan;
    unsigned char *arena = run->arena;
    const hari_step *step = &plan->steps[s];
    uint32_t rows;
    uint32_t shift;
    const hari_ends ends = hari_reuse_ends(plan, s, run->distance, &rows, &shift);
    const bool has_own = step->keeps && step->kept_bytes > 0;
    const void *inputs[HARI_MAX_OP_INPUTS];
    hari_exec_inputs(plan, step, run->now, arena, inputs);
    const hari_again again = {
        .inputs = inputs,
        .output = hari_exec_place(plan, step->output, step->output_offset, run->now, arena),
        .scratch = arena + plan->scratch_offset,
        .kept = arena + step->kept_offset,
        .rows = rows,
        .ends = ends,
        .shift = shift};
    if (shift == 0 && !has_own) {
        step->op->run(step, inputs, again.output, again.scratch);
        return step->macs;
    }
    if (hari_step_holds(step)) move_kept(run, step, &again);
    step->run_again(step, &again);
    return hari_reuse_macs(step, ends);
}

uint64_t hari_exec_again(const hari_plan *plan, uint32_t distance, uint32_t *drifted,
                         unsigned char *arena)
{
    uint32_t now = 0;
    if (distance > 0 && plan->slack > 0 && distance % plan->period == 0)
        now = *drifted + distance / plan->period;
    if (now > plan->slack) now = 0;
    const again_run run = {plan, arena, distance, *drifted, now};
    *drifted = now;
    uint64_t macs = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) macs += run_step(&run, s);
    return macs;
}
