/* Damages a model file in every way that is quick to try, and expects a clear error or the same
 * labels.
 *
 *     har_corrupt MODEL COUNT SEED [--reseal]
 *
 * Without --reseal: every truncation, then COUNT random corruptions; each must be refused with a
 * text, or give the scores of the undamaged file. With --reseal: COUNT corruptions with the
 * checksum made right again, which reach the checks behind it; any labels will do, but nothing may
 * crash, hang or take more memory than stated. Under AddressSanitizer the bytes past a truncation
 * are poisoned. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/random.h"
#include "exercise.h"
#include "poison.h"
#include "seal.h"

enum { MOST_CHANGES = 8 };

static const double MOST_SECONDS = 1.0;

static bool is_same(const outcome *o, const outcome *pristine)
{
    return o->status == HAR_OK && o->count == pristine->count &&
           memcmp(o->scores, pristine->scores, o->count * sizeof o->scores[0]) == 0;
}

/* One change of a few bytes at a place drawn at random. */
static void damage(uint8_t *bytes, size_t size, uint64_t *random)
{
    const size_t at = random_u64(random) % size;
    const size_t word = at & ~(size_t)3;
    uint32_t value;
    switch (random_u64(random) % 6) {
    case 0: bytes[at] ^= (uint8_t)(1u << random_u64(random) % 8); break;
    case 1: bytes[at] = 0; break;
    case 2: bytes[at] = 0xFF; break;
    case 3: bytes[at] = (uint8_t)random_u64(random); break;
    case 4: {
        const size_t other = random_u64(random) % size;
        const uint8_t kept = bytes[at];
        bytes[at] = bytes[other];
        bytes[other] = kept;
        break;
    }
    default: /* an integer off by a little */
        if (word + 4 > size) break;
        memcpy(&value, bytes + word, 4);
        value += (uint32_t)(random_u64(random) % 9) - 4u;
        memcpy(bytes + word, &value, 4);
    }
}

static int report(const char *what, size_t number, const outcome *o)
{
    fprintf(stderr, "FAILED %s %zu: status %d (%s), %zu scores, text \"%s\"\n", what, number,
            o->status, har_status_name(o->status), o->count, o->error.text);
    return 1;
}

static int try_truncations(uint8_t *bytes, size_t size, const outcome *pristine)
{
    static outcome o;
    int failures = 0;
    usage memory = {0};
    for (size_t length = size; length-- > 0 && failures < 10;) {
        ASAN_POISON_MEMORY_REGION(bytes + length, size - length);
        run_bytes(bytes, length, &memory, &o);
        if (!is_refused(&o) && !is_same(&o, pristine)) failures += report("truncation", length, &o);
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes, size);
    printf("%zu truncations, %d failures\n", size, failures);
    return failures;
}

static int try_corruptions(const uint8_t *original, uint8_t *bytes, size_t size, size_t count,
                           uint64_t seed, bool reseals, const outcome *pristine)
{
    static outcome o;
    const size_t checksum_at = reseals ? find_checksum(original, size) : 0;
    if (reseals && checksum_at == 0) return report("finding the checksum", 0, pristine);
    size_t refused = 0;
    int failures = 0;
    for (size_t i = 0; i < count && failures < 10; i++) {
        uint64_t random = seed * 1000003u + i;
        memcpy(bytes, original, size);
        do {
            const size_t changes = 1 + random_u64(&random) % MOST_CHANGES;
            for (size_t c = 0; c < changes; c++) damage(bytes, size, &random);
        } while (memcmp(bytes, original, size) == 0); /* a zero made zero is no damage */
        if (reseals) reseal(bytes, size, checksum_at);
        usage memory = {0};
        const clock_t start = clock();
        run_bytes(bytes, size, &memory, &o);
        const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        const bool is_right =
            is_refused(&o) || (reseals ? o.status == HAR_OK : is_same(&o, pristine));
        const bool is_bounded =
            memory.bytes == 0 && memory.most <= most_memory(size) && seconds < MOST_SECONDS;
        if (!is_right || !is_bounded) failures += report("corruption", i, &o);
        refused += o.status < 0;
    }
    printf("%zu corruptions, %zu refused, %d failures\n", count, refused, failures);
    return failures;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: har_corrupt MODEL COUNT SEED [--reseal]\n");
        return 2;
    }
    const size_t count = strtoull(argv[2], NULL, 10);
    const uint64_t seed = strtoull(argv[3], NULL, 10);
    const bool reseals = argc > 4 && strcmp(argv[4], "--reseal") == 0;
    size_t size;
    uint8_t *original = read_file(argv[1], &size);
    uint8_t *bytes = original ? read_file(argv[1], &size) : NULL;
    if (!bytes) {
        fprintf(stderr, "%s cannot be read\n", argv[1]);
        return 2;
    }
    static outcome pristine;
    usage memory = {0};
    run_bytes(original, size, &memory, &pristine);
    if (pristine.status != HAR_OK) return report("opening", 0, &pristine);
    printf("%s: seed %llu, %zu scores\n", argv[1], (unsigned long long)seed, pristine.count);
    int failures = reseals ? 0 : try_truncations(bytes, size, &pristine);
    failures += try_corruptions(original, bytes, size, count, seed, reseals, &pristine);
    free(original);
    free(bytes);
    return failures > 0;
}
