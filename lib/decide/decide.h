/* From what the network puts out to a label: softmax with temperature, smoothing over windows,
 * the largest score, abstention. */
#ifndef HARI_DECIDE_DECIDE_H
#define HARI_DECIDE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/status.h"
#include "model/wire.h"

#define HARI_UNKNOWN_CLASS (-1)

typedef struct hari_decision {
    bool from_logits;
    float temperature;
    float smoothing;
    float abstain_below;
    uint32_t class_count;
} hari_decision;

/* Reads and checks a Decision table (absent: the defaults). Errors: HAR_ERR_FILE_MEANING. */
int32_t hari_decision_build(hari_decision *decision, hari_table table, uint32_t class_count,
                            har_error *error);

typedef struct hari_decision_state {
    float *scores; /* class_count: of the last window, smoothed */
    float *fresh;  /* class_count: of the last window alone */
    bool has_scores;
} hari_decision_state;

void hari_decision_layout(const hari_decision *decision, hari_decision_state *state,
                          hari_layout *layout);
void hari_decision_reset(hari_decision_state *state);

typedef struct hari_verdict {
    int32_t class_index; /* HARI_UNKNOWN_CLASS when the model abstains */
    float confidence;
    const float *scores;
} hari_verdict;

/* The label of a window; updates the smoothing. */
hari_verdict hari_decide(const hari_decision *decision, hari_decision_state *state,
                         const float *output);

/* The label of a window on its own; the smoothing stays as it is. */
hari_verdict hari_decide_alone(const hari_decision *decision, hari_decision_state *state,
                               const float *output);

#endif /* HARI_DECIDE_DECIDE_H */
