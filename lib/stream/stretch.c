#include "stream/stretch.h"

void hari_stretch_reset(hari_stretch *stretch) { *stretch = (hari_stretch){.hops = 1}; }

uint32_t hari_stretch_pass(hari_stretch *stretch, hari_queue *queue, uint32_t hop)
{
    uint32_t passed = 0;
    for (; stretch->to_pass > 0 && hari_queue_is_due(queue); stretch->to_pass--, passed++)
        queue->start += hop;
    return passed;
}

void hari_stretch_step(hari_stretch *stretch, const hari_verdict *verdict, float confident,
                       uint32_t max_stretch)
{
    const bool is_steady = verdict->is_steady && verdict->own >= confident;
    const uint32_t doubled = 2 * stretch->hops;
    stretch->hops = !is_steady ? 1 : doubled < max_stretch ? doubled : max_stretch;
    stretch->to_pass = stretch->hops - 1;
}
