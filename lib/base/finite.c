#include "base/finite.h"

/* A number times 0 is 0; NaN or infinity times 0 is NaN, and stays it in a sum. LANES sums, so that
 * compilers take several vectors at a time. */
enum { LANES = 16 };

bool hari_all_finite(const float *values, size_t count)
{
    float sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) sums[lane] += values[i + lane] * 0.0f;
    for (; i < count; i++) sums[0] += values[i] * 0.0f;
    for (size_t lane = 0; lane < LANES; lane++)
        if (sums[lane] != 0.0f) return false;
    return true;
}
