#include "signal/contract.h"

#include <math.h>
#include <string.h>

#include "har/source.h"
#include "model/schema.h"

enum { SIGNALS = HARI_LOOK_SIGNALS, BLOCKS = HARI_LOOK_BLOCKS, CELLS = 8 };

static const double GRAVITY = 9.80665;

/* The most that a block's direction differs from the look's. */
static const double STEADY = 0.25;

void hari_contracts_reset(const hari_contracts *contracts, hari_contract_state *states)
{
    if (contracts->count > 0) memset(states, 0, contracts->count * sizeof *states);
}

/* What a look sees: means, covariances, and the figures made of them. */
typedef struct look {
    double size; /* mean of |acceleration| */
    double mean[SIGNALS];
    double covariance[SIGNALS][SIGNALS];
    double length;       /* of the mean acceleration */
    double direction[3]; /* of it */
    double spread;       /* of the acceleration */
    double rate;         /* RMS of the rotation */
    bool steady;         /* gravity points the same way in all blocks */
} look;

static double trace(const look *l, int first)
{
    return l->covariance[first][first] + l->covariance[first + 1][first + 1] +
           l->covariance[first + 2][first + 2];
}

static double square_sum(const double *v) { return v[0] * v[0] + v[1] * v[1] + v[2] * v[2]; }

/* Whether a block's mean acceleration points where the look's does. */
static bool is_near(const double *sums, const double *direction)
{
    const double length = sqrt(square_sum(sums));
    if (!(length > 0.0)) return false;
    double off[3];
    for (int a = 0; a < 3; a++) off[a] = sums[a] / length - direction[a];
    return square_sum(off) < STEADY * STEADY;
}

static void take_look(const hari_contract_state *state, uint32_t block, look *l)
{
    const uint32_t blocks = state->begun < BLOCKS ? state->begun : BLOCKS;
    const double share = 1.0 / ((double)blocks * block);
    memset(l, 0, sizeof *l);
    for (uint32_t b = 0; b < blocks; b++) {
        const hari_block *from = &state->blocks[b];
        l->size += from->size * share;
        for (int i = 0, k = 0; i < SIGNALS; i++) {
            l->mean[i] += from->sums[i] * share;
            for (int j = i; j < SIGNALS; j++) l->covariance[i][j] += from->products[k++] * share;
        }
    }
    for (int i = 0; i < SIGNALS; i++)
        for (int j = i; j < SIGNALS; j++)
            l->covariance[j][i] = l->covariance[i][j] -= l->mean[i] * l->mean[j];
    l->length = sqrt(square_sum(l->mean));
    for (int a = 0; a < 3; a++) l->direction[a] = l->length > 0.0 ? l->mean[a] / l->length : 0.0;
    l->steady = true;
    for (uint32_t b = 0; b < blocks; b++)
        l->steady = l->steady && is_near(state->blocks[b].sums, l->direction);
    l->spread = sqrt(fmax(trace(l, 0), 0.0));
    l->rate = sqrt(fmax(trace(l, 3) + square_sum(l->mean + 3), 0.0));
}

/* Units and gravity, which need no training: a second's mean of |acceleration| is about 1 g. */
static uint32_t check_size(const hari_contract *contract, const look *l)
{
    const double size = l->size / GRAVITY;
    const double length = l->length / GRAVITY;
    uint32_t reasons = size > 3.0 ? HAR_REASON_UNIT : 0u;
    if (!contract->has_gravity) return reasons | (length > 0.6 ? HAR_REASON_GRAVITY : 0u);
    if (size * GRAVITY > 0.67 && size * GRAVITY < 1.5) reasons |= HAR_REASON_UNIT; /* g for m/s^2 */
    if (size < 0.5 || length < 0.3 * size) reasons |= HAR_REASON_GRAVITY;
    if (contract->has_rotation && l->rate > 20.0) reasons |= HAR_REASON_UNIT;
    return reasons;
}

/* Rotation that is far more or less than ever goes with such acceleration. */
static uint32_t check_rotation(hari_table t, const look *l)
{
    const double most = hari_get_f32(t, HARI_Contract_ratio_most, 0.0f);
    const double least = hari_get_f32(t, HARI_Contract_ratio_least, 0.0f);
    const bool is_off = l->rate < hari_get_f32(t, HARI_Contract_rotation_least, 0.0f) ||
                        l->rate < least * l->spread || (most > 0.0 && l->rate > most * l->spread);
    return is_off ? HAR_REASON_UNIT : 0u;
}

/* The bit of a direction in a cube map: faces +x -x +y -y +z -z. */
static bool is_seen(hari_vector map, const double *direction)
{
    int major = 0;
    for (int a = 1; a < 3; a++)
        if (fabs(direction[a]) > fabs(direction[major])) major = a;
    const double along = direction[major];
    uint32_t cell = 2u * (uint32_t)major + (along < 0.0);
    for (int k = 1; k < 3; k++) {
        const double across = direction[(major + k) % 3] / fabs(along);
        const uint32_t place = (uint32_t)((across + 1.0) * (CELLS / 2));
        cell = cell * CELLS + (place < CELLS ? place : CELLS - 1);
    }
    return map.bytes[map.at + cell / 8] >> (cell % 8) & 1;
}

static uint32_t check_direction(hari_table t, const look *l, bool moves)
{
    const unsigned slot = moves ? HARI_Contract_gravity_moving : HARI_Contract_gravity_still;
    const hari_vector map = hari_get_vector(t, slot);
    const bool is_clear = l->length > 0.5 * GRAVITY && l->length < 1.5 * GRAVITY;
    return map.count > 0 && l->steady && is_clear && !is_seen(map, l->direction)
               ? (uint32_t)HAR_REASON_GRAVITY_DIRECTION
               : 0u;
}

/* The direction and its products, how strong each signal is, and the covariances, each signal's
 * trace taken as 1. */
static void find_features(const look *l, double *f)
{
    static const double half[3] = {0.5, 0.3, 8.0}; /* m/s^2, rad/s; m/s^3 for each m/s^2 */
    double root[3];
    for (int s = 0; s < 3; s++) root[s] = sqrt(fmax(trace(l, 3 * s), 1e-12));
    for (int i = 0; i < 3; i++) *f++ = l->direction[i];
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) *f++ = l->direction[i] * l->direction[j];
    for (int s = 0; s < 3; s++) *f++ = root[s] / (root[s] + half[s] * (s == 2 ? root[0] : 1.0));
    for (int i = 0; i < SIGNALS; i++)
        for (int j = i; j < SIGNALS; j++) *f++ = l->covariance[i][j] / (root[i / 3] * root[j / 3]);
}

/* A layer of units with ReLU and their weighted sum: how much likelier than the signal of a
 * training person it is that axes are exchanged or turned round. */
static uint32_t check_axes(hari_table t, const look *l)
{
    const hari_vector weights = hari_get_vector(t, HARI_Contract_axes_weights);
    const hari_vector units = hari_get_vector(t, HARI_Contract_axes_units);
    if (weights.count == 0 || !l->steady) return 0;
    double features[HARI_AXES_FEATURES];
    find_features(l, features);
    const uint8_t *row = weights.bytes + weights.at;
    double score = 0.0;
    for (uint32_t u = 0; u < units.count / 2; u++, row += HARI_AXES_FEATURES) {
        double inside = (double)hari_f32_of(units, u);
        for (int k = 0; k < HARI_AXES_FEATURES; k++) inside += (int8_t)row[k] * features[k];
        score += (double)hari_f32_of(units, units.count / 2 + u) * fmax(inside, 0.0);
    }
    const double margin = (double)hari_get_f32(t, HARI_Contract_axes_margin, 0.0f);
    return score > margin ? (uint32_t)HAR_REASON_ROTATION : 0u;
}

static uint32_t check(const hari_contract *contract, hari_contract_state *state, uint32_t block)
{
    if (state->begun < 2) return 0; /* a second at least */
    look l;
    take_look(state, block, &l);
    const uint32_t reasons = check_size(contract, &l);
    const hari_table t = contract->learned;
    if (!t.bytes || (reasons & (HAR_REASON_UNIT | HAR_REASON_GRAVITY))) return reasons;
    const bool moves = l.spread > hari_get_f32(t, HARI_Contract_moving_above, 0.0f);
    if (state->begun < BLOCKS) return reasons | check_direction(t, &l, moves);
    return reasons | check_direction(t, &l, moves) | check_rotation(t, &l) | check_axes(t, &l);
}

/* The row's signals in SI units: low-passed, and the slope of the acceleration. */
static double add_row(const hari_contracts *contracts, const hari_contract *contract,
                      hari_contract_state *state, const float *sample)
{
    double values[6] = {0};
    for (int a = 0; a < 3; a++) {
        values[a] = sample[contract->acceleration[a]] * contract->acceleration_scale;
        if (contract->has_rotation)
            values[3 + a] = sample[contract->rotation[a]] * contract->rotation_scale;
    }
    const bool is_first = state->begun == 0;
    for (int i = 0; i < 6; i++) {
        const double before = is_first ? values[i] : state->low[i];
        state->low[i] = before + contracts->low_step * (values[i] - before);
        if (i < 3) state->low[6 + i] = (state->low[i] - before) * contracts->rate_hz;
    }
    return sqrt(square_sum(values));
}

static uint32_t push(const hari_contracts *contracts, const hari_contract *contract,
                     hari_contract_state *state, const float *sample)
{
    const double size = add_row(contracts, contract, state, sample);
    if (state->begun == 0) state->begun = 1;
    hari_block *block = &state->blocks[(state->begun - 1) % BLOCKS];
    if (state->rows == 0) memset(block, 0, sizeof *block);
    block->size += size;
    for (int i = 0, k = 0; i < SIGNALS; i++) {
        block->sums[i] += state->low[i];
        for (int j = i; j < SIGNALS; j++) block->products[k++] += state->low[i] * state->low[j];
    }
    if (++state->rows == contracts->block) {
        state->reasons = check(contract, state, contracts->block);
        state->rows = 0;
        state->begun++;
    }
    return state->reasons;
}

uint32_t hari_contracts_push(const hari_contracts *contracts, hari_contract_state *states,
                             const float *sample)
{
    uint32_t reasons = 0;
    for (uint32_t i = 0; i < contracts->count; i++)
        reasons |= push(contracts, &contracts->list[i], &states[i], sample);
    return reasons;
}
