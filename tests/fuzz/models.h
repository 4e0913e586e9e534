/* The small models that targets stream through, opened once. */
#ifndef TESTS_FUZZ_MODELS_H
#define TESTS_FUZZ_MODELS_H

#include <har/har.h>

/* MOST_*: of any of them. */
enum { TINY_MODELS = 6, MOST_CHANNELS = 8, MOST_WINDOW = 32, MOST_CLASSES = 16 };

/* Number 0 .. TINY_MODELS - 1; `cpu` are HAR_CPU_* bits, 0 for all, HAR_CPU_REF for plain C. */
har_model *tiny_model(unsigned number, uint32_t cpu);

/* Whether its network is of integers alone, so that scores are the same bits everywhere. */
int is_integer(unsigned number);

#endif /* TESTS_FUZZ_MODELS_H */
