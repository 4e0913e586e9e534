/* From smoothed scores to what is decided: vote, thresholds, minimum duration. */
#include "decide/decide.h"

/* Whether class `a`, with as many votes as `b`, goes before it. */
static bool goes_before(const float *scores, int32_t a, int32_t b)
{
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
}

/* The class with most votes among the last `majority`, the newest included. */
static int32_t elect(const hari_decision *decision, hari_decision_state *state, int32_t newest)
{
    if (decision->majority < 2) return newest;
    state->votes[state->next_vote] = newest;
    state->next_vote = (state->next_vote + 1) % decision->majority;
    if (state->vote_count < decision->majority) state->vote_count++;
    int32_t elected = HARI_UNKNOWN_CLASS;
    uint32_t most = 0;
    for (uint32_t i = 0; i < state->vote_count; i++) {
        const int32_t candidate = state->votes[i];
        if (candidate == HARI_UNKNOWN_CLASS) continue;
        uint32_t votes = 0;
        for (uint32_t k = 0; k < state->vote_count; k++) votes += state->votes[k] == candidate;
        if (votes > most || (votes == most && goes_before(state->scores, candidate, elected))) {
            elected = candidate;
            most = votes;
        }
    }
    return elected;
}

static int32_t wanted(const hari_decision *decision, const hari_decision_state *state,
                      int32_t candidate)
{
    const float abstain = decision->abstain_below;
    const float enter = decision->enter_above > abstain ? decision->enter_above : abstain;
    const float stay = decision->exit_below > 0.0f ? decision->exit_below : abstain;
    if (candidate != HARI_UNKNOWN_CLASS && state->scores[candidate] >= enter) return candidate;
    if (state->decided != HARI_UNKNOWN_CLASS && state->scores[state->decided] >= stay)
        return state->decided;
    return HARI_UNKNOWN_CLASS;
}

/* Whether what is wanted has been so for long enough; the difference of increasing times may not
 * fit in int64_t. */
static bool is_due(const hari_decision *decision, const hari_decision_state *state, hari_span span)
{
    const uint64_t passed = (uint64_t)span.end_ns - (uint64_t)state->wanted_by.end_ns;
    return passed >= (uint64_t)decision->min_duration_ns;
}

void hari_hysteresis(const hari_decision *decision, hari_decision_state *state, hari_span span,
                     hari_verdict *verdict)
{
    const bool is_first = !state->has_decided;
    const int32_t before = is_first ? state->to_close : state->decided;
    const int32_t largest = hari_largest_score(state->scores, decision->class_count);
    const int32_t now = wanted(decision, state, elect(decision, state, largest));
    if (is_first || now != state->wanted) {
        state->wanted = now;
        state->wanted_by = span;
    }
    const bool changes = is_first || (now != state->decided && is_due(decision, state, span));
    if (changes) {
        state->decided = now;
        state->since_ns = state->wanted_by.start_ns;
        state->has_decided = true;
        state->to_close = HARI_UNKNOWN_CLASS;
    }
    verdict->class_index = state->decided;
    verdict->since_ns = state->since_ns;
    verdict->left_index = changes ? before : HARI_UNKNOWN_CLASS;
    verdict->enters = changes && now != HARI_UNKNOWN_CLASS;
    verdict->is_steady =
        !changes && now == state->decided && now != HARI_UNKNOWN_CLASS && verdict->raw_index == now;
}
