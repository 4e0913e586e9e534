#include "explain/explainer.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "exec/exec.h"

enum { DEFAULT_PARTS = 8 };

static const hari_step *step_of(const hari_explainer *e, uint32_t number)
{
    return &e->plan.steps[number];
}

/* The seed's step, and what is before it. */
static void find_seed(hari_explainer *e)
{
    while (step_of(e, e->forward)->node->kind != HARI_OP_SEED)
        e->forward_macs += step_of(e, e->forward++)->macs;
    e->seed = step_of(e, e->forward)->prepared;
    const hari_decision *decision = &e->recognizer->decision;
    if (e->gradient.is_logits) e->seed->temperature = 1.0f;
    if (decision->from_logits) e->seed->temperature = decision->temperature;
}

int32_t hari_explainer_make(hari_explainer *e, const hari_recognizer *recognizer, uint32_t features,
                            hari_pool *pool, hari_pool *scratch, har_error *error)
{
    const hari_chain *chain = &recognizer->chain;
    e->recognizer = recognizer;
    int32_t status = hari_gradient_build(&e->gradient, &recognizer->graph, pool, scratch, error);
    if (status == HAR_OK)
        status = hari_plan_build(&e->plan, &e->gradient.graph, features, pool, error);
    if (status != HAR_OK) return status;
    find_seed(e);
    e->linear_from = hari_chain_linear_from(chain);
    e->sample_columns = e->linear_from == chain->step_count
                            ? chain->columns_out
                            : chain->steps[e->linear_from].columns_in;
    hari_layout signal = {0};
    hari_chain_layout(chain, &e->signal, &signal);
    const size_t values = (size_t)recognizer->window * chain->columns_max;
    e->arena = hari_pool_alloc(pool, e->plan.arena_bytes, 1);
    e->window = hari_pool_alloc(pool, values, sizeof *e->window);
    e->values = hari_pool_alloc(pool, values, sizeof *e->values);
    e->sums = hari_pool_alloc(pool, chain->columns_max, sizeof *e->sums);
    signal = (hari_layout){.base = hari_pool_alloc(pool, signal.used, 1)};
    if (!e->arena || !e->window || !e->values || !e->sums || !signal.base)
        return hari_fail(error, HAR_ERR_MEMORY, "explainer");
    hari_chain_layout(chain, &e->signal, &signal);
    return HAR_OK;
}

/* The first step behind the one that writes `tensor`; 0: none does. */
static uint32_t steps_until(const hari_explainer *e, uint32_t tensor)
{
    for (uint32_t s = 0; s < e->plan.step_count; s++)
        if (step_of(e, s)->output == tensor) return s + 1;
    return 0;
}

static void run_steps(hari_explainer *e, uint32_t first, uint32_t end)
{
    hari_exec_steps(&e->plan, first, end - first, e->arena);
}

/* The network alone. */
static void run_forward(hari_explainer *e) { run_steps(e, 0, e->forward); }

static float *input_of(const hari_explainer *e)
{
    return (float *)(void *)(e->arena + e->plan.input_offset);
}

static void load(const hari_explainer *e)
{
    const hari_recognizer *r = e->recognizer;
    const size_t count = (size_t)r->window * r->chain.columns_out;
    memcpy(input_of(e), e->window, count * sizeof *e->window);
}

/* What is asked for, of the network's output. */
static float judge(hari_explainer *e)
{
    const hari_step *seed = step_of(e, e->forward);
    hari_seed_judge(e->seed, (const float *)(const void *)(e->arena + seed->input_offsets[0]),
                    (float *)(void *)(e->arena + seed->output_offset));
    return e->seed->value;
}

/* What step `number` left. */
static hari_found output_of(const hari_explainer *e, uint32_t number)
{
    const hari_step *step = step_of(e, number);
    const hari_tensor *t = &e->gradient.graph.tensors[step->output];
    hari_found found = {.values = (const float *)(const void *)(e->arena + step->output_offset),
                        .rows = t->rows,
                        .columns = t->columns,
                        .signal_steps = e->recognizer->chain.step_count};
    for (uint32_t s = 0; s <= number; s++) found.macs += step_of(e, s)->macs;
    return found;
}

hari_found hari_explain_gradient(hari_explainer *e, bool at_samples)
{
    const hari_chain *chain = &e->recognizer->chain;
    const uint32_t map = steps_until(e, e->gradient.map); /* its two steps are not for this */
    load(e);
    run_steps(e, 0, map > 2 ? map - 2 : 0);
    run_steps(e, map, e->plan.step_count);
    hari_found found = output_of(e, e->plan.step_count - 1);
    found.values = (const float *)(const void *)(e->arena + e->plan.output_offset);
    found.rows = e->recognizer->window;
    found.columns = chain->columns_out;
    if (!at_samples || e->linear_from == chain->step_count) return found;
    hari_chain_reset(chain, &e->signal);
    for (uint32_t r = found.rows; r-- > 0;)
        hari_chain_back(chain, &e->signal, e->linear_from,
                        found.values + (size_t)r * chain->columns_out,
                        e->values + (size_t)r * e->sample_columns);
    found.values = e->values;
    found.columns = e->sample_columns;
    found.signal_steps = e->linear_from;
    return found;
}

uint64_t hari_explain_least_macs(const hari_explainer *e)
{
    return e->forward_macs * (1 + (uint64_t)e->recognizer->chain.columns_out);
}

/* How much what is asked for falls where a column has its mean in rows begin .. end - 1, shared
 * among these. */
static void occlude(hari_explainer *e, float whole, uint32_t column, uint32_t begin, uint32_t end)
{
    const uint32_t rows = e->recognizer->window;
    const uint32_t columns = e->recognizer->chain.columns_out;
    float mean = 0.0f;
    for (uint32_t r = 0; r < rows; r++) mean += e->window[r * columns + column] / (float)rows;
    load(e);
    for (uint32_t r = begin; r < end; r++) input_of(e)[r * columns + column] = mean;
    run_forward(e);
    const float share = (whole - judge(e)) / (float)(end - begin);
    for (uint32_t r = begin; r < end; r++) e->values[r * columns + column] = share;
}

hari_found hari_explain_occlusion(hari_explainer *e, uint64_t macs)
{
    const uint64_t rows = e->recognizer->window;
    const uint32_t columns = e->recognizer->chain.columns_out;
    uint64_t parts = DEFAULT_PARTS;
    if (macs > 0 && e->forward_macs > 0) parts = (macs / e->forward_macs - 1) / columns;
    if (parts > rows) parts = rows;
    load(e);
    run_forward(e);
    const float whole = judge(e);
    const hari_seed asked = *e->seed;
    e->seed->wanted = asked.class_index;
    for (uint32_t c = 0; c < columns; c++)
        for (uint64_t p = 0; p < parts; p++)
            occlude(e, whole, c, (uint32_t)(p * rows / parts), (uint32_t)((p + 1) * rows / parts));
    *e->seed = asked;
    return (hari_found){.values = e->values,
                        .rows = (uint32_t)rows,
                        .columns = columns,
                        .signal_steps = e->recognizer->chain.step_count,
                        .macs = e->forward_macs * (1 + parts * columns)};
}

/* What the step that writes `tensor` left when it ran: later ones may take its place. */
static hari_found explain_tensor(hari_explainer *e, uint32_t tensor)
{
    const uint32_t steps = steps_until(e, tensor);
    load(e);
    run_steps(e, 0, steps);
    return output_of(e, steps - 1);
}

hari_found hari_explain_class_map(hari_explainer *e) { return explain_tensor(e, e->gradient.map); }

uint32_t hari_explainer_attentions(const hari_explainer *e)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < e->forward; s++) count += step_of(e, s)->node->kind == HARI_OP_SOFTMAX;
    return count;
}

hari_found hari_explain_attention(hari_explainer *e, uint32_t number)
{
    load(e);
    run_forward(e);
    judge(e);
    uint32_t s = 0;
    while (step_of(e, s)->node->kind != HARI_OP_SOFTMAX || number-- > 0) s++;
    hari_found found = explain_tensor(e, step_of(e, s)->output);
    found.macs += e->forward_macs;
    return found;
}

void hari_explain_sum(hari_explainer *e, const hari_found *found)
{
    memset(e->sums, 0, found->columns * sizeof *e->sums);
    const float *values = found->values;
    for (uint32_t r = 0; r < found->rows; r++)
        for (uint32_t c = 0; c < found->columns; c++) e->sums[c] += fabsf(*values++);
}
