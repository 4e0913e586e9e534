/* Band-limited interpolation of readings at uneven times: the sum over readings of
 * sinc(u) * window(v) * spacing, divided by the sum of these weights, with u the distance in
 * periods of the cutoff and v in halves of the support. The window is Kaiser's (J. F. Kaiser,
 * "Nonrecursive digital filter design using the I0-sinh window function", 1974); the spacing, half
 * the distance between the neighbours, makes the sum an integral over time (the density
 * compensation of gridding). The cutoff is half of the lower of the model's rate and that of the
 * readings inside the support: it follows from these readings alone, nothing is estimated over
 * time. Only + - * / of binary64, so that every machine gives the same bits. */
#include <stddef.h>

#include "signal/resample.h"

/* I0(x) = sum of (x^2 / 4)^k / k!^2, at x = beta sqrt(q) with q = 1 - v^2: a polynomial in q. Not
 * divided by I0(beta), as the weights' sum divides it out. */
static double window(double q)
{
    const double beta = 6.0;
    const double x = beta * beta / 4.0 * q;
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k <= 16; k++) {
        term *= x / (double)(k * k);
        sum += term;
    }
    return sum;
}

/* sin(pi f) / (pi (n + f)) * (-1)^n at u = n + f, |f| <= 1/2, by the Taylor series of the sine,
 * whose remainder is below 1e-9. A distance within 1e-6 of a whole number counts as one, so that
 * readings on the model's own grid pass unchanged. */
static double sinc(double u)
{
    const double pi = 3.14159265358979323846;
    const int64_t n = (int64_t)(u < 0.0 ? u - 0.5 : u + 0.5);
    const double f = u - (double)n;
    if (f < 1e-6 && f > -1e-6) return n == 0 ? 1.0 : 0.0;
    const double x = pi * f;
    double term = x;
    double sum = x;
    for (int k = 2; k <= 14; k += 2) {
        term *= -x * x / (double)(k * (k + 1));
        sum += term;
    }
    return (n % 2 == 0 ? sum : -sum) / (pi * u);
}

/* Half the distance between the neighbours that are among `first` to `last`. */
static double spacing(const hari_readings *r, uint64_t first, uint64_t last, uint64_t i)
{
    const uint64_t before = i > first ? i - 1 : i;
    const uint64_t after = i < last ? i + 1 : i;
    const double width = (double)(hari_reading_time(r, after) - hari_reading_time(r, before));
    return width / (double)(after - before);
}

/* Between the two readings around t. */
static void interpolate(const hari_readings *r, uint64_t at, int64_t t, double *values)
{
    const double width = (double)(hari_reading_time(r, at + 1) - hari_reading_time(r, at));
    const double share = (double)(t - hari_reading_time(r, at)) / width;
    for (uint32_t c = 0; c < r->columns; c++) {
        const double left = hari_reading(r, at)[c];
        values[c] = left + share * ((double)hari_reading(r, at + 1)[c] - left);
    }
}

void hari_resample(const hari_readings *r, uint64_t first, uint64_t at, uint64_t last, int64_t t,
                   double period_ns, double support_ns, double *values)
{
    const double hole = 2.5 * support_ns / HARI_SUPPORT_PERIODS;
    if (at < last && (double)(hari_reading_time(r, at + 1) - hari_reading_time(r, at)) > hole) {
        interpolate(r, at, t, values);
        return;
    }
    double cutoff_ns = period_ns;
    if (last > first) {
        const double local = (double)(hari_reading_time(r, last) - hari_reading_time(r, first)) /
                             (double)(last - first);
        if (local > cutoff_ns) cutoff_ns = local;
    }
    double weights = 0.0;
    double sizes = 0.0;
    for (uint32_t c = 0; c < r->columns; c++) values[c] = 0.0;
    for (uint64_t i = first; i <= last; i++) {
        const double distance = (double)(hari_reading_time(r, i) - t);
        const double v = distance / support_ns;
        if (v * v > 1.0) continue;
        const double width = last > first ? spacing(r, first, last, i) : 1.0;
        const double weight = sinc(distance / cutoff_ns) * window(1.0 - v * v) * width;
        for (uint32_t c = 0; c < r->columns; c++)
            values[c] += weight * (double)hari_reading(r, i)[c];
        weights += weight;
        sizes += weight < 0.0 ? -weight : weight;
    }
    /* readings so uneven that their weights cancel */
    if (weights < 0.1 * sizes && at < last) {
        interpolate(r, at, t, values);
        return;
    }
    for (uint32_t c = 0; c < r->columns; c++) values[c] /= weights;
}
