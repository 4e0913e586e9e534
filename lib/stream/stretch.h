/* The pace of windows: one a hop, or fewer while the activity is steady. include/har/stream.h has
 * the rule. */
#ifndef HARI_STREAM_STRETCH_H
#define HARI_STREAM_STRETCH_H

#include "decide/decide.h"
#include "stream/queue.h"

#define HARI_MAX_STRETCH 64u

typedef struct hari_stretch {
    uint32_t hops;    /* hops from the last window to the next */
    uint32_t to_pass; /* windows to pass over before the next */
} hari_stretch;

/* One window a hop from here on. */
void hari_stretch_reset(hari_stretch *stretch);

/* Passes over due windows without computing them; says how many. */
uint32_t hari_stretch_pass(hari_stretch *stretch, hari_queue *queue, uint32_t hop);

/* After a window: how many hops until the next. */
void hari_stretch_step(hari_stretch *stretch, const hari_verdict *verdict, float confident,
                       uint32_t max_stretch);

#endif /* HARI_STREAM_STRETCH_H */
