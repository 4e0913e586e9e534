/* The pace of windows: one a hop, or fewer while the activity is steady. include/har/stream.h has
 * the rule. */
#ifndef HARI_STREAM_PACE_H
#define HARI_STREAM_PACE_H

#include "decide/decide.h"
#include "stream/queue.h"

#define HARI_MAX_STRETCH 64u

typedef struct hari_pace {
    uint32_t stretch; /* hops from the last window to the next */
    uint32_t to_pass; /* windows to pass over before the next */
} hari_pace;

/* One window a hop from here on. */
void hari_pace_reset(hari_pace *pace);

/* Passes over due windows without computing them; says how many. */
uint32_t hari_pace_pass(hari_pace *pace, hari_queue *queue, uint32_t hop);

/* After a window: how many hops until the next. */
void hari_pace_step(hari_pace *pace, const hari_verdict *verdict, float confident,
                    uint32_t max_stretch);

#endif /* HARI_STREAM_PACE_H */
