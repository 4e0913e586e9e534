#include "signal/contract.h"

#include <math.h>
#include <string.h>

#include "har/source.h"
#include "model/schema.h"

enum { SIGNALS = HARI_LOOK_SIGNALS, BLOCKS = HARI_LOOK_BLOCKS, CELLS = 8 };

static const double GRAVITY = 9.80665;

/* Evidence of a mistake: what is kept of it from look to look, and the most that one look adds. */
static const double KEEP = 0.75;
static const double MOST_EVIDENCE = 2.0;

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
} look;

static double trace(const look *l, int first)
{
    return l->covariance[first][first] + l->covariance[first + 1][first + 1] +
           l->covariance[first + 2][first + 2];
}

static double square_sum(const double *v) { return v[0] * v[0] + v[1] * v[1] + v[2] * v[2]; }

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
    return map.count > 0 && is_clear && !is_seen(map, l->direction)
               ? (uint32_t)HAR_REASON_GRAVITY_DIRECTION
               : 0u;
}

/* The mistakes of one sensor's axes: the axis taken for each, and its sign. */
static const int8_t mistakes[HARI_MISTAKES / 2][2][3] = {
    {{0, 1, 2}, {-1, -1, -1}}, {{0, 1, 2}, {-1, 1, 1}}, {{0, 1, 2}, {1, -1, 1}},
    {{0, 1, 2}, {1, 1, -1}},   {{1, 0, 2}, {1, 1, 1}},  {{2, 1, 0}, {1, 1, 1}},
    {{0, 2, 1}, {1, 1, 1}},    {{1, 2, 0}, {1, 1, 1}},  {{2, 0, 1}, {1, 1, 1}}};

/* The weighted sum of the covariances, each signal's trace taken as 1, and of the direction, after
 * the turn of one sensor's axes. */
static double pattern_sum(hari_vector weights, const look *l, const double *scale,
                          const int8_t (*turn)[3], bool of_rotation)
{
    int from[SIGNALS];
    double factor[SIGNALS];
    for (int i = 0; i < SIGNALS; i++) {
        const bool turns = turn && (i / 3 == 1) == of_rotation;
        from[i] = turns ? i / 3 * 3 + turn[0][i % 3] : i;
        factor[i] = scale[i / 3] * (turns ? turn[1][i % 3] : 1);
    }
    double sum = 0.0;
    uint32_t k = 0;
    for (int i = 0; i < SIGNALS; i++)
        for (int j = i; j < SIGNALS; j++)
            sum += (double)hari_f32_of(weights, k++) * l->covariance[from[i]][from[j]] * factor[i] *
                   factor[j];
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++)
            sum += (double)hari_f32_of(weights, k++) * l->direction[from[i]] *
                   l->direction[from[j]] * (factor[i] < 0.0 ? -1.0 : 1.0) *
                   (factor[j] < 0.0 ? -1.0 : 1.0);
    return sum;
}

/* Adds what each mistake would lower the sum by, where the person moves. */
static uint32_t check_pattern(hari_table t, const look *l, bool moves, double *evidence)
{
    const hari_vector weights = hari_get_vector(t, HARI_Contract_pattern);
    if (weights.count == 0) return 0;
    double scale[3];
    for (int s = 0; s < 3; s++) scale[s] = 1.0 / sqrt(fmax(trace(l, 3 * s), 1e-12));
    const double as_it_is = pattern_sum(weights, l, scale, NULL, false);
    const double margin = hari_get_f32(t, HARI_Contract_pattern_margin, 0.0f);
    uint32_t reasons = 0;
    for (int m = 0; m < HARI_MISTAKES; m++) {
        const bool of_rotation = m >= HARI_MISTAKES / 2;
        const int8_t(*turn)[3] = mistakes[m % (HARI_MISTAKES / 2)];
        evidence[m] *= KEEP;
        if (moves) {
            const double fall = as_it_is - pattern_sum(weights, l, scale, turn, of_rotation);
            evidence[m] += fmin(fmax(fall, -MOST_EVIDENCE), MOST_EVIDENCE);
        }
        if (evidence[m] > margin) reasons = HAR_REASON_ROTATION;
    }
    return reasons;
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
    return reasons | check_direction(t, &l, moves) | check_rotation(t, &l) |
           check_pattern(t, &l, moves, state->evidence);
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
