/* Whether values are numbers. */
#ifndef HARI_BASE_FINITE_H
#define HARI_BASE_FINITE_H

#include <stdbool.h>
#include <stddef.h>

/* No NaN and no infinity among `count` values. */
bool hari_all_finite(const float *values, size_t count);

#endif /* HARI_BASE_FINITE_H */
