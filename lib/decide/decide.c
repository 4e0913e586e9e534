#include "decide/decide.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "model/schema.h"
#include "ops/softmax.h"

enum { OUTPUT_LOGITS = 0, OUTPUT_PROBABILITIES = 1 };

static int32_t check_range(float value, bool is_inside, const char *relation, float bound,
                           const char *field, har_error *error)
{
    if (is_inside) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)value, relation, (double)bound,
                           "decision.%s", field);
}

int32_t hari_decision_build(hari_decision *decision, hari_table table, uint32_t class_count,
                            har_error *error)
{
    unsigned output = hari_get_u8(table, HARI_Decision_output, OUTPUT_LOGITS);
    if (output > OUTPUT_PROBABILITIES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, output, "at most", OUTPUT_PROBABILITIES,
                               "decision.output");
    const float t = hari_get_f32(table, HARI_Decision_temperature, 1.0f);
    const float s = hari_get_f32(table, HARI_Decision_smoothing, 0.0f);
    const float a = hari_get_f32(table, HARI_Decision_abstain_below, 0.0f);
    int32_t status =
        check_range(t, isnormal(t) && t > 0.0f, "finite and above", 0.0f, "temperature", error);
    if (status == HAR_OK)
        status = check_range(s, s >= 0.0f && s < 1.0f, "from 0 to below", 1.0f, "smoothing", error);
    if (status == HAR_OK)
        status = check_range(a, a >= 0.0f && a <= 1.0f, "from 0 to", 1.0f, "abstain_below", error);
    *decision = (hari_decision){.from_logits = output == OUTPUT_LOGITS,
                                .temperature = t,
                                .smoothing = s,
                                .abstain_below = a,
                                .class_count = class_count};
    return status;
}

void hari_decision_layout(const hari_decision *decision, hari_decision_state *state,
                          hari_layout *layout)
{
    state->scores = hari_layout_take(layout, decision->class_count, sizeof *state->scores);
    state->fresh = hari_layout_take(layout, decision->class_count, sizeof *state->fresh);
}

void hari_decision_reset(hari_decision_state *state) { state->has_scores = false; }

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

/* The first of the largest. A score that is not a number is never the largest; where all are, the
 * model abstains. */
static hari_verdict judge(const hari_decision *decision, const float *scores)
{
    hari_verdict verdict = {HARI_UNKNOWN_CLASS, 0.0f, scores};
    for (uint32_t i = 0; i < decision->class_count; i++)
        if (scores[i] > verdict.confidence) {
            verdict.class_index = (int32_t)i;
            verdict.confidence = scores[i];
        }
    if (verdict.confidence < decision->abstain_below) verdict.class_index = HARI_UNKNOWN_CLASS;
    return verdict;
}

hari_verdict hari_decide(const hari_decision *decision, hari_decision_state *state,
                         const float *output)
{
    score(decision, output, state->fresh);
    const float keep = state->has_scores ? decision->smoothing : 0.0f;
    for (uint32_t i = 0; i < decision->class_count; i++)
        state->scores[i] = keep > 0.0f ? keep * state->scores[i] + (1.0f - keep) * state->fresh[i]
                                       : state->fresh[i];
    const hari_verdict verdict = judge(decision, state->scores);
    state->has_scores = verdict.confidence > 0.0f; /* what is not a number is not carried on */
    return verdict;
}

hari_verdict hari_decide_alone(const hari_decision *decision, hari_decision_state *state,
                               const float *output)
{
    score(decision, output, state->fresh);
    return judge(decision, state->fresh);
}
