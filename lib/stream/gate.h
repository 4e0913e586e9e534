/* The still gate: whether a window is so like the last computed one that its scores may stand for
 * it. include/har/stream.h has the rule. */
#ifndef HARI_STREAM_GATE_H
#define HARI_STREAM_GATE_H

#include "har/status.h"
#include "model/wire.h"
#include "stream/queue.h"

typedef struct hari_gate {
    bool is_there;
    hari_vector tolerance;   /* F32, one a column; lies in the file */
    hari_vector still_below; /* likewise */
    uint32_t most_skipped;   /* windows in a row */
    float confident;         /* the probability of a window that may stand for others, or from
                                which hops are stretched; the default where the file has no gate */
} hari_gate;

/* Reads and checks a Gate table for rows of `columns`. Errors: HAR_ERR_FILE_MEANING. */
int32_t hari_gate_build(hari_gate *gate, hari_table table, uint32_t columns, har_error *error);

/* What the gate knows of the last computed window. All NULL where a stream's gate is off. */
typedef struct hari_gate_state {
    double *mean;   /* one a column */
    double *spread; /* RMS about the mean, one a column */
    double *window_mean;
    double *window_spread;
    uint32_t skipped; /* windows since */
    bool has_window;
    bool is_trusted; /* its scores may stand for others */
} hari_gate_state;

void hari_gate_layout(hari_gate_state *state, uint32_t columns, hari_layout *layout);
void hari_gate_reset(hari_gate_state *state);

/* Whether the next window of the queue is to be skipped; if not, it is the last computed one from
 * now on, and hari_gate_trust is to be told its largest probability. */
bool hari_gate_skips(const hari_gate *gate, hari_gate_state *state, const hari_queue *queue);

static inline void hari_gate_trust(const hari_gate *gate, hari_gate_state *state, float largest)
{
    state->is_trusted = largest >= gate->confident;
}

#endif /* HARI_STREAM_GATE_H */
