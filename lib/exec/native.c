#include "exec/exec.h"

void hari_exec_run(const hari_plan *plan, unsigned char *arena)
{
    for (uint32_t s = 0; s < plan->step_count; s++) {
        const hari_step *step = &plan->steps[s];
        const void *inputs[HARI_MAX_OP_INPUTS];
        for (uint32_t i = 0; i < step->input_count; i++) inputs[i] = arena + step->input_offsets[i];
        step->op->run(step, inputs, arena + step->output_offset, arena + plan->scratch_offset);
    }
}
