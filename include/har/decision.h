/** @file
 * From scores to activities: how a stream decides what the person is doing, window by window.
 *
 * The model's file says how; an app may say otherwise for a stream:
 *
 *     har_decision_config decision;
 *     har_decision_config_init(&decision, sizeof decision, model);
 *     decision.min_duration_ns = 4000000000;
 *     har_stream_config config;
 *     har_stream_config_init(&config, sizeof config);
 *     config.decision = &decision;
 *
 * For every window, in this order:
 *
 *  1. Calibration. p = softmax(logits / temperature); what a network puts out as probabilities
 *     stays as it is. `raw_index` of the event is the first of the largest p.
 *  2. Smoothing. s = smoothing * s_before + (1 - smoothing) * p; s = p for the first window. These
 *     are the event's `scores`.
 *  3. Vote. The candidate is the first of the largest s, or with `majority` n > 1 the class that
 *     was so most often among the last n windows, this one included (fewer at the start); between
 *     equals the one with the larger s now, then the lower number.
 *  4. Thresholds. The candidate is wanted where its s is at least both `enter_above` and
 *     `abstain_below`. Else the activity now decided is wanted further, where its s is at least
 *     `exit_below` (0: `abstain_below`). Else unknown is wanted.
 *  5. Minimum duration. What is wanted is decided once it has been wanted by every window for
 *     `min_duration_ns`, counted between the ends of the first of them and this one; until then
 *     the activity before stays decided. The first window decides at once.
 *  6. The event. `class_index` is what is decided, `confidence` its s (of unknown: the largest s),
 *     `since_ns` the start of the first window that wanted it. A change carries HAR_EVENT_EXIT with
 *     `left_index` where a class was left, and HAR_EVENT_ENTER where a class was entered.
 *
 * "The first window" is the first after create, reset and a gap. After a gap the first event closes
 * what was decided before it (HAR_EVENT_EXIT, `left_index`) and enters its own class, even where
 * both are the same; a reset forgets and closes nothing; a flush only lets the last windows become
 * due. Scores that are not numbers want unknown and are not smoothed further.
 *
 * With smoothing 0, majority 0, thresholds 0 and no minimum duration each window stands alone. The
 * events depend on the windows alone, not on how the recording was cut into pushes.
 */
#ifndef HAR_DECISION_H
#define HAR_DECISION_H

#include <stdint.h>

#include "har/export.h"
#include "har/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How scores become activities. */
typedef struct har_decision_config {
    uint32_t struct_size;    /**< set by har_decision_config_init */
    float temperature;       /**< a normal number above 0; above 1 lowers the confidence */
    float smoothing;         /**< 0 (off) to below 1 */
    uint32_t majority;       /**< windows that vote: odd, at most 63; 0 or 1: off */
    float enter_above;       /**< 0 (off) to 1 */
    float exit_below;        /**< 0 (as `abstain_below`) to 1, at most the larger of `enter_above`
                                  and `abstain_below` */
    int64_t min_duration_ns; /**< 0 (off) to one hour */
    float abstain_below;     /**< 0 (off) to 1 */
    uint32_t reserved;
} har_decision_config;

/** Sets what the model's file says; `struct_size` is sizeof(har_decision_config) of the caller.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_NO_NETWORK. Any thread. Since 0.1. */
HAR_API int32_t har_decision_config_init(har_decision_config *config, uint32_t struct_size,
                                         const har_model *model);

#ifdef __cplusplus
}
#endif

#endif /* HAR_DECISION_H */
