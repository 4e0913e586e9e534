/* Where tensors lie: each buffer gets the lowest place in the arena that is free for as long as it
 * lives; large buffers choose first. The greedy-by-size rule of Pisarchyk and Lee, "Efficient
 * memory management for deep neural net inference" (2020). */
#include <stdlib.h>

#include "base/checked.h"
#include "base/error.h"
#include "plan/plan.h"

enum { NO_BUFFER = -1 };

static const size_t ALIGNED = ~(size_t)(HARI_ALIGNMENT - 1);

/* A place shared by tensors that follow each other in it. Times are step numbers. */
typedef struct buffer {
    size_t bytes;  /* with its halo */
    size_t before; /* of the halo; a multiple of the alignment */
    size_t after;
    size_t offset;
    size_t drift;   /* bytes, of plan->drifts */
    uint32_t first; /* step that writes it */
    uint32_t last;  /* last step that reads it */
} buffer;

typedef struct planner {
    const hari_graph *graph;
    hari_plan *plan;
    buffer *buffers;
    buffer **by_size;
    buffer **placed; /* by offset */
    uint32_t buffer_count;
    uint32_t placed_count;
    int32_t *buffer_of; /* tensor to buffer */
    uint32_t *last_use; /* tensor to step */
} planner;

static void find_last_uses(planner *p)
{
    for (uint32_t s = 0; s < p->plan->step_count; s++)
        for (uint32_t i = 0; i < p->plan->steps[s].input_count; i++)
            p->last_use[p->plan->steps[s].inputs[i]] = s;
    p->last_use[p->graph->output] = p->plan->step_count;
}

static void extend(planner *p, int32_t index, uint32_t tensor)
{
    p->buffer_of[tensor] = index;
    if (p->last_use[tensor] > p->buffers[index].last) p->buffers[index].last = p->last_use[tensor];
}

/* Room around the tensors of a buffer for the step that asks for the most. */
static void widen(buffer *b, const hari_halo *halo)
{
    const size_t before = (halo->before + HARI_ALIGNMENT - 1) & ALIGNED;
    if (before > b->before) {
        b->bytes += before - b->before;
        b->before = before;
    }
    if (halo->after > b->after) {
        b->bytes += halo->after - b->after;
        b->after = halo->after;
    }
}

static void add_buffer(planner *p, uint32_t tensor, uint32_t step)
{
    p->buffers[p->buffer_count] = (buffer){
        .bytes = hari_tensor_bytes(&p->graph->tensors[tensor]), .first = step, .last = step};
    extend(p, (int32_t)p->buffer_count++, tensor);
}

/* What a step leaves for the next window lies in a place of its own, with room to move on in. */
static void hold(planner *p, const hari_step *step)
{
    const hari_tensor *y = &p->graph->tensors[step->output];
    buffer *b = &p->buffers[p->buffer_of[step->output]];
    b->first = 0;
    b->last = p->plan->step_count;
    b->drift = p->plan->period / step->steady.stride * (hari_tensor_bytes(y) / y->rows);
    b->bytes += p->plan->slack * b->drift;
}

/* The input whose place the output may take: always for an op that moves nothing; for one that
 * works in place where the sizes agree and nothing reads that place later. */
static int32_t place_to_take(const planner *p, const hari_step *step, uint32_t number)
{
    if (step->keeps && step->kept_bytes == 0) return NO_BUFFER;
    if (step->op->moves_nothing) return p->buffer_of[step->inputs[0]];
    if (!step->op->in_place) return NO_BUFFER;
    size_t bytes = hari_tensor_bytes(&p->graph->tensors[step->output]);
    for (uint32_t i = 0; i < step->input_count; i++) {
        const int32_t index = p->buffer_of[step->inputs[i]];
        bool same_size = hari_tensor_bytes(&p->graph->tensors[step->inputs[i]]) == bytes;
        if (same_size && p->buffers[index].last == number) return index;
    }
    return NO_BUFFER;
}

static void assign_buffers(planner *p)
{
    add_buffer(p, p->graph->input, 0);
    for (uint32_t s = 0; s < p->plan->step_count; s++) {
        hari_step *step = &p->plan->steps[s];
        if (step->input_count > 0) widen(&p->buffers[p->buffer_of[step->inputs[0]]], &step->halo);
        int32_t index = place_to_take(p, step, s);
        step->in_place = index != NO_BUFFER;
        if (step->in_place)
            extend(p, index, step->output);
        else
            add_buffer(p, step->output, s);
        if (hari_step_holds(step)) hold(p, step);
    }
}

static int larger_first(const void *a, const void *b)
{
    const buffer *x = *(const buffer *const *)a;
    const buffer *y = *(const buffer *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x < y ? -1 : x > y;
}

static bool lives_beside(const buffer *a, const buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* Walks the placed buffers by offset and takes the first gap between those that live beside it. */
static size_t lowest_free(const planner *p, const buffer *wanted)
{
    size_t offset = 0;
    for (uint32_t i = 0; i < p->placed_count; i++) {
        const buffer *other = p->placed[i];
        if (!lives_beside(wanted, other)) continue;
        if (offset + wanted->bytes <= other->offset) break;
        const size_t end = (other->offset + other->bytes + HARI_ALIGNMENT - 1) & ALIGNED;
        if (end > offset) offset = end;
    }
    return offset;
}

/* Keeps the placed buffers in the order of their offsets. */
static void insert_placed(planner *p, buffer *b)
{
    uint32_t at = p->placed_count++;
    for (; at > 0 && p->placed[at - 1]->offset > b->offset; at--) p->placed[at] = p->placed[at - 1];
    p->placed[at] = b;
}

static size_t place_buffers(planner *p)
{
    size_t end = 0;
    for (uint32_t i = 0; i < p->buffer_count; i++) p->by_size[i] = &p->buffers[i];
    qsort(p->by_size, p->buffer_count, sizeof *p->by_size, larger_first);
    for (uint32_t i = 0; i < p->buffer_count; i++) {
        buffer *b = p->by_size[i];
        b->offset = lowest_free(p, b);
        insert_placed(p, b);
        if (b->offset + b->bytes > end) end = b->offset + b->bytes;
    }
    return end;
}

static size_t offset_of(const planner *p, uint32_t tensor)
{
    const buffer *b = &p->buffers[p->buffer_of[tensor]];
    return b->offset + b->before;
}

static int32_t write_offsets(planner *p, size_t tensors_end, har_error *error)
{
    hari_plan *plan = p->plan;
    size_t scratch = 0;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        hari_step *step = &plan->steps[s];
        for (uint32_t i = 0; i < step->input_count; i++)
            step->input_offsets[i] = offset_of(p, step->inputs[i]);
        step->output_offset = offset_of(p, step->output);
        if (plan->drifts) plan->drifts[step->output] = p->buffers[p->buffer_of[step->output]].drift;
        const size_t bytes = step->keeps ? step->again_bytes : step->scratch_bytes;
        if (bytes > scratch) scratch = bytes;
    }
    plan->input_offset = offset_of(p, p->graph->input);
    plan->output_offset = offset_of(p, p->graph->output);
    size_t end = 0;
    bool fits = hari_align_size(tensors_end, HARI_ALIGNMENT, &plan->scratch_offset) &&
                hari_add_size(plan->scratch_offset, scratch, &end);
    for (uint32_t s = 0; s < plan->step_count && fits; s++) {
        hari_step *step = &plan->steps[s];
        if (!step->keeps || step->kept_bytes == 0) continue;
        fits = hari_align_size(end, HARI_ALIGNMENT, &step->kept_offset) &&
               hari_add_size(step->kept_offset, step->kept_bytes, &end);
    }
    plan->arena_bytes = end;
    if (fits && end <= HARI_MAX_ARENA_BYTES) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)end, "at most",
                           HARI_MAX_ARENA_BYTES, "arena bytes of the graph");
}

static int32_t place(hari_plan *plan, hari_pool *scratch, har_error *error)
{
    const uint32_t tensors = plan->graph->tensor_count;
    const uint32_t most = plan->step_count + 1;
    planner p = {.graph = plan->graph,
                 .plan = plan,
                 .buffers = hari_pool_alloc(scratch, most, sizeof *p.buffers),
                 .by_size = hari_pool_alloc(scratch, most, sizeof *p.by_size),
                 .placed = hari_pool_alloc(scratch, most, sizeof *p.placed),
                 .buffer_of = hari_pool_alloc(scratch, tensors, sizeof *p.buffer_of),
                 .last_use = hari_pool_alloc(scratch, tensors, sizeof *p.last_use)};
    if (!p.buffers || !p.by_size || !p.placed || !p.buffer_of || !p.last_use)
        return hari_fail(error, HAR_ERR_MEMORY, "memory plan");
    find_last_uses(&p);
    assign_buffers(&p);
    return write_offsets(&p, place_buffers(&p), error);
}

int32_t hari_plan_memory(hari_plan *plan, const har_allocator *allocator, har_error *error)
{
    hari_pool scratch;
    hari_pool_init(&scratch, allocator, SIZE_MAX);
    int32_t status = place(plan, &scratch, error);
    hari_pool_free(&scratch);
    return status;
}
