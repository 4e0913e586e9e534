/* The steps of har/decision.h after the smoothing, each by itself. Python tests compare whole
 * streams with the reference; these run under the sanitizers. */
#include "check.h"

#include <math.h>

#include "decide/decide.h"

enum { CLASSES = 3, MOST_VOTES = 5 };

static hari_decision_state new_state(const hari_decision *decision)
{
    static unsigned char block[1024];
    hari_layout layout = {.base = block};
    hari_decision_state state = {0};
    hari_decision_layout(decision, &state, &layout);
    assert_true(layout.used <= sizeof block);
    hari_decision_reset(&state);
    return state;
}

/* Window `number` of one second, which gives `p` to class `class_index` and the rest to the next.
 */
static hari_verdict step(const hari_decision *decision, hari_decision_state *state, int64_t number,
                         int32_t class_index, float p)
{
    float scores[CLASSES] = {0};
    scores[class_index] = p;
    scores[(class_index + 1) % CLASSES] = 1.0f - p;
    const hari_span span = {number * 1000000000, (number + 1) * 1000000000};
    return hari_decide(decision, state, scores, span);
}

static void a_class_is_entered_and_left_at_its_thresholds(void **unused)
{
    (void)unused;
    const hari_decision decision = {
        .class_count = CLASSES, .temperature = 1, .enter_above = 0.75f, .exit_below = 0.25f};
    hari_decision_state s = new_state(&decision);
    assert_int_equal(step(&decision, &s, 0, 0, 0.7f).class_index, HARI_UNKNOWN_CLASS);
    hari_verdict verdict = step(&decision, &s, 1, 0, 0.75f);
    assert_int_equal(verdict.class_index, 0);
    assert_true(verdict.enters);
    assert_int_equal(verdict.left_index, HARI_UNKNOWN_CLASS);
    verdict = step(&decision, &s, 2, 2, 0.74f); /* class 0 has 0.26 */
    assert_int_equal(verdict.class_index, 0);
    assert_int_equal(verdict.raw_index, 2);
    assert_true(fabs((double)verdict.confidence - 0.26) < 1e-6);
    assert_false(verdict.enters);
    verdict = step(&decision, &s, 3, 1, 0.74f); /* class 0 has nothing */
    assert_int_equal(verdict.class_index, HARI_UNKNOWN_CLASS);
    assert_int_equal(verdict.left_index, 0);
    assert_false(verdict.enters);
    verdict = step(&decision, &s, 4, 2, 0.9f);
    assert_int_equal(verdict.class_index, 2);
    assert_true(verdict.since_ns == 4000000000);
}

static void without_exit_below_a_class_is_left_where_the_model_abstains(void **unused)
{
    (void)unused;
    const hari_decision decision = {
        .class_count = CLASSES, .temperature = 1, .enter_above = 0.9f, .abstain_below = 0.4f};
    hari_decision_state s = new_state(&decision);
    assert_int_equal(step(&decision, &s, 0, 1, 0.95f).class_index, 1);
    assert_int_equal(step(&decision, &s, 1, 0, 0.5f).class_index, 1); /* class 1 has 0.5 */
    assert_int_equal(step(&decision, &s, 2, 0, 0.7f).class_index, HARI_UNKNOWN_CLASS);
}

static void a_change_waits_for_the_minimum_duration(void **unused)
{
    (void)unused;
    const hari_decision decision = {
        .class_count = CLASSES, .temperature = 1, .min_duration_ns = 2000000000};
    hari_decision_state s = new_state(&decision);
    static const int32_t wanted[] = {0, 1, 1, 0, 2, 1, 1, 1, 1};
    static const int32_t decided[] = {0, 0, 0, 0, 0, 0, 0, 1, 1};
    for (int i = 0; i < 9; i++) {
        const hari_verdict verdict = step(&decision, &s, i, wanted[i], 0.9f);
        assert_int_equal(verdict.class_index, decided[i]);
        assert_int_equal(verdict.enters, i == 0 || i == 7);
        assert_int_equal(verdict.left_index, i == 7 ? 0 : HARI_UNKNOWN_CLASS);
        assert_true(verdict.since_ns == (i < 7 ? 0 : 5000000000));
        assert_int_equal(verdict.is_steady, i == 3 || i == 8);
    }
}

static void times_at_both_ends_of_their_range_are_far_apart(void **unused)
{
    (void)unused;
    const hari_decision decision = {
        .class_count = CLASSES, .temperature = 1, .min_duration_ns = 3600000000000};
    hari_decision_state s = new_state(&decision);
    const float first[CLASSES] = {1, 0, 0}, other[CLASSES] = {0, 1, 0};
    const hari_span early = {INT64_MIN, INT64_MIN + 1}, late = {INT64_MAX - 1, INT64_MAX};
    assert_int_equal(hari_decide(&decision, &s, first, early).class_index, 0);
    assert_int_equal(hari_decide(&decision, &s, other, early).class_index, 0);
    assert_int_equal(hari_decide(&decision, &s, other, late).class_index, 1);
}

static void the_majority_of_the_last_windows_counts(void **unused)
{
    (void)unused;
    const hari_decision decision = {
        .class_count = CLASSES, .temperature = 1, .majority = MOST_VOTES};
    hari_decision_state s = new_state(&decision);
    static const int32_t votes[] = {2, 0, 0, 2, 1, 1, 1};
    /* alone; a tie, the larger score; 2 of 3; a tie; a tie of 2 and 0, 0 has the larger score; 0 is
     * gone; 1 */
    static const int32_t elected[] = {2, 0, 0, 2, 2, 1, 1};
    for (int i = 0; i < 7; i++)
        assert_int_equal(step(&decision, &s, i, votes[i], 0.9f).class_index, elected[i]);
}

static void a_gap_closes_what_was_decided_and_a_reset_does_not(void **unused)
{
    (void)unused;
    const hari_decision decision = {.class_count = CLASSES,
                                    .temperature = 1,
                                    .smoothing = 0.9f,
                                    .majority = 3,
                                    .min_duration_ns = 9000000000};
    hari_decision_state s = new_state(&decision);
    step(&decision, &s, 0, 1, 0.9f);
    hari_decision_gap(&s);
    hari_decision_gap(&s); /* two gaps without a window between */
    hari_verdict verdict = step(&decision, &s, 50, 2, 0.9f);
    assert_int_equal(verdict.class_index, 2);
    assert_int_equal(verdict.left_index, 1);
    assert_true(verdict.enters && verdict.since_ns == 50000000000);
    hari_decision_gap(&s);
    verdict = step(&decision, &s, 99, 2, 0.9f); /* the same class ends and begins */
    assert_int_equal(verdict.left_index, 2);
    assert_true(verdict.enters);
    hari_decision_reset(&s);
    verdict = step(&decision, &s, 100, 0, 0.9f);
    assert_int_equal(verdict.left_index, HARI_UNKNOWN_CLASS);
    assert_int_equal(verdict.class_index, 0);
}

static void a_repeated_window_has_the_probabilities_of_the_last(void **unused)
{
    (void)unused;
    const hari_decision decision = {.class_count = CLASSES, .temperature = 1, .smoothing = 0.5f};
    hari_decision_state s = new_state(&decision);
    step(&decision, &s, 0, 0, 1.0f);
    step(&decision, &s, 1, 1, 1.0f);
    const float other[CLASSES] = {0, 0, 1};
    hari_decide_alone(&decision, &s, other); /* touches nothing of it */
    const hari_verdict verdict = hari_decide(&decision, &s, NULL, (hari_span){2, 3});
    assert_int_equal(verdict.raw_index, 1);
    assert_true(verdict.scores[0] == 0.25f && verdict.scores[1] == 0.75f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_entered_and_left_at_its_thresholds),
        cmocka_unit_test(without_exit_below_a_class_is_left_where_the_model_abstains),
        cmocka_unit_test(a_change_waits_for_the_minimum_duration),
        cmocka_unit_test(times_at_both_ends_of_their_range_are_far_apart),
        cmocka_unit_test(the_majority_of_the_last_windows_counts),
        cmocka_unit_test(a_gap_closes_what_was_decided_and_a_reset_does_not),
        cmocka_unit_test(a_repeated_window_has_the_probabilities_of_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
