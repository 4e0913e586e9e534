/* What one window's tensors give to the next: a plan of its own for streams whose windows overlap.
 * docs/design/reuse.md has the rule and why it is exact. */
#ifndef HARI_PLAN_REUSE_H
#define HARI_PLAN_REUSE_H

#include "plan/plan.h"

/* Makes `reuse` from `plan`: the same steps, with kernels chosen for windows `hop` samples apart,
 * and with memory for what stays from window to window. Weights are packed a second time only
 * where another kernel is chosen. No steps where nothing can stay, or no arena holds it. Errors:
 * HAR_ERR_MEMORY. */
int32_t hari_reuse_build(hari_plan *reuse, const hari_plan *plan, uint32_t hop, hari_pool *pool,
                         har_error *error);

/* Whether a window `hop` samples after the last takes less time by `reuse` than a fresh one by
 * `plan`. */
bool hari_reuse_gains(const hari_plan *reuse, const hari_plan *plan, uint32_t hop);

/* The rows, among `*rows`, that step `s` must compute where the window moved on by `distance`
 * samples; all of them belong to the head where nothing is there. `*shift` is how many rows it
 * moved on. */
hari_ends hari_reuse_ends(const hari_plan *reuse, uint32_t s, uint32_t distance, uint32_t *rows,
                          uint32_t *shift);

/* Multiply-accumulates of those rows. */
static inline uint64_t hari_reuse_macs(const hari_step *step, hari_ends ends)
{
    return step->macs - step->row_macs * (ends.tail - ends.head);
}

/* Why step `s` keeps nothing at that distance; "" where it keeps rows. */
const char *hari_reuse_note(const hari_plan *reuse, uint32_t s, uint32_t distance);

#endif /* HARI_PLAN_REUSE_H */
