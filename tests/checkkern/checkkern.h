/* checkkern: every kernel of every instruction set beside its reference, and its speed beside the
 * peak of the machine. */
#ifndef TESTS_CHECKKERN_H
#define TESTS_CHECKKERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/hark.h"
#include "kernels/pack.h"
#include "unit/random.h"

enum { MOST_BUFFERS = 16 };

/* A block whose surroundings are watched. */
typedef struct buffer {
    unsigned char *block;
    size_t block_bytes;
    unsigned char *data;
    size_t bytes;
} buffer;

/* One instruction set under test. */
typedef struct checker {
    const hark_table *table;
    const char *kernel; /* in hand */
    uint64_t random;
    uint32_t failures;
    buffer buffers[MOST_BUFFERS]; /* of the round in hand */
    uint32_t buffer_count;
} checker;

/* Room for `bytes`, filled with 0xA5, until the end of the round; the program ends where there is
 * none. Memory right behind it, or right before it, cannot be read where the system can forbid
 * that; what lies on the other side is watched for writes. So its alignment changes with its size;
 * it is that of `element`. */
void *take(checker *c, size_t bytes, size_t element);

/* Ends a round: counts a failure where a buffer was left. */
void give_back(checker *c);

/* Values: mostly -reach .. reach; take_wild_f32 also has NaN, infinities, zeros of both signs and
 * numbers near the ends of the range. */
float *take_f32(checker *c, size_t n, double reach);
float *take_wild_f32(checker *c, size_t n);
uint8_t *take_u8(checker *c, size_t n); /* in some rounds all 255, or all 0 */
int16_t *take_i16(checker *c, size_t n);
int8_t *take_weights(checker *c, size_t n); /* -63 .. 63 */

/* Room for a result. */
float *take_room_f32(checker *c, size_t n);

/* A length around those of vectors, mostly below 70 and at most 300. */
uint32_t some_length(checker *c);

/* The bounds of no clamp, ReLU or ReLU6; and any of codes. */
void some_bounds(checker *c, float *low, float *high);
void some_code_bounds(checker *c, int32_t *low, int32_t *high);

/* Count a failure, with the first place that differs. For F32 NaN is NaN, and numbers below the
 * normal range are 0: NEON of armv7 has no others. */
void expect_same_u8(checker *c, const uint8_t *found, const uint8_t *wanted, size_t n);
void expect_same_i16(checker *c, const int16_t *found, const int16_t *wanted, size_t n);
void expect_same_f32(checker *c, const float *found, const float *wanted, size_t n);
/* |found - wanted| <= bounds[i % bound_count] */
void expect_near_f32(checker *c, const float *found, const float *wanted, size_t n,
                     const double *bounds, size_t bound_count);

/* One round of each kernel, and one call of a fixed size for the clock: hark_list.inc. */
#define HARK_KERNEL(name, has) void check_##name(checker *c);
#include "kernels/hark_list.inc"
#undef HARK_KERNEL

/* Times the kernels of one instruction set and prints their shares of its peak. */
void time_kernels(const hark_table *table, const char *isa, uint32_t feature);

#endif /* TESTS_CHECKKERN_H */
