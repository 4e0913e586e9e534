/* A plan divided between the native kernels and XNNPACK. */
#include "base/cpu.h"
#include "base/error.h"
#include "exec/exec.h"

/* The rule of HAR_BACKEND_AUTO (docs/design/backends.md): the best convolution of this library on
 * this processor is the plain C one. Not so where a mask asked for plain C. */
static bool is_plain_machine(const hari_plan *plan, uint32_t features)
{
    return features == hari_cpu_features() && plan->kernels.conv_f32 == hark_conv_f32_ref &&
           hari_xnnpack_runs();
}

/* Keeps the parts that XNNPACK accepts: each is made once, on an arena of its own. */
static int32_t keep_accepted(hari_division *division, const har_allocator *allocator,
                             har_error *error)
{
    hari_pool pool;
    hari_pool_init(&pool, allocator, SIZE_MAX);
    unsigned char *arena = hari_pool_alloc(&pool, division->plan->arena_bytes, 1);
    uint32_t kept = 0;
    for (uint32_t p = 0; p < division->part_count && arena; p++) {
        hari_runtime *runtime = hari_runtime_create(&division->parts[p], arena);
        if (runtime) division->parts[kept++] = division->parts[p];
        hari_runtime_delete(runtime);
    }
    hari_pool_free(&pool);
    division->part_count = kept;
    return arena ? HAR_OK : hari_fail(error, HAR_ERR_MEMORY, "arena to try XNNPACK");
}

int32_t hari_division_build(hari_division *division, hari_plan *plan, uint32_t backend,
                            uint32_t features, hari_pool *pool, har_error *error)
{
    *division = (hari_division){.plan = plan};
    if (backend == HAR_BACKEND_AUTO)
        backend = is_plain_machine(plan, features) ? HAR_BACKEND_XNNPACK : HAR_BACKEND_NATIVE;
    if (backend != HAR_BACKEND_XNNPACK) return HAR_OK;
    int32_t status = hari_parts_find(plan, &division->parts, &division->part_count, pool, error);
    if (status != HAR_OK || division->part_count == 0) return status;
    plan->arena_bytes += hari_xnnpack_slack(); /* the last tensor may end the arena */
    return keep_accepted(division, &pool->allocator, error);
}

uint32_t hari_division_backend(const hari_division *division, uint32_t step)
{
    for (uint32_t p = 0; p < division->part_count; p++) {
        const hari_part *part = &division->parts[p];
        if (step >= part->first_step && step - part->first_step < part->step_count)
            return HAR_BACKEND_XNNPACK;
    }
    return HAR_BACKEND_NATIVE;
}

int32_t hari_division_start(const hari_division *division, unsigned char *arena,
                            hari_runtime **runtimes, har_error *error)
{
    for (uint32_t p = 0; p < division->part_count; p++) {
        runtimes[p] = hari_runtime_create(&division->parts[p], arena);
        if (runtimes[p]) continue;
        hari_division_stop(division, runtimes);
        return hari_fail(error, HAR_ERR_MEMORY, "XNNPACK runtime");
    }
    return HAR_OK;
}

void hari_division_stop(const hari_division *division, hari_runtime **runtimes)
{
    for (uint32_t p = 0; p < division->part_count; p++) {
        hari_runtime_delete(runtimes[p]);
        runtimes[p] = NULL;
    }
}

/* False where XNNPACK did not run the part; the arena is then as it was. */
static bool run_part(const hari_part *part, hari_runtime *runtime, unsigned char *arena)
{
    if (!runtime) return false;
    hari_part_turn(part, false, arena);
    const bool is_run = hari_runtime_run(runtime);
    hari_part_turn(part, is_run, arena); /* not run: the inputs once more, which turns them back */
    return is_run;
}

void hari_division_run(const hari_division *division, hari_runtime *const *runtimes,
                       unsigned char *arena)
{
    const hari_plan *plan = division->plan;
    uint32_t done = 0;
    for (uint32_t p = 0; p < division->part_count; p++) {
        const hari_part *part = &division->parts[p];
        hari_exec_steps(plan, done, part->first_step - done, arena);
        if (!run_part(part, runtimes[p], arena))
            hari_exec_steps(plan, part->first_step, part->step_count, arena);
        done = part->first_step + part->step_count;
    }
    hari_exec_steps(plan, done, plan->step_count - done, arena);
}
