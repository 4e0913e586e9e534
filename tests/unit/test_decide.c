#include "check.h"

#include <math.h>

#include "decide/decide.h"

enum { CLASSES = 3 };

static float scores[CLASSES];
static float fresh[CLASSES];
static float alone[CLASSES];
static const hari_span SPAN = {0, 0};

static hari_decision_state new_state(void)
{
    hari_decision_state state = {.scores = scores, .fresh = fresh, .alone = alone};
    hari_decision_reset(&state);
    return state;
}

static void logits_become_probabilities_at_a_temperature(void **state)
{
    (void)state;
    const hari_decision decision = {
        .from_logits = true, .temperature = 2.0f, .class_count = CLASSES};
    hari_decision_state s = new_state();
    const float logits[CLASSES] = {1.0f, 3.0f, -2.0f};
    hari_verdict verdict = hari_decide(&decision, &s, logits, SPAN);
    const double sum = exp(0.5) + exp(1.5) + exp(-1.0);
    assert_int_equal(verdict.class_index, 1);
    assert_true(fabs((double)verdict.confidence - exp(1.5) / sum) < 1e-6);
    assert_true(fabs((double)verdict.scores[2] - exp(-1.0) / sum) < 1e-6);
}

static void smoothing_keeps_a_share_of_the_last_scores(void **state)
{
    (void)state;
    const hari_decision decision = {.temperature = 1, .smoothing = 0.75f, .class_count = CLASSES};
    hari_decision_state s = new_state();
    const float first[CLASSES] = {0.8f, 0.1f, 0.1f};
    const float second[CLASSES] = {0.0f, 0.9f, 0.1f};
    assert_int_equal(hari_decide(&decision, &s, first, SPAN).class_index, 0);
    hari_verdict verdict = hari_decide(&decision, &s, second, SPAN);
    assert_int_equal(verdict.class_index, 0);
    assert_true(fabs((double)verdict.scores[0] - 0.6) < 1e-6);
    assert_true(fabs((double)verdict.scores[1] - 0.3) < 1e-6);
    assert_int_equal(hari_decide_alone(&decision, &s, second).class_index, 1);
    assert_true(fabs((double)scores[0] - 0.6) < 1e-6);
    hari_decision_reset(&s);
    assert_int_equal(hari_decide(&decision, &s, second, SPAN).class_index, 1);
}

static void a_low_confidence_is_unknown(void **state)
{
    (void)state;
    const hari_decision decision = {
        .temperature = 1, .abstain_below = 0.5f, .class_count = CLASSES};
    hari_decision_state s = new_state();
    const float unsure[CLASSES] = {0.4f, 0.3f, 0.3f};
    const float sure[CLASSES] = {0.2f, 0.3f, 0.5f};
    assert_int_equal(hari_decide(&decision, &s, unsure, SPAN).class_index, HARI_UNKNOWN_CLASS);
    assert_int_equal(hari_decide(&decision, &s, sure, SPAN).class_index, 2);
}

static void what_is_not_a_number_is_unknown_and_forgotten(void **state)
{
    (void)state;
    const hari_decision decision = {
        .from_logits = true, .temperature = 1, .smoothing = 0.5f, .class_count = CLASSES};
    hari_decision_state s = new_state();
    const float broken[CLASSES] = {NAN, 1.0f, 0.0f};
    const float right[CLASSES] = {0.0f, 4.0f, 0.0f};
    hari_verdict verdict = hari_decide(&decision, &s, broken, SPAN);
    assert_int_equal(verdict.class_index, HARI_UNKNOWN_CLASS);
    verdict = hari_decide(&decision, &s, right, SPAN);
    assert_int_equal(verdict.class_index, 1);
    assert_true(isfinite(verdict.confidence));
}

/* Where the network puts out probabilities and one of them is no number. */
static void one_class_that_is_not_a_number_comes_back(void **state)
{
    (void)state;
    const hari_decision decision = {.temperature = 1, .smoothing = 0.5f, .class_count = CLASSES};
    hari_decision_state s = new_state();
    const float broken[CLASSES] = {NAN, 0.6f, 0.4f};
    const float right[CLASSES] = {0.9f, 0.1f, 0.0f};
    assert_int_equal(hari_decide(&decision, &s, broken, SPAN).class_index, 1);
    const hari_verdict verdict = hari_decide(&decision, &s, right, SPAN);
    assert_int_equal(verdict.class_index, 0);
    assert_true(verdict.scores[0] == 0.9f);
    assert_true(fabsf(verdict.scores[1] - 0.35f) < 1e-6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_become_probabilities_at_a_temperature),
        cmocka_unit_test(smoothing_keeps_a_share_of_the_last_scores),
        cmocka_unit_test(a_low_confidence_is_unknown),
        cmocka_unit_test(what_is_not_a_number_is_unknown_and_forgotten),
        cmocka_unit_test(one_class_that_is_not_a_number_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
