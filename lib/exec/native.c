#include "exec/exec.h"

#include <string.h>

/* The bytes around the step's first input: rows of padding. */
static void fill_halo(const hari_step *step, unsigned char *input)
{
    const hari_halo *halo = &step->halo;
    if (halo->before > 0) memset(input - halo->before, halo->value, halo->before);
    if (halo->after > 0) memset(input + halo->input_bytes, halo->value, halo->after);
}

unsigned char *hari_exec_place(const hari_plan *plan, uint32_t tensor, size_t offset,
                               uint32_t drifted, unsigned char *arena)
{
    return arena + offset + (drifted > 0 ? drifted * plan->drifts[tensor] : 0);
}

void hari_exec_inputs(const hari_plan *plan, const hari_step *step, uint32_t drifted,
                      unsigned char *arena, const void **inputs)
{
    for (uint32_t i = 0; i < step->input_count; i++) {
        unsigned char *input =
            hari_exec_place(plan, step->inputs[i], step->input_offsets[i], drifted, arena);
        inputs[i] = input;
        if (i == 0) fill_halo(step, input);
    }
}

void hari_exec_steps(const hari_plan *plan, uint32_t first, uint32_t count, unsigned char *arena)
{
    for (uint32_t s = first; s < first + count; s++) {
        const hari_step *step = &plan->steps[s];
        const void *inputs[HARI_MAX_OP_INPUTS];
        hari_exec_inputs(plan, step, 0, arena, inputs);
        step->op->run(step, inputs, arena + step->output_offset, arena + plan->scratch_offset);
    }
}

void hari_exec_run(const hari_plan *plan, unsigned char *arena)
{
    hari_exec_steps(plan, 0, plan->step_count, arena);
}
