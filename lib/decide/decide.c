#include "decide/decide.h"

#include <string.h>

#include "ops/softmax.h"

void hari_decision_layout(const hari_decision *decision, hari_decision_state *state,
                          hari_layout *layout)
{
    state->scores = hari_layout_take(layout, decision->class_count, sizeof *state->scores);
    state->fresh = hari_layout_take(layout, decision->class_count, sizeof *state->fresh);
    state->alone = hari_layout_take(layout, decision->class_count, sizeof *state->alone);
    state->votes = hari_layout_take(layout, decision->majority, sizeof *state->votes);
}

void hari_decision_reset(hari_decision_state *state)
{
    hari_decision_gap(state);
    state->to_close = HARI_UNKNOWN_CLASS;
}

void hari_decision_gap(hari_decision_state *state)
{
    if (state->has_decided) state->to_close = state->decided;
    state->has_scores = false;
    state->has_decided = false;
    state->decided = HARI_UNKNOWN_CLASS;
    state->vote_count = 0;
    state->next_vote = 0;
}

static void score(const hari_decision *decision, const float *output, float *scores)
{
    const uint32_t n = decision->class_count;
    if (!decision->from_logits) {
        memcpy(scores, output, n * sizeof *scores);
        return;
    }
    for (uint32_t i = 0; i < n; i++) scores[i] = output[i] / decision->temperature;
    hari_softmax(scores, n);
}

int32_t hari_largest_score(const float *scores, uint32_t count)
{
    int32_t found = HARI_UNKNOWN_CLASS;
    float largest = 0.0f;
    for (uint32_t i = 0; i < count; i++)
        if (scores[i] > largest) {
            found = (int32_t)i;
            largest = scores[i];
        }
    return found;
}

static float score_of(const float *scores, int32_t class_index)
{
    return class_index == HARI_UNKNOWN_CLASS ? 0.0f : scores[class_index];
}

hari_verdict hari_decide(const hari_decision *decision, hari_decision_state *state,
                         const float *output, hari_span span)
{
    const uint32_t n = decision->class_count;
    if (output) score(decision, output, state->fresh);
    const float keep = state->has_scores ? decision->smoothing : 0.0f;
    for (uint32_t i = 0; i < n; i++) {
        const bool carries = keep > 0.0f && state->scores[i] == state->scores[i]; /* a number */
        state->scores[i] =
            carries ? keep * state->scores[i] + (1.0f - keep) * state->fresh[i] : state->fresh[i];
    }
    hari_verdict verdict = {.raw_index = hari_largest_score(state->fresh, n),
                            .scores = state->scores};
    verdict.own = score_of(state->fresh, verdict.raw_index);
    hari_hysteresis(decision, state, span, &verdict);
    const int32_t largest = hari_largest_score(state->scores, n);
    verdict.confidence = score_of(
        state->scores, verdict.class_index == HARI_UNKNOWN_CLASS ? largest : verdict.class_index);
    state->has_scores = largest != HARI_UNKNOWN_CLASS; /* what is no number is not carried on */
    return verdict;
}

hari_verdict hari_decide_alone(const hari_decision *decision, hari_decision_state *state,
                               const float *output)
{
    score(decision, output, state->alone);
    const int32_t largest = hari_largest_score(state->alone, decision->class_count);
    hari_verdict verdict = {.class_index = largest,
                            .raw_index = largest,
                            .left_index = HARI_UNKNOWN_CLASS,
                            .confidence = score_of(state->alone, largest),
                            .scores = state->alone};
    if (verdict.confidence < decision->abstain_below) verdict.class_index = HARI_UNKNOWN_CLASS;
    return verdict;
}
