/* Running a plan: the native backend. */
#ifndef HARI_EXEC_EXEC_H
#define HARI_EXEC_EXEC_H

#include "plan/plan.h"

/* Computes the output from the input, which lies at plan->input_offset of `arena`. The arena is
 * aligned to HARI_ALIGNMENT and has plan->arena_bytes; the input may be overwritten. */
void hari_exec_run(const hari_plan *plan, unsigned char *arena);

#endif /* HARI_EXEC_EXEC_H */
