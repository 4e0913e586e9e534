#include "ops/seed.h"

#include "ops/list.h"
#include "ops/softmax.h"

/* The largest score but that of `except`; -1: there is none. */
static int32_t largest(const float *scores, uint32_t count, int32_t except)
{
    int32_t found = -1;
    for (int32_t i = 0; i < (int32_t)count; i++)
        if (i != except && (found < 0 || scores[i] > scores[found])) found = i;
    return found;
}

static bool is_probability(const hari_seed *seed)
{
    return seed->target == HARI_TARGET_PROBABILITY && seed->temperature > 0.0f;
}

void hari_seed_judge(hari_seed *seed, const float *scores, float *scratch)
{
    const int32_t i = seed->wanted < 0 ? largest(scores, seed->classes, -1) : seed->wanted;
    seed->class_index = i;
    seed->other_index = largest(scores, seed->classes, i);
    seed->value = scores[i];
    if (seed->target == HARI_TARGET_MARGIN && seed->other_index >= 0)
        seed->value -= scores[seed->other_index];
    if (!is_probability(seed)) return;
    for (uint32_t k = 0; k < seed->classes; k++) scratch[k] = scores[k] / seed->temperature;
    hari_softmax(scratch, seed->classes);
    seed->value = scratch[i];
}

/* The derivative of the value by every score. */
static void run(const hari_step *step, const void *const *inputs, void *output, void *scratch)
{
    (void)scratch;
    hari_seed *seed = step->prepared;
    float *y = output;
    hari_seed_judge(seed, inputs[0], y);
    for (int32_t k = 0; k < (int32_t)seed->classes; k++) {
        const float own = k == seed->class_index;
        if (is_probability(seed))
            y[k] = seed->value * (own - y[k]) / seed->temperature;
        else
            y[k] = seed->target == HARI_TARGET_MARGIN && k == seed->other_index ? -1.0f : own;
    }
}

static int32_t prepare(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error)
{
    hari_seed *seed = hari_prepare(step, sizeof *seed, pool, error);
    if (!seed) return HAR_ERR_MEMORY;
    seed->classes = (uint32_t)hari_output(graph, step->node)->elements;
    return HAR_OK;
}

const hari_op hari_seed_op = {.prepare = prepare, .run = run};
