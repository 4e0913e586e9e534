#include "ops/panels.h"

#include <string.h>

/* [group][panel][kernel * inputs][HARK_PANEL] */
void hari_pack_panels_f32(const hark_conv *s, const float *source, const float *scales,
                          float *target)
{
    const uint32_t outputs = s->columns_out / s->groups;
    const size_t values = (size_t)s->kernel * (s->columns_in / s->groups);
    for (uint32_t first = 0; first < s->columns_out;) {
        const uint32_t left = outputs - first % outputs;
        const uint32_t count = left < HARK_PANEL ? left : HARK_PANEL;
        float *panel = target + hark_packed_column(s, first) * values;
        for (size_t i = 0; i < values; i++)
            for (uint32_t o = 0; o < HARK_PANEL; o++) {
                const float w = o < count ? source[(first + o) * values + i] : 0.0f;
                panel[i * HARK_PANEL + o] = scales && o < count ? w * scales[first + o] : w;
            }
        first += count;
    }
}

/* Where `column`'s value for input `index` of run `run` lies in panels of `unit` inputs. */
static size_t place_of(const hark_conv *s, uint32_t unit, uint32_t column, uint32_t run,
                       uint32_t index)
{
    const hark_segments runs = hark_segments_of(s);
    const size_t packed = hark_packed_column(s, column);
    const size_t units = hark_divide_up(runs.length, unit);
    const size_t at = (size_t)run * units + index / unit;
    return packed / HARK_PANEL * hark_panel_q(s, unit) +
           (at * HARK_PANEL + packed % HARK_PANEL) * unit + index % unit;
}

/* The values of a run, a unit of each column after the other. */
static void spread(const int8_t *run, uint32_t length, uint32_t unit, int8_t *target)
{
    for (; length >= unit; run += unit, length -= unit, target += HARK_PANEL * unit)
        if (unit == 4) /* sizes that are known are copied at once */
            memcpy(target, run, 4);
        else
            memcpy(target, run, 2);
    for (uint32_t i = 0; i < length; i++) target[i] = run[i];
}

void hari_pack_panels_q(const hark_conv *s, uint32_t unit, const int8_t *source, int8_t *target)
{
    const hark_segments runs = hark_segments_of(s);
    for (uint32_t o = 0; o < s->columns_out; o++)
        for (uint32_t run = 0; run < runs.count; run++, source += runs.length)
            spread(source, runs.length, unit, target + place_of(s, unit, o, run, 0));
}
