#include "stream/gate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "model/schema.h"

enum { MOST_SKIPPED = 65535 };

static const float USUAL_CONFIDENT = 0.9f;

static int32_t check_columns(hari_vector values, uint32_t columns, const char *field,
                             har_error *error)
{
    if (values.count != columns)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, values.count, "equal to the columns",
                               columns, "gate.%s count", field);
    for (uint32_t i = 0; i < columns; i++) {
        const float value = hari_f32_of(values, i);
        if (!(value >= 0.0f && value <= FLT_MAX))
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)value,
                                   "finite and at least", 0, "gate.%s[%u]", field, i);
    }
    return HAR_OK;
}

int32_t hari_gate_build(hari_gate *gate, hari_table table, uint32_t columns, har_error *error)
{
    *gate = (hari_gate){.is_there = table.bytes != NULL,
                        .tolerance = hari_get_vector(table, HARI_Gate_tolerance),
                        .still_below = hari_get_vector(table, HARI_Gate_still_below),
                        .most_skipped = hari_get_u32(table, HARI_Gate_most_skipped, 1),
                        .confident = hari_get_f32(table, HARI_Gate_confident, USUAL_CONFIDENT)};
    if (!gate->is_there) return HAR_OK;
    int32_t status = check_columns(gate->tolerance, columns, "tolerance", error);
    if (status == HAR_OK) status = check_columns(gate->still_below, columns, "still_below", error);
    if (status == HAR_OK && (gate->most_skipped < 1 || gate->most_skipped > MOST_SKIPPED))
        status = hari_fail_bound(error, HAR_ERR_FILE_MEANING, gate->most_skipped, "from 1 to",
                                 MOST_SKIPPED, "gate.most_skipped");
    if (status == HAR_OK && !(gate->confident >= 0.0f && gate->confident <= 1.0f))
        status = hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)gate->confident, "from 0 to",
                                 1, "gate.confident");
    return status;
}

void hari_gate_layout(hari_gate_state *state, uint32_t columns, hari_layout *layout)
{
    state->mean = hari_layout_take(layout, columns, sizeof(double));
    state->spread = hari_layout_take(layout, columns, sizeof(double));
    state->window_mean = hari_layout_take(layout, columns, sizeof(double));
    state->window_spread = hari_layout_take(layout, columns, sizeof(double));
}

void hari_gate_reset(hari_gate_state *state)
{
    state->has_window = false;
    state->skipped = 0;
}

static const float *row_of(const hari_queue *queue, uint32_t row)
{
    return queue->rows + (size_t)((queue->start + row) % queue->capacity) * queue->columns;
}

static void measure(hari_gate_state *state, const hari_queue *queue)
{
    double *mean = state->window_mean, *spread = state->window_spread;
    memset(mean, 0, queue->columns * sizeof *mean);
    memset(spread, 0, queue->columns * sizeof *spread);
    for (uint32_t r = 0; r < queue->window; r++)
        for (uint32_t c = 0; c < queue->columns; c++) mean[c] += (double)row_of(queue, r)[c];
    for (uint32_t c = 0; c < queue->columns; c++) mean[c] /= queue->window;
    for (uint32_t r = 0; r < queue->window; r++)
        for (uint32_t c = 0; c < queue->columns; c++) {
            const double from_mean = (double)row_of(queue, r)[c] - mean[c];
            spread[c] += from_mean * from_mean;
        }
    for (uint32_t c = 0; c < queue->columns; c++) spread[c] = sqrt(spread[c] / queue->window);
}

static bool is_unchanged(const hari_gate *gate, const hari_gate_state *state, uint32_t columns)
{
    for (uint32_t c = 0; c < columns; c++) {
        const double tolerance = (double)hari_f32_of(gate->tolerance, c);
        const double still = (double)hari_f32_of(gate->still_below, c);
        if (state->window_spread[c] > still || state->spread[c] > still ||
            fabs(state->window_mean[c] - state->mean[c]) > tolerance ||
            fabs(state->window_spread[c] - state->spread[c]) > tolerance)
            return false;
    }
    return true;
}

bool hari_gate_skips(const hari_gate *gate, hari_gate_state *state, const hari_queue *queue)
{
    measure(state, queue);
    if (state->has_window && state->is_trusted && state->skipped < gate->most_skipped &&
        is_unchanged(gate, state, queue->columns)) {
        state->skipped++;
        return true;
    }
    memcpy(state->mean, state->window_mean, queue->columns * sizeof *state->mean);
    memcpy(state->spread, state->window_spread, queue->columns * sizeof *state->spread);
    state->has_window = true;
    state->skipped = 0;
    return false;
}
