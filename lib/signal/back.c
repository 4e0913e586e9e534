/* From gradients by the rows after the signal steps to those by the rows before them. */
#include "signal/chain.h"

uint32_t hari_chain_linear_from(const hari_chain *chain)
{
    uint32_t first = chain->step_count;
    while (first > 0 && chain->steps[first - 1].type->back) first--;
    return first;
}

void hari_chain_back(const hari_chain *chain, hari_chain_state *state, uint32_t first,
                     const float *output, float *input)
{
    double *values = state->values + chain->state_values;
    for (uint32_t i = 0; i < chain->columns_out; i++) state->row[i] = output[i];
    uint32_t columns = chain->columns_out;
    for (uint32_t i = chain->step_count; i-- > first;) {
        const hari_signal_step *step = &chain->steps[i];
        values -= step->state_values;
        step->type->back(step, values, state->row);
        columns = step->columns_in;
    }
    for (uint32_t i = 0; i < columns; i++) input[i] = (float)state->row[i];
}
