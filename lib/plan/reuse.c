#include "plan/reuse.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "plan/steady.h"

/* Measured for F(2,3), F(4,3) and direct convolutions of 128x256 and 256x512 columns. */
enum { LEAST_ROWS = 5 };

/* Of so many rows at least one must stay: moving it and gathering the others takes time, too, of so
 * many multiply-accumulates for a step and for each of the others. */
enum { LEAST_KEPT = 4, STEP_OVERHEAD = 10000, ROW_OVERHEAD = 1000 };

/* Of a window, what kept rows may move on in their places before they are moved back. With a half,
 * a hop of an eighth moves them back once in five windows. */
enum { SLACK_SHARE = 2 };

/* The share of the time of a fresh window below which memory is spent on keeping. */
static const double WORTHWHILE = 0.92;

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
    if (ends.head >= ends.tail || (ends.tail - ends.head) * LEAST_KEPT < rows) return all;
    *shift = moved;
    return ends;
}

/* The time that `rows` rows take, in multiply-accumulates of a direct convolution. A tile of F(m,3)
 * takes m + 2 products where each of its rows takes 3; and weights come from the outer caches no
 * faster than LEAST_ROWS rows can use them. Measured: docs/design/reuse.md. */
static double time_of_rows(const hari_step *step, uint32_t unit, uint32_t rows)
{
    const uint32_t products = rows * step->reach.pool;
    if (step->row_work > 0) return (double)step->row_work * rows;
    if (!step->run_again || products == 0) return (double)(step->row_macs * rows);
    const uint32_t units = (products + unit - 1) / unit;
    const uint32_t used = units > LEAST_ROWS ? units : LEAST_ROWS;
    const double share = unit == 1 ? 1.0 : (unit + 2) / 3.0;
    return (double)step->row_macs / step->reach.pool * share * used;
}

static double time_of_step(const hari_plan *plan, uint32_t s, uint32_t unit, hari_steady steady,
                           uint32_t distance)
{
    const hari_step *step = &plan->steps[s];
    const uint32_t rows = kept_rows(plan, step);
    uint32_t shift;
    const hari_ends ends = ends_of(steady, unit, rows, step->run_again ? distance : 0, &shift);
    const uint32_t computed = ends.head + rows - ends.tail;
    const double overhead =
        shift > 0 ? (double)STEP_OVERHEAD + (double)ROW_OVERHEAD * (double)computed : 0.0;
    return (double)(step->macs - step->row_macs * rows) + overhead +
           time_of_rows(step, unit, computed);
}

/* Takes a kernel for a step, and what is steady then, where it takes less than `least`. */
static double try_unit(const choice *c, uint32_t s, uint32_t unit, uint32_t hop, double least)
{
    const hari_plan *plan = c->plan;
    const hari_step *step = &plan->steps[s];
    const hari_steady in = steady_before(c, step);
    const hari_steady out =
        hari_steady_after(&step->reach, unit, in, rows_of(plan, step->output), window_of(plan));
    const hari_steady kept = step->kept_bytes > 0 ? in : out;
    const double time = time_of_step(plan, s, unit, kept, hop);
    if (time >= least) return least;
    c->units[s] = unit;
    c->steady[s] = kept;
    c->tensors[step->output] = out;
    return time;
}

/* The kernel of a step that takes the least time at that hop, among those with no larger tile. */
static void choose_step(const choice *c, uint32_t s, uint32_t largest_tile, uint32_t hop)
{
    const hari_step *step = &c->plan->steps[s];
    double least = INFINITY;
    uint32_t most = largest_tile;
    for (;;) {
        const uint32_t tile = step->op->tile ? step->op->tile(step, most) : 0;
        least = try_unit(c, s, tile > 0 ? tile : 1, hop, least);
        if (tile == 0) return;
        most = tile - 1;
    }
}

static void choose(const choice *c, uint32_t largest_tile, uint32_t hop)
{
    c->tensors[c->plan->graph->input] = (hari_steady){0, window_of(c->plan), 1, 1};
    for (uint32_t s = 0; s < c->plan->step_count; s++) choose_step(c, s, largest_tile, hop);
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

/* The kernels that the plan has. */
static void choose_same(const choice *c)
{
    c->tensors[c->plan->graph->input] = (hari_steady){0, window_of(c->plan), 1, 1};
    for (uint32_t s = 0; s < c->plan->step_count; s++)
        try_unit(c, s, c->plan->steps[s].reach.unit, 0, INFINITY);
}

/* A larger tile is quicker by itself, but leaves fewer steady rows to the steps after it: the
 * choice with the bound that is quickest as a whole. */
static void choose_best(const choice *c, uint32_t hop)
{
    uint32_t best = HARI_LARGEST_TILE;
    double least = 0.0;
    for (uint32_t tile = HARI_LARGEST_TILE;; tile = tile > 2 ? 2 : 0) {
        choose(c, tile, hop);
        const double time = time_of_choice(c, hop);
        if (tile == HARI_LARGEST_TILE || time < least) {
            best = tile;
            least = time;
        }
        if (tile == 0) break;
    }
    choose(c, best, hop);
    if (least >= WORTHWHILE * time_of_plan(c->plan, 0)) choose_same(c);
}

/* The steps as the choice has them, their places still open: `offsets` has room for them. */
static int32_t take_steps(hari_plan *reuse, const choice *c, size_t *offsets, hari_pool *pool,
                          har_error *error)
{
    int32_t status = HAR_OK;
    for (uint32_t s = 0; s < reuse->step_count && status == HAR_OK; s++) {
        hari_step *step = &reuse->steps[s];
        step->input_offsets = offsets;
        offsets += step->input_count;
        step->steady = c->steady[s];
        step->keeps = step->run_again && step->steady.period > 0;
        if (!step->op->tile || step->reach.unit == c->units[s]) continue;
        step->largest_tile = c->units[s] > 1 ? c->units[s] : 0;
        status = step->op->prepare(step, reuse->graph, pool, error);
    }
    return status;
}

static bool is_same(hari_steady a, hari_steady b)
{
    return a.first == b.first && a.end == b.end && a.stride == b.stride && a.period == b.period;
}

/* A step need not keep rows where its only reader keeps the same ones and computes a row from that
 * row alone: an op without products. One with products may compute a neighbour, too. `writers` has
 * room for a step of each tensor. */
static void find_passing(hari_plan *plan, hari_step **writers)
{
    const hari_tensor *tensors = plan->graph->tensors;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        hari_step *step = &plan->steps[s];
        writers[step->output] = step;
        if (!step->keeps || step->row_work == 0) continue;
        for (uint32_t i = 0; i < step->input_count; i++) {
            hari_step *writer = writers[step->inputs[i]];
            if (!writer || !writer->keeps || writer->kept_bytes > 0) continue;
            writer->passes = writer->reach.unit == 1 && tensors[writer->output].uses == 1 &&
                             is_same(writer->steady, step->steady);
        }
    }
}

/* How far the window must move on for whole rows of all that is held, and how often it may. */
static void let_drift(hari_plan *plan)
{
    const uint32_t most = window_of(plan) / SLACK_SHARE;
    plan->period = 1;
    for (uint32_t s = 0; s < plan->step_count && plan->period > 0; s++)
        if (hari_step_holds(&plan->steps[s]))
            plan->period = hari_common_multiple(plan->period, plan->steps[s].steady.stride, most);
    plan->slack = plan->period > 0 ? most / plan->period : 0;
}

static bool keeps_any(const hari_plan *plan)
{
    for (uint32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].keeps) return true;
    return false;
}

static size_t count_inputs(const hari_plan *plan)
{
    size_t inputs = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) inputs += plan->steps[s].input_count;
    return inputs;
}

/* What stays is allocated before what does not: an allocator of an arena gets the rest back. */
static int32_t build(hari_plan *reuse, const hari_plan *plan, uint32_t hop, hari_pool *scratch,
                     hari_pool *pool, har_error *error)
{
    reuse->steps = hari_pool_alloc(pool, plan->step_count, sizeof *reuse->steps);
    reuse->drifts = hari_pool_alloc(pool, plan->graph->tensor_count, sizeof *reuse->drifts);
    size_t *offsets = hari_pool_alloc(pool, count_inputs(plan), sizeof *offsets);
    const choice c = {plan, hari_pool_alloc(scratch, plan->step_count, sizeof *c.units),
                      hari_pool_alloc(scratch, plan->step_count, sizeof *c.steady),
                      hari_pool_alloc(scratch, plan->graph->tensor_count, sizeof *c.tensors)};
    hari_step **writers = hari_pool_alloc(scratch, plan->graph->tensor_count, sizeof *writers);
    if (!c.units || !c.steady || !c.tensors || !writers || !reuse->steps || !reuse->drifts ||
        !offsets)
        return hari_fail(error, HAR_ERR_MEMORY, "plan of overlapping windows");
    memcpy(reuse->steps, plan->steps, plan->step_count * sizeof *reuse->steps);
    choose_best(&c, hop);
    int32_t status = take_steps(reuse, &c, offsets, pool, error);
    if (status != HAR_OK) return status;
    find_passing(reuse, writers);
    let_drift(reuse);
    return HAR_OK;
}

int32_t hari_reuse_build(hari_plan *reuse, const hari_plan *plan, uint32_t hop, hari_pool *pool,
                         har_error *error)
{
    *reuse = *plan;
    hari_pool scratch;
    hari_pool_init(&scratch, &pool->allocator, SIZE_MAX);
    int32_t status = build(reuse, plan, hop, &scratch, pool, error);
    hari_pool_free(&scratch);
    if (status != HAR_OK) return status;
    status =
        keeps_any(reuse) ? hari_plan_memory(reuse, &pool->allocator, NULL) : HAR_ERR_FILE_MEANING;
    if (status == HAR_ERR_FILE_MEANING) reuse->step_count = 0; /* nothing stays, or has room */
    return status == HAR_ERR_MEMORY ? hari_fail(error, status, "plan of overlapping windows")
                                    : HAR_OK;
}

bool hari_reuse_gains(const hari_plan *reuse, const hari_plan *plan, uint32_t hop)
{
    return reuse->step_count > 0 && time_of_plan(reuse, hop) < WORTHWHILE * time_of_plan(plan, 0);
}

hari_ends hari_reuse_ends(const hari_plan *reuse, uint32_t s, uint32_t distance, uint32_t *rows,
                          uint32_t *shift)
{
    const hari_step *step = &reuse->steps[s];
    *rows = kept_rows(reuse, step);
    return ends_of(step->steady, step->reach.unit, *rows, step->keeps ? distance : 0, shift);
}

const char *hari_reuse_note(const hari_plan *reuse, uint32_t s, uint32_t distance)
{
    const hari_step *step = &reuse->steps[s];
    uint32_t rows;
    uint32_t shift;
    hari_reuse_ends(reuse, s, distance, &rows, &shift);
    if (shift > 0) return "";
    if (!step->run_again)
        return step->macs == 0 ? "computing it takes no more time than keeping it"
                               : "every row depends on all rows of the input";
    if (step->steady.period == 0) return "no row of its input stays, or the edges reach all rows";
    if (distance % step->steady.period != 0)
        return "the hop is no whole number of its rows, or of Winograd's tiles";
    return "too few rows would stay";
}
