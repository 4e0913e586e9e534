/* From what the network puts out to an activity: softmax with temperature, smoothing over windows,
 * vote, hysteresis, minimum duration, abstention. include/har/decision.h has the rules.
 *
 *     decide.c      a window's probabilities and the smoothed scores
 *     hysteresis.c  from the smoothed scores to what is decided
 *     settings.c    the settings: of the file, of the caller, their bounds */
#ifndef HARI_DECIDE_DECIDE_H
#define HARI_DECIDE_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/decision.h"
#include "har/status.h"
#include "model/wire.h"

#define HARI_UNKNOWN_CLASS (-1)

typedef struct hari_decision {
    bool from_logits;
    uint32_t class_count;
    float temperature;
    float smoothing;
    uint32_t majority;
    float enter_above;
    float exit_below;
    float abstain_below;
    int64_t min_duration_ns;
} hari_decision;

/* Reads and checks a Decision table (absent: the defaults). Errors: HAR_ERR_FILE_MEANING. */
int32_t hari_decision_build(hari_decision *decision, hari_table table, uint32_t class_count,
                            har_error *error);

/* A copy of the model's decision with the caller's settings; `config` NULL: a plain copy.
 * Errors: HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE. */
int32_t hari_decision_configure(hari_decision *decision, const hari_decision *model,
                                const har_decision_config *config, har_error *error);

/* The times of a window's first and last sample. */
typedef struct hari_span {
    int64_t start_ns;
    int64_t end_ns;
} hari_span;

typedef struct hari_decision_state {
    float *scores;  /* class_count: of the last window, smoothed */
    float *fresh;   /* class_count: of the last computed window alone */
    float *alone;   /* class_count: of hari_decide_alone */
    int32_t *votes; /* `majority`, in a ring; NULL without a vote */
    uint32_t vote_count;
    uint32_t next_vote;
    bool has_scores;
    bool has_decided;    /* a window since the start or the last gap */
    int32_t decided;     /* class, or HARI_UNKNOWN_CLASS */
    int32_t to_close;    /* what a gap has ended, of which no event has told yet */
    int32_t wanted;      /* by the last window */
    hari_span wanted_by; /* the first window of the run that wants it */
    int64_t since_ns;    /* of what is decided */
} hari_decision_state;

void hari_decision_layout(const hari_decision *decision, hari_decision_state *state,
                          hari_layout *layout);
void hari_decision_reset(hari_decision_state *state);

/* The next window is a first one; its event will close what is decided now. */
void hari_decision_gap(hari_decision_state *state);

typedef struct hari_verdict {
    int32_t class_index; /* HARI_UNKNOWN_CLASS when the model abstains */
    int32_t raw_index;   /* the largest of the window's own probabilities */
    int32_t left_index;  /* the class that this window ends, HARI_UNKNOWN_CLASS for none */
    bool enters;         /* `class_index` begins with this window */
    bool is_steady;      /* nothing changes or is about to, and the window itself agrees */
    float confidence;
    float own; /* the window's own probability of `raw_index` */
    const float *scores;
    int64_t since_ns;
} hari_verdict;

/* What is decided with one more window. `output` NULL: the probabilities of the window before once
 * more. */
hari_verdict hari_decide(const hari_decision *decision, hari_decision_state *state,
                         const float *output, hari_span span);

/* The label of a window on its own; what is decided stays as it is. */
hari_verdict hari_decide_alone(const hari_decision *decision, hari_decision_state *state,
                               const float *output);

/* The first of the largest. A score that is not a number is never the largest; where all are:
 * HARI_UNKNOWN_CLASS. */
int32_t hari_largest_score(const float *scores, uint32_t count);

/* From the smoothed scores to what is decided: fills class, left, enters, steady and since. */
void hari_hysteresis(const hari_decision *decision, hari_decision_state *state, hari_span span,
                     hari_verdict *verdict);

#endif /* HARI_DECIDE_DECIDE_H */
