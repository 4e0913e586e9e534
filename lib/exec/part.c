/* Cutting a plan into parts for XNNPACK. */
#include "exec/part.h"

#include "base/error.h"

typedef struct finder {
    const hari_plan *plan;
    hari_pool *pool;
    hari_part *parts;
    uint32_t part_count;
    hari_part_op *ops;       /* room for all steps */
    hari_part_value *values; /* room for two inputs and an output of each */
    uint32_t *value_of;      /* tensor to the number of its value, in the part that is open */
    uint32_t *in_part;       /* tensor to the part that value_of is for, counted from 1 */
    uint32_t *last_use;      /* tensor to the last step that reads it */
    uint32_t op_count;
    uint32_t value_count;
    bool wants_codes; /* else FP32 */
    bool is_open;
} finder;

/* INT8 results are the same bits everywhere: an FP32 step of XNNPACK beside codes would bring in
 * others. */
static bool has_codes(const hari_graph *graph)
{
    for (uint32_t t = 0; t < graph->tensor_count; t++)
        if (!graph->tensors[t].data && graph->tensors[t].producer != HARI_NO_NODE &&
            graph->tensors[t].dtype != HARI_F32)
            return true;
    return false;
}

/* The number of a tensor's value in the open part. */
static uint32_t value_number(finder *f, uint32_t tensor, size_t offset, bool is_computed)
{
    hari_part *part = &f->parts[f->part_count - 1];
    if (f->in_part[tensor] != f->part_count) {
        const hari_tensor *t = &f->plan->graph->tensors[tensor];
        f->in_part[tensor] = f->part_count;
        f->value_of[tensor] = part->value_count;
        part->values[part->value_count++] =
            (hari_part_value){.rows = t->rows,
                              .columns = t->columns,
                              .offset = offset,
                              .bytes = hari_tensor_bytes(t),
                              .last_use = f->last_use[tensor],
                              .is_computed = is_computed,
                              .is_codes = t->dtype == HARI_U8,
                              .scale = t->scales ? t->scales[0] : 0.0f,
                              .zero_point = t->zero_point};
        f->value_count++;
    }
    return f->value_of[tensor];
}

static void open_part(finder *f, uint32_t step)
{
    f->is_open = true;
    f->parts[f->part_count++] = (hari_part){
        .first_step = step, .ops = f->ops + f->op_count, .values = f->values + f->value_count};
}

static void add_op(finder *f, const hari_step *step, uint32_t number, const hari_part_op *op)
{
    if (!f->is_open) open_part(f, number);
    hari_part_op *added = &f->ops[f->op_count++];
    *added = *op;
    for (uint32_t i = 0; i < step->input_count; i++)
        added->inputs[i] = value_number(f, step->inputs[i], step->input_offsets[i], false);
    added->output = value_number(f, step->output, step->output_offset, true);
    f->parts[f->part_count - 1].step_count++;
}

static bool overlap(const hari_part_value *a, const hari_part_value *b)
{
    return a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

/* Whether another value that the part computes, or reads and stands before `v`, lies there too. */
static bool shares_place(const hari_part *part, uint32_t v, bool with_computed)
{
    const uint32_t end = with_computed ? part->value_count : v;
    for (uint32_t other = 0; other < end; other++)
        if (part->values[other].is_computed == with_computed &&
            overlap(&part->values[other], &part->values[v]))
            return true;
    return false;
}

/* Which codes are turned. Before the part: all that it reads, but once where a flatten gave one
 * place to two tensors. After it: of those, what it did not write over; of what it computed, what
 * is read later. */
static void mark_turned(hari_part *part)
{
    for (uint32_t v = 0; v < part->value_count; v++) {
        hari_part_value *value = &part->values[v];
        if (!value->is_codes) continue;
        if (value->is_computed) {
            value->is_turned_after = value->last_use >= part->first_step + part->step_count;
        } else {
            value->is_turned_before = !shares_place(part, v, false);
            value->is_turned_after = value->is_turned_before && !shares_place(part, v, true);
        }
    }
}

void hari_part_turn(const hari_part *part, bool is_after, unsigned char *arena)
{
    const unsigned char highest_bit = 0x80;
    for (uint32_t v = 0; v < part->value_count; v++) {
        const hari_part_value *value = &part->values[v];
        if (!(is_after ? value->is_turned_after : value->is_turned_before)) continue;
        unsigned char *codes = arena + value->offset;
        for (size_t i = 0; i < value->bytes; i++) codes[i] ^= highest_bit;
    }
}

static void find_last_uses(finder *f)
{
    for (uint32_t s = 0; s < f->plan->step_count; s++)
        for (uint32_t i = 0; i < f->plan->steps[s].input_count; i++)
            f->last_use[f->plan->steps[s].inputs[i]] = s;
    f->last_use[f->plan->graph->output] = UINT32_MAX;
}

static bool takes(const finder *f, const hari_step *step, hari_part_op *op)
{
    const bool is_codes = hari_input(f->plan->graph, step->node, 0)->dtype != HARI_F32;
    return is_codes == f->wants_codes && hari_part_take(f->plan->graph, step, op);
}

static int32_t find(finder *f, har_error *error)
{
    const hari_plan *plan = f->plan;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        const hari_step *step = &plan->steps[s];
        hari_part_op op;
        if (!takes(f, step, &op)) {
            f->is_open = false;
            continue;
        }
        const bool has_weights = op.kind == HARI_PART_CONV || op.kind == HARI_PART_DENSE;
        int32_t status = HAR_OK;
        if (has_weights) status = hari_part_weigh(plan->graph, step, &op, f->pool, error);
        if (status != HAR_OK) return status;
        add_op(f, step, s, &op);
    }
    return HAR_OK;
}

int32_t hari_parts_find(const hari_plan *plan, hari_part **parts, uint32_t *count, hari_pool *pool,
                        har_error *error)
{
    *count = 0;
    const uint32_t steps = plan->step_count;
    const uint32_t tensors = plan->graph->tensor_count;
    finder f = {.plan = plan,
                .pool = pool,
                .wants_codes = has_codes(plan->graph),
                .parts = hari_pool_alloc(pool, steps, sizeof *f.parts),
                .ops = hari_pool_alloc(pool, steps, sizeof *f.ops),
                .values = hari_pool_alloc(pool, (size_t)steps * 3, sizeof *f.values),
                .value_of = hari_pool_alloc(pool, tensors, sizeof *f.value_of),
                .in_part = hari_pool_alloc(pool, tensors, sizeof *f.in_part),
                .last_use = hari_pool_alloc(pool, tensors, sizeof *f.last_use)};
    if (!f.parts || !f.ops || !f.values || !f.value_of || !f.in_part || !f.last_use)
        return hari_fail(error, HAR_ERR_MEMORY, "parts of the plan");
    find_last_uses(&f);
    int32_t status = find(&f, error);
    for (uint32_t p = 0; p < f.part_count; p++) mark_turned(&f.parts[p]);
    *parts = f.parts;
    *count = f.part_count;
    return status;
}
