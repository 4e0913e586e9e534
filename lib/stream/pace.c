#include "stream/pace.h"

void hari_pace_reset(hari_pace *pace) { *pace = (hari_pace){.stretch = 1}; }

uint32_t hari_pace_pass(hari_pace *pace, hari_queue *queue, uint32_t hop)
{
    uint32_t passed = 0;
    for (; pace->to_pass > 0 && hari_queue_is_due(queue); pace->to_pass--, passed++)
        queue->start += hop;
    return passed;
}

void hari_pace_step(hari_pace *pace, const hari_verdict *verdict, float confident,
                    uint32_t max_stretch)
{
    const bool is_steady = verdict->is_steady && verdict->own >= confident;
    const uint32_t doubled = 2 * pace->stretch;
    pace->stretch = !is_steady ? 1 : doubled < max_stretch ? doubled : max_stretch;
    pace->to_pass = pace->stretch - 1;
}
