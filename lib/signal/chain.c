#include "signal/chain.h"

#include <string.h>

static double *state_of(const hari_chain *chain, hari_chain_state *state, uint32_t index)
{
    double *values = state->values;
    for (uint32_t i = 0; i < index; i++) values += chain->steps[i].state_values;
    return values;
}

void hari_chain_layout(const hari_chain *chain, hari_chain_state *state, hari_layout *layout)
{
    state->row = hari_layout_take(layout, chain->columns_max, sizeof *state->row);
    state->values = hari_layout_take(layout, chain->state_values, sizeof *state->values);
}

void hari_chain_reset(const hari_chain *chain, hari_chain_state *state)
{
    if (chain->state_values > 0)
        memset(state->values, 0, chain->state_values * sizeof *state->values);
    state->drain_step = 0;
    state->drained = 0;
}

/* Runs the row from step `first` on; true when it reaches the end. */
static bool run_from(const hari_chain *chain, hari_chain_state *state, uint32_t first,
                     float *output)
{
    double *values = state_of(chain, state, first);
    for (uint32_t i = first; i < chain->step_count; i++) {
        const hari_signal_step *step = &chain->steps[i];
        if (!step->type->push(step, values, state->row)) return false;
        values += step->state_values;
    }
    for (uint32_t i = 0; i < chain->columns_out; i++) output[i] = (float)state->row[i];
    return true;
}

bool hari_chain_push(const hari_chain *chain, hari_chain_state *state, const float *sample,
                     float *output)
{
    for (uint32_t i = 0; i < chain->columns_in; i++) state->row[i] = sample[i];
    return run_from(chain, state, 0, output);
}

bool hari_chain_drain(const hari_chain *chain, hari_chain_state *state, float *output)
{
    while (state->drain_step < chain->step_count) {
        const hari_signal_step *step = &chain->steps[state->drain_step];
        if (state->drained == step->latency) {
            state->drain_step++;
            state->drained = 0;
            continue;
        }
        state->drained++;
        double *values = state_of(chain, state, state->drain_step);
        if (step->type->drain(step, values, state->row) &&
            run_from(chain, state, state->drain_step + 1, output))
            return true;
    }
    return false;
}
