/* The value of a sensor at a time, from its readings around that time. */
#ifndef HARI_SIGNAL_RESAMPLE_H
#define HARI_SIGNAL_RESAMPLE_H

#include <stdint.h>

/* Zero crossings of the kernel on each side; its support, in periods of the slower of the stated
 * rate and the model's. */
#define HARI_SUPPORT_PERIODS 8

/* Readings that are still there: numbers `begin` to `end` - 1, number n at n % capacity. */
typedef struct hari_readings {
    uint32_t columns;
    uint32_t capacity;
    float *values;  /* [capacity][columns] */
    int64_t *times; /* strictly increasing */
    uint64_t begin;
    uint64_t end;
} hari_readings;

static inline int64_t hari_reading_time(const hari_readings *readings, uint64_t number)
{
    return readings->times[number % readings->capacity];
}

static inline const float *hari_reading(const hari_readings *readings, uint64_t number)
{
    return readings->values + (size_t)(number % readings->capacity) * readings->columns;
}

/* The band-limited value at time `t`, of readings `first` to `last` (inside), of which `at` is the
 * latest not after `t`. `period_ns` is the model's, `support_ns` how far the kernel reaches. Writes
 * `columns` values. */
void hari_resample(const hari_readings *readings, uint64_t first, uint64_t at, uint64_t last,
                   int64_t t, double period_ns, double support_ns, double *values);

#endif /* HARI_SIGNAL_RESAMPLE_H */
