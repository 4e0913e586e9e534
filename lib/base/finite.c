#include "base/finite.h"

#include <stdint.h>
#include <string.h>

/* An exponent of all ones is NaN or infinity. Without a branch in the loop, so that compilers take
 * many values at a time. */
bool hari_all_finite(const float *values, size_t count)
{
    const uint32_t exponent = UINT32_C(0x7F800000);
    uint32_t found = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        found |= (bits & exponent) == exponent;
    }
    return found == 0;
}
