/* Random numbers from a seed, the same on every machine. */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t random_u64(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* low .. high, both included. */
static inline uint32_t random_range(uint64_t *state, uint32_t low, uint32_t high)
{
    return low + (uint32_t)(random_u64(state) % (high - low + 1u));
}

/* -1 .. 1 */
static inline double random_unit(uint64_t *state)
{
    return (double)(random_u64(state) >> 11) * (2.0 / 9007199254740992.0) - 1.0;
}

#endif /* TESTS_UNIT_RANDOM_H */
