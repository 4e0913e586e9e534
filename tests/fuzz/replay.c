/* Runs a target of the fuzzers without a fuzzer.
 *
 *     fuzz_TARGET [--mutate COUNT SEED] FILE...
 *
 * Each file once; with --mutate besides COUNT inputs drawn from SEED: a file of those given, some
 * bytes of it changed, or a field where it is a model. What breaks a promise aborts,
 * and the number of the input stands before it. */
#include <stdbool.h>

#include "../unit/random.h"
#include "exercise.h"
#include "mutate.h"
#include "target.h"

enum { MOST_FILES = 4096 };

typedef struct file {
    uint8_t *bytes;
    size_t size;
} file;

/* As libFuzzer's: some bytes become others, some go, some are said twice. */
static size_t change_bytes(uint8_t *data, size_t size, size_t most, uint64_t *random)
{
    const uint32_t changes = random_range(random, 1, 8);
    for (uint32_t i = 0; i < changes && size > 0; i++) {
        const size_t at = random_u64(random) % size;
        const size_t count = 1 + random_u64(random) % (size - at);
        switch (random_range(random, 0, 4)) {
        case 0:
            memmove(data + at, data + at + count, size - at - count);
            size -= count;
            break;
        case 1:
            if (size + count > most) break;
            memmove(data + at + count, data + at, size - at);
            size += count;
            break;
        case 2: data[at] ^= (uint8_t)(1u << random_range(random, 0, 7)); break;
        case 3: data[at] = 0xFF; break;
        default: data[at] = (uint8_t)random_u64(random);
        }
    }
    return size;
}

/* What the targets' own mutators fall back to. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most)
{
    static uint64_t random = 1;
    return change_bytes(data, size, most, &random);
}

static void mutate(const file *files, size_t count, uint64_t inputs, uint64_t seed)
{
    for (uint64_t i = 0; i < inputs; i++) {
        uint64_t random = seed * 1000003u + i;
        const file *from = &files[random_u64(&random) % count];
        const size_t most = from->size + 4096;
        uint8_t *data = malloc(most);
        if (!data) abort();
        memcpy(data, from->bytes, from->size);
        size_t size = from->size;
        if (random_range(&random, 0, 7) == 0 || !mutate_model(data, size, &random))
            size = change_bytes(data, size, most, &random);
        if (i % 10000 == 0) fprintf(stderr, "input %llu\n", (unsigned long long)i);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
}

int main(int argc, char **argv)
{
    static file files[MOST_FILES];
    size_t count = 0;
    uint64_t inputs = 0;
    uint64_t seed = 0;
    int first = 1;
    if (argc > 3 && strcmp(argv[1], "--mutate") == 0) {
        inputs = strtoull(argv[2], NULL, 10);
        seed = strtoull(argv[3], NULL, 10);
        first = 4;
    }
    for (int i = first; i < argc && count < MOST_FILES; i++) {
        file f = {.bytes = read_file(argv[i], &f.size)};
        if (!f.bytes) {
            fprintf(stderr, "%s cannot be read\n", argv[i]);
            return 2;
        }
        fprintf(stderr, "%s\n", argv[i]);
        LLVMFuzzerTestOneInput(f.bytes, f.size);
        files[count++] = f;
    }
    if (count > 0) mutate(files, count, inputs, seed);
    printf("%zu files, %llu inputs drawn from seed %llu\n", count, (unsigned long long)inputs,
           (unsigned long long)seed);
    for (size_t i = 0; i < count; i++) free(files[i].bytes);
    return count == 0;
}
