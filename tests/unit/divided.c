#include "divided.h"

#include "base/cpu.h"

enum { GUARD = 128 };

bool xnnpack_is_here(void)
{
    if (hari_xnnpack_runs()) return true;
    print_message("skipped: this library lacks XNNPACK or this machine cannot run it\n");
    return false;
}

divided divide(maker *m)
{
    divided d = {.plan = make_plan(m)};
    assert_int_equal(hari_division_build(&d.division, d.plan, HAR_BACKEND_XNNPACK,
                                         hari_cpu_features(), &m->pool, NULL),
                     HAR_OK);
    d.runtimes = hari_pool_alloc(&m->pool, d.division.part_count, sizeof *d.runtimes);
    unsigned char *room = hari_pool_alloc(&m->pool, d.plan->arena_bytes + GUARD, 1);
    memset(room, 0xFF, d.plan->arena_bytes + GUARD); /* NaN where nothing was written */
    d.arena = room;
    assert_int_equal(hari_division_start(&d.division, d.arena, d.runtimes, NULL), HAR_OK);
    return d;
}

const void *run_divided(maker *m, const divided *d, const void *input)
{
    memcpy(d->arena + d->plan->input_offset, input, hari_tensor_bytes(&m->tensors[m->graph.input]));
    hari_division_run(&d->division, d->runtimes, d->arena);
    for (size_t i = 0; i < GUARD; i++) assert_int_equal(d->arena[d->plan->arena_bytes + i], 0xFF);
    void *output = make_values(m, m->graph.output);
    memcpy(output, d->arena + d->plan->output_offset,
           hari_tensor_bytes(&m->tensors[m->graph.output]));
    return output;
}

hari_sliding any_sliding(maker *m, uint32_t rows, uint32_t kernel, uint32_t dilation)
{
    hari_sliding s = {.kernel = kernel, .stride = random_range(&m->random, 1, 4)};
    s.dilation = dilation;
    const uint32_t extent = (kernel - 1) * dilation + 1;
    s.padding = (hari_padding)random_range(&m->random, HARI_PAD_VALID, HARI_PAD_EXPLICIT);
    if (s.padding == HARI_PAD_VALID && extent > rows) s.padding = HARI_PAD_SAME;
    if (s.padding != HARI_PAD_EXPLICIT) return s;
    s.pad_left = random_range(&m->random, 0, extent - 1);
    s.pad_right = random_range(&m->random, 0, extent - 1);
    if (rows + s.pad_left + s.pad_right < extent) s.padding = HARI_PAD_SAME;
    return s;
}

uint32_t rows_of(const hari_sliding *s, uint32_t rows)
{
    const uint32_t extent = (s->kernel - 1) * s->dilation + 1;
    if (s->padding == HARI_PAD_SAME) return (rows + s->stride - 1) / s->stride;
    const uint32_t pads = s->padding == HARI_PAD_EXPLICIT ? s->pad_left + s->pad_right : 0;
    return (rows + pads - extent) / s->stride + 1;
}
