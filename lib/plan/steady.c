#include "plan/steady.h"

static const hari_steady NONE = {0, 0, 1, 0};

static uint64_t divide_up(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

uint32_t hari_common_multiple(uint64_t a, uint64_t b, uint32_t most)
{
    uint64_t x = a;
    uint64_t y = b;
    while (y != 0) {
        const uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    const uint64_t factor = a / x;
    return b > most / factor ? 0 : (uint32_t)(factor * b);
}

/* Unit T is computed from the rows T * unit * stride - pad .. (T * unit + unit - 1) * stride - pad
 * + extent - 1. It is steady where all of them are: even a value that is multiplied by 0 in the end
 * has its part in the rounding. */
hari_steady hari_steady_after(const hari_reach *reach, uint32_t unit, hari_steady in, uint32_t rows,
                              uint32_t window)
{
    const uint64_t end_in = (uint64_t)in.end + reach->pad;
    if (reach->stride == 0 || in.period == 0 || end_in < reach->extent) return NONE;
    const uint64_t unit_step = (uint64_t)unit * reach->stride;
    const uint64_t first = divide_up((uint64_t)in.first + reach->pad, unit_step) * unit;
    const uint64_t end = ((end_in - reach->extent) / reach->stride + 1) / unit * unit;
    const uint64_t together = unit > reach->pool ? unit : reach->pool; /* powers of 2 */
    const uint64_t stride = (uint64_t)in.stride * reach->stride * reach->pool;
    const uint64_t period = (uint64_t)in.stride * reach->stride * together;
    const uint64_t end_out = end / reach->pool < rows ? end / reach->pool : rows;
    const hari_steady out = {(uint32_t)divide_up(first, reach->pool), (uint32_t)end_out,
                             (uint32_t)stride, hari_common_multiple(in.period, period, window)};
    return out.period == 0 || out.first >= out.end ? NONE : out;
}

hari_steady hari_steady_both(hari_steady a, hari_steady b, uint32_t window)
{
    if (a.period == 0 || b.period == 0 || a.stride != b.stride) return NONE;
    const hari_steady both = {a.first > b.first ? a.first : b.first, a.end < b.end ? a.end : b.end,
                              a.stride, hari_common_multiple(a.period, b.period, window)};
    return both.period == 0 || both.first >= both.end ? NONE : both;
}
