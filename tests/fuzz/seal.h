/* The checksum of a model file, found by the schema and made right again. */
#ifndef TESTS_FUZZ_SEAL_H
#define TESTS_FUZZ_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/wire.h"

/* The root table, where the bytes are those of a model, whatever they mean. */
bool find_root(const uint8_t *bytes, size_t size, hari_table *root);

/* Where the checksum stands; 0 where it cannot be found. */
size_t find_checksum(const uint8_t *bytes, size_t size);

/* Writes at `at` the checksum of the bytes. */
void reseal(uint8_t *bytes, size_t size, size_t at);

#endif /* TESTS_FUZZ_SEAL_H */
