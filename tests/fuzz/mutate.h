/* Changes of a model file that keep it a FlatBuffers file: what only a reader of its meaning can
 * refuse. */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One field, reached from the root by a way drawn at random, gets another value, goes away, or
 * points to what another of its kind points to; the checksum is made right again. False where the
 * bytes are not those of a model, which are then left as they are. */
bool mutate_model(uint8_t *bytes, size_t size, uint64_t *random);

#endif /* TESTS_FUZZ_MUTATE_H */
