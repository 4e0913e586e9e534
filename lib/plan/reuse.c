#include "plan/reuse.h"

#include <string.h>

#include "base/error.h"
#include "plan/steady.h"

/* A choice of kernels: for each step how many rows are computed together, and the rows of what it
 * may keep that are steady then. */
typedef struct choice {
    const hari_plan *plan;
    uint32_t *units;
    hari_steady *steady;
    hari_steady *tensors; /* steady rows of tensors */
} choice;

static uint32_t rows_of(const hari_plan *plan, uint32_t tensor)
{
    return plan->graph->tensors[tensor].rows;
}

static uint32_t window_of(const hari_plan *plan) { return rows_of(plan, plan->graph->input); }

/* Of what a step keeps: its output, or something of its input. */
static uint32_t kept_rows(const hari_plan *plan, const hari_step *step)
{
    return rows_of(plan, step->kept_bytes > 0 ? step->inputs[0] : step->output);
}

/* The steady rows that all inputs have in common. */
static hari_steady steady_before(const choice *c, const hari_step *step)
{
    hari_steady in = c->tensors[step->inputs[0]];
    for (uint32_t i = 1; i < step->input_count; i++)
        in = hari_steady_both(in, c->tensors[step->inputs[i]], window_of(c->plan));
    return in;
}

static void choose(const choice *c, uint32_t largest_tile)
{
    const hari_plan *plan = c->plan;
    const uint32_t window = window_of(plan);
    c->tensors[plan->graph->input] = (hari_steady){0, window, 1, 1};
    for (uint32_t s = 0; s < plan->step_count; s++) {
        const hari_step *step = &plan->steps[s];
        const uint32_t tile = step->op->tile ? step->op->tile(step, largest_tile) : 0;
        const hari_steady in = steady_before(c, step);
        c->units[s] = tile > 0 ? tile : 1;
        const hari_steady out =
            hari_steady_after(&step->reach, c->units[s], in, rows_of(plan, step->output), window);
        c->tensors[step->output] = out;
        c->steady[s] = step->kept_bytes > 0 ? in : out;
    }
}

/* What must be computed of `rows` rows: those that stay are steady.first .. steady.end - shift - 1.
 * Of rows that are computed one by one two are computed at least, because one row alone has other
 * bits than among others (hark_conv_f32). */
static hari_ends ends_of(hari_steady steady, uint32_t unit, uint32_t rows, uint32_t distance,
                         uint32_t *shift)
{
    const hari_ends all = {rows, rows};
    *shift = 0;
    if (distance == 0 || steady.period == 0 || distance % steady.period != 0) return all;
    const uint32_t moved = distance / steady.stride;
    if (moved >= steady.end - steady.first) return all;
    hari_ends ends = {steady.first, steady.end - moved};
    if (unit == 1 && ends.head + rows - ends.tail == 1) ends.tail--;
    if (ends.head >= ends.tail) return all;
    *shift = moved;
    return ends;
}

/* The time that `rows` rows take, in multiply-accumulates of a direct convolution. A pass over the
 * weights takes as long as some more products whatever the rows; a tile of F(m,3) takes m + 2
 * products of three for each row. Measured: docs/design/reuse.md. */
static double time_of_rows(const hari_step *step, uint32_t unit, uint32_t rows)
{
    const double row = (double)step->row_macs;
    if (!step->op->tile || rows == 0) return row * rows;
    const uint32_t products = rows * step->reach.pool;
    const double one = row / (3.0 * step->reach.pool);
    if (unit == 1) return row * rows + 2.0 * one;
    const double pass = unit == 4 ? 14.0 : 7.0;
    return one * (((products + unit - 1) / unit) * (unit + 2) + pass);
}

static double time_of_step(const hari_plan *plan, uint32_t s, uint32_t unit, hari_steady steady,
                           uint32_t distance)
{
    const hari_step *step = &plan->steps[s];
    const uint32_t rows = kept_rows(plan, step);
    uint32_t shift;
    const hari_ends ends = ends_of(steady, unit, rows, step->op->run_again ? distance : 0, &shift);
    return (double)(step->macs - step->row_macs * rows) +
           time_of_rows(step, unit, ends.head + rows - ends.tail);
}

/* Of a window `distance` samples after the last by a choice. */
static double time_of_choice(const choice *c, uint32_t distance)
{
    double time = 0.0;
    for (uint32_t s = 0; s < c->plan->step_count; s++)
        time += time_of_step(c->plan, s, c->units[s], c->steady[s], distance);
    return time;
}

/* By a plan as it is; 0: of a fresh window. */
static double time_of_plan(const hari_plan *plan, uint32_t distance)
{
    double time = 0.0;
    for (uint32_t s = 0; s < plan->step_count; s++)
        time += time_of_step(plan, s, plan->steps[s].reach.unit, plan->steps[s].steady, distance);
    return time;
}

/* Chooses the largest tile that is quickest at that hop. */
static uint32_t choose_best(const choice *c, uint32_t hop)
{
    uint32_t best = HARI_LARGEST_TILE;
    double least = 0.0;
    for (uint32_t tile = HARI_LARGEST_TILE;; tile = tile > 2 ? 2 : 0) {
        choose(c, tile);
        const double time = time_of_choice(c, hop);
        if (tile == HARI_LARGEST_TILE || time < least) {
            best = tile;
            least = time;
        }
        if (tile == 0) break;
    }
    choose(c, best);
    return best;
}

/* The steps as the choice has them. */
static int32_t take_steps(hari_plan *reuse, const choice *c, uint32_t largest_tile, hari_pool *pool,
                          har_error *error)
{
    int32_t status = HAR_OK;
    for (uint32_t s = 0; s < reuse->step_count && status == HAR_OK; s++) {
        hari_step *step = &reuse->steps[s];
        const bool is_other = step->reach.unit != c->units[s] && step->op->tile;
        step->input_offsets =
            hari_pool_alloc(pool, step->node->input_count, sizeof *step->input_offsets);
        if (!step->input_offsets) return hari_fail(error, HAR_ERR_MEMORY, "plan inputs");
        step->steady = c->steady[s];
        step->keeps = step->op->run_again && step->steady.period > 0;
        step->largest_tile = largest_tile;
        if (is_other) status = step->op->prepare(step, reuse->graph, pool, error);
    }
    return status;
}

static bool keeps_any(const hari_plan *plan)
{
    for (uint32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].keeps) return true;
    return false;
}

int32_t hari_reuse_build(hari_plan *reuse, const hari_plan *plan, uint32_t hop, hari_pool *pool,
                         har_error *error)
{
    *reuse = *plan;
    const choice c = {plan, hari_pool_alloc(pool, plan->step_count, sizeof *c.units),
                      hari_pool_alloc(pool, plan->step_count, sizeof *c.steady),
                      hari_pool_alloc(pool, plan->graph->tensor_count, sizeof *c.tensors)};
    reuse->steps = hari_pool_alloc(pool, plan->step_count, sizeof *reuse->steps);
    if (!c.units || !c.steady || !c.tensors || !reuse->steps)
        return hari_fail(error, HAR_ERR_MEMORY, "plan of overlapping windows");
    memcpy(reuse->steps, plan->steps, plan->step_count * sizeof *reuse->steps);
    int32_t status = take_steps(reuse, &c, choose_best(&c, hop), pool, error);
    if (status == HAR_OK && !keeps_any(reuse)) reuse->step_count = 0;
    return status == HAR_OK ? hari_plan_memory(reuse, pool, error) : status;
}

/* What is kept must be moved, and ends gathered: a gain of a tenth is none. */
bool hari_reuse_gains(const hari_plan *reuse, const hari_plan *plan, uint32_t hop)
{
    return reuse->step_count > 0 && time_of_plan(reuse, hop) < 0.9 * time_of_plan(plan, 0);
}

hari_ends hari_reuse_ends(const hari_plan *reuse, uint32_t s, uint32_t distance, uint32_t *shift)
{
    const hari_step *step = &reuse->steps[s];
    return ends_of(step->steady, step->reach.unit, kept_rows(reuse, step),
                   step->keeps ? distance : 0, shift);
}

uint64_t hari_reuse_macs(const hari_plan *reuse, uint32_t s, uint32_t distance)
{
    const hari_step *step = &reuse->steps[s];
    uint32_t shift;
    const hari_ends ends = hari_reuse_ends(reuse, s, distance, &shift);
    return step->macs - step->row_macs * (ends.tail - ends.head);
}
