/* What every target of the fuzzers has: bytes to draw from, and a way to say that they were wrong.
 *
 * A target defines LLVMFuzzerTestOneInput, as libFuzzer wants it; tests/fuzz/replay.c calls the
 * same function where there is no libFuzzer. */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* A promise: where it does not hold, the input is a finding. */
#define PROMISE(holds)                                                                 \
    do {                                                                               \
        if (!(holds)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                                   \
        }                                                                              \
    } while (0)

/* The input, from the front. */
typedef struct input {
    const uint8_t *data;
    size_t left;
} input;

/* The next byte; 0 where there is none. */
static inline uint8_t next_byte(input *in)
{
    if (in->left == 0) return 0;
    in->left--;
    return *in->data++;
}

/* The next `size` bytes, filled up with zeros. */
static inline void next_bytes(input *in, void *to, size_t size)
{
    const size_t there = in->left < size ? in->left : size;
    memset(to, 0, size);
    if (there > 0) memcpy(to, in->data, there);
    in->data += there;
    in->left -= there;
}

/* A value: most of them what a sensor gives, some any float there is. */
static inline float next_value(input *in)
{
    const uint8_t first = next_byte(in);
    if (first != 0xFF) return (float)(first - 128) * 0.09375f;
    float any;
    next_bytes(in, &any, sizeof any);
    return any;
}

#endif /* TESTS_FUZZ_TARGET_H */
