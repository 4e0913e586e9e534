/* Codes for tests: docs/design/numbers.md written down again. */
#ifndef TESTS_UNIT_CODES_H
#define TESTS_UNIT_CODES_H

#include "graph_maker.h"

#include <math.h>

static inline float random_scale(maker *m)
{
    return (float)(0.02 + 0.1 * fabs(random_unit(&m->random)));
}

static inline int32_t clamp_code(double value, double low, double high)
{
    return (int32_t)fmin(fmax(value, low), high);
}

/* v to its code: clamp(rne(v) + z, low, high). */
static inline int32_t code_of(float v, int32_t zero, int32_t low, int32_t high)
{
    return clamp_code((double)nearbyintf(v) + zero, low, high);
}

/* low..high of a fused activation. */
static inline void code_range(hari_activation kind, const hari_tensor *y, int32_t *low,
                              int32_t *high)
{
    *low = kind == HARI_ACT_NONE ? 0 : y->zero_point;
    *high = 255;
    if (kind == HARI_ACT_RELU6) *high = code_of(6.0f / y->scales[0], y->zero_point, 0, 255);
}

static inline void fill_codes(maker *m, uint32_t tensor, void *values)
{
    const hari_tensor *t = &m->tensors[tensor];
    for (size_t i = 0; i < t->elements; i++)
        if (t->dtype == HARI_U8)
            ((uint8_t *)values)[i] = (uint8_t)random_range(&m->random, 0, 255);
        else
            ((int16_t *)values)[i] = (int16_t)((int32_t)random_range(&m->random, 0, 65534) - 32767);
}

/* x - z of one value of a codes tensor. */
static inline int64_t centred(const hari_tensor *t, const void *values, size_t i)
{
    return t->dtype == HARI_U8 ? ((const uint8_t *)values)[i] - t->zero_point
                               : ((const int16_t *)values)[i];
}

static inline uint32_t make_u8(maker *m, uint32_t rows, uint32_t columns)
{
    const int32_t zero = (int32_t)random_range(&m->random, 0, 255);
    return make_codes(m, HARI_U8, rows, columns, random_scale(m), zero);
}

/* A tensor with the codes of another. */
static inline uint32_t make_alike(maker *m, uint32_t tensor, uint32_t rows)
{
    const hari_tensor *t = &m->tensors[tensor];
    return make_codes(m, t->dtype, rows, t->columns, t->scales[0], t->zero_point);
}

#endif /* TESTS_UNIT_CODES_H */
