/* What a program does with a model: opens it, asks it for everything it says, streams a signal. */
#ifndef TESTS_FUZZ_EXERCISE_H
#define TESTS_FUZZ_EXERCISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <har/har.h>

enum { MOST_SCORES = 4096 };

/* Scores of all labels of a fixed signal of 160 samples, and the number of them. */
typedef struct outcome {
    int32_t status;
    size_t count;
    float scores[MOST_SCORES];
    har_error error;
} outcome;

/* Memory that an allocator has given: now, and at most. */
typedef struct usage {
    size_t bytes;
    size_t most;
} usage;

/* An allocator that counts in `u`. */
har_allocator counting_allocator(usage *u);

/* What SECURITY.md promises that a file of `size` bytes takes at most. */
static inline size_t most_memory(size_t size) { return ((size_t)1 << 20) + 16 * size; }

/* Reads every text and number that the model tells, and runs its self-test. */
void describe_model(const har_model *model);

/* Opens the bytes as a model, describes it and streams the signal. */
void run_bytes(const uint8_t *bytes, size_t size, usage *memory, outcome *o);

/* An error whose text says something. */
bool is_refused(const outcome *o);

/* The whole file in memory that is aligned as har_model_open_memory wants it, of malloc's family;
 * NULL where it cannot be read. */
uint8_t *read_file(const char *path, size_t *size);

#endif /* TESTS_FUZZ_EXERCISE_H */
