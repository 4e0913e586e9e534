/* Band-limited values from readings at uneven times, in two steps.
 *
 * 1. Between readings: the polynomial through up to eight readings on each side, as many on one as
 *    on the other (Lagrange). It passes through the readings whatever their times are, so jitter and
 *    lost readings cost little; near ends and holes it becomes a line.
 * 2. Where readings are denser than the model's rate, values of step 1 at q times that rate are
 *    low-passed: a sinc of the model's Nyquist frequency under Kaiser's window (J. F. Kaiser,
 *    "Nonrecursive digital filter design using the I0-sinh window function", 1974).
 *
 * Only + - * / of binary64, so that every machine gives the same bits. */
#include <stdbool.h>
#include <stddef.h>

#include "signal/resample.h"

enum { SIDE = 8, MOST_DENSITY = 16 };

/* A hole wider than this many periods is bridged by a line, and bounds the readings of step 1. */
static const double HOLE_PERIODS = 2.5;

/* Readings closer than this share of their mean distance tell the same: one of them is taken, so
 * that no polynomial has to turn between the two. */
static const double LEAST_DISTANCE = 0.4;

typedef struct range {
    const hari_readings *readings;
    uint64_t first;
    uint64_t last;
    double spacing_ns; /* mean distance of the readings */
    double hole_ns;
} range;

static double between(const hari_readings *r, uint64_t early, uint64_t late)
{
    return (double)(hari_reading_time(r, late) - hari_reading_time(r, early));
}

/* Up to SIDE readings from `from` on, away from `t` in the direction of `step`. */
static int collect(const range *in, uint64_t from, int step, uint64_t *found)
{
    int count = 0;
    uint64_t i = from;
    for (;;) {
        const uint64_t near = count > 0 ? found[count - 1] : i;
        const double distance =
            step > 0 ? between(in->readings, near, i) : between(in->readings, i, near);
        if (count > 0 && distance > in->hole_ns) break;
        if (count == 0 || distance >= LEAST_DISTANCE * in->spacing_ns) found[count++] = i;
        if (count == SIDE || i == (step > 0 ? in->last : in->first)) break;
        i = step > 0 ? i + 1 : i - 1;
    }
    return count;
}

/* The value at `t` of the polynomial through readings around it; `at` is the latest not after it. */
static void polynomial(const range *in, uint64_t at, int64_t t, double *values)
{
    const hari_readings *r = in->readings;
    uint64_t nodes[2 * SIDE];
    uint64_t later[SIDE];
    const bool is_between = at < in->last && hari_reading_time(r, at) < t;
    int count = is_between ? collect(in, at, -1, nodes) : 1;
    if (is_between) {
        const int after = collect(in, at + 1, 1, later);
        if (after < count) count = after;
        if (between(r, at, at + 1) > in->hole_ns) count = 1;
        for (int i = 0; i < count; i++) nodes[count + i] = later[i];
        count *= 2;
    } else {
        nodes[0] = at;
    }
    for (uint32_t c = 0; c < r->columns; c++) values[c] = 0.0;
    for (int i = 0; i < count; i++) {
        double above = 1.0;
        double below = 1.0;
        for (int j = 0; j < count; j++) {
            if (j == i) continue;
            const int64_t other = hari_reading_time(r, nodes[j]);
            above *= (double)(t - other) / in->spacing_ns;
            below *= (double)(hari_reading_time(r, nodes[i]) - other) / in->spacing_ns;
        }
        for (uint32_t c = 0; c < r->columns; c++)
            values[c] += above / below * (double)hari_reading(r, nodes[i])[c];
    }
}

/* I0(beta sqrt(q)), a polynomial in q = 1 - v^2, v in halves of the support. Not divided by
 * I0(beta), as the weights' sum divides it out. */
static double window(double q)
{
    const double beta = 6.0;
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k <= 16; k++) {
        term *= beta * beta / 4.0 * q / (double)(k * k);
        sum += term;
    }
    return sum;
}

/* sin(pi m / q) / (pi m / q): by the Taylor series of the sine of the part within half a turn. */
static double sinc(int m, int q)
{
    const double pi = 3.14159265358979323846;
    if (m % q == 0) return m == 0 ? 1.0 : 0.0;
    const int turns = (2 * m + q) / (2 * q);
    const double x = pi * (m - turns * q) / q;
    double term = x;
    double sum = x;
    for (int k = 2; k <= 14; k += 2) {
        term *= -x * x / (double)(k * (k + 1));
        sum += term;
    }
    return (turns % 2 == 0 ? sum : -sum) * q / (pi * m);
}

/* How many times denser than the model's rate the readings are; a tenth more does not count. */
static int density(double period_ns, double spacing_ns)
{
    int q = 1;
    while (q < MOST_DENSITY && period_ns > (q + 0.1) * spacing_ns) q++;
    return q;
}

void hari_resample(const hari_readings *r, uint64_t first, uint64_t at, uint64_t last, int64_t t,
                   double period_ns, double support_ns, double *values)
{
    range in = {r, first, last, period_ns, HOLE_PERIODS * support_ns / HARI_SUPPORT_PERIODS};
    if (last > first) in.spacing_ns = between(r, first, last) / (double)(last - first);
    const int q = density(period_ns, in.spacing_ns);
    polynomial(&in, at, t, values);
    if (q == 1) return;
    double weights = window(1.0);
    for (uint32_t c = 0; c < r->columns; c++) values[c] *= weights;
    uint64_t near = first;
    for (int m = -HARI_SUPPORT_PERIODS * q; m <= HARI_SUPPORT_PERIODS * q; m++) {
        const double distance = m * period_ns / q;
        const int64_t time = t + (int64_t)(distance < 0.0 ? distance - 0.5 : distance + 0.5);
        const double v = distance / support_ns;
        if (m % q == 0 || v * v > 1.0 || time < hari_reading_time(r, first) ||
            time > hari_reading_time(r, last))
            continue;
        while (near < last && hari_reading_time(r, near + 1) <= time) near++;
        double value[3];
        polynomial(&in, near, time, value);
        const double weight = sinc(m < 0 ? -m : m, q) * window(1.0 - v * v);
        for (uint32_t c = 0; c < r->columns; c++) values[c] += weight * value[c];
        weights += weight;
    }
    for (uint32_t c = 0; c < r->columns; c++) values[c] /= weights;
}
