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
    uint32_t op_count;
    uint32_t value_count;
    bool is_open;
} finder;

/* INT8 results are the same bits everywhere, and an FP32 step before or after codes would bring in
 * other bits. */
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
            (hari_part_value){t->rows, t->columns, offset, is_computed};
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

static int32_t find(finder *f, har_error *error)
{
    const hari_plan *plan = f->plan;
    for (uint32_t s = 0; s < plan->step_count; s++) {
        const hari_step *step = &plan->steps[s];
        hari_part_op op;
        if (!hari_part_take(plan->graph, step, &op)) {
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
    if (has_codes(plan->graph)) return HAR_OK;
    const uint32_t steps = plan->step_count;
    const uint32_t tensors = plan->graph->tensor_count;
    finder f = {.plan = plan,
                .pool = pool,
                .parts = hari_pool_alloc(pool, steps, sizeof *f.parts),
                .ops = hari_pool_alloc(pool, steps, sizeof *f.ops),
                .values = hari_pool_alloc(pool, (size_t)steps * 3, sizeof *f.values),
                .value_of = hari_pool_alloc(pool, tensors, sizeof *f.value_of),
                .in_part = hari_pool_alloc(pool, tensors, sizeof *f.in_part)};
    if (!f.parts || !f.ops || !f.values || !f.value_of || !f.in_part)
        return hari_fail(error, HAR_ERR_MEMORY, "parts of the plan");
    int32_t status = find(&f, error);
    *parts = f.parts;
    *count = f.part_count;
    return status;
}
