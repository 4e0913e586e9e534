/* checkkern [--seed N] [--rounds N] [--time] [KERNEL]
 *
 * Compares every kernel of every instruction set of this processor with its reference on random and
 * extreme inputs, edge sizes and unaligned pointers, with guards around every buffer. The seed is
 * printed; with it, and the name of a kernel, a failure is played again. --time also prints how
 * fast each kernel is, as a share of the peak that is measured in the same run. The exit status is
 * 1 where a kernel failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "checkkern.h"

typedef struct entry {
    const char *name;
    void (*check)(checker *c);
    size_t isa_offset; /* of its instruction set's name in the table */
} entry;

static const entry ENTRIES[] = {
#define HARK_KERNEL(name, has) {#name, check_##name, offsetof(hark_table, name##_isa)},
#include "kernels/hark_list.inc"
#undef HARK_KERNEL
};

enum { ENTRY_COUNT = sizeof ENTRIES / sizeof ENTRIES[0], FEATURE_BITS = 31 };

typedef struct options {
    uint64_t seed;
    uint32_t rounds;
    bool with_time;
    const char *kernel; /* NULL: all */
} options;

static options parse(int argc, char **argv)
{
    options o = {.seed = (uint64_t)time(NULL), .rounds = 200};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            o.seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            o.rounds = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--time") == 0) {
            o.with_time = true;
        } else if (argv[i][0] != '-' && !o.kernel) {
            o.kernel = argv[i];
        } else {
            fprintf(stderr, "usage: checkkern [--seed N] [--rounds N] [--time] [KERNEL]\n");
            exit(2);
        }
    }
    return o;
}

static const char *isa_of(const hark_table *table, const entry *e)
{
    const char *isa;
    memcpy(&isa, (const char *)table + e->isa_offset, sizeof isa);
    return isa;
}

/* All rounds of the kernels that `isa` has of its own; how many there are goes to `checked`. */
static uint32_t check_isa(const hark_table *table, const char *isa, const options *o,
                          uint32_t *checked)
{
    uint32_t failures = 0;
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        const entry *e = &ENTRIES[i];
        if (strcmp(isa_of(table, e), isa) != 0) continue;
        if (o->kernel && strcmp(o->kernel, e->name) != 0) continue;
        checker c = {.table = table, .kernel = e->name, .random = o->seed};
        for (uint32_t round = 0; round < o->rounds && c.failures == 0; round++) {
            e->check(&c);
            give_back(&c);
        }
        if (c.failures > 0) printf("  FAILED: %s of %s\n", e->name, isa);
        failures += c.failures > 0;
        ++*checked;
    }
    return failures;
}

int main(int argc, char **argv)
{
    const options o = parse(argc, argv);
    uint32_t features;
    if (hari_cpu_allowed(0, &features, NULL) != HAR_OK) {
        fprintf(stderr, "checkkern: HAR_CPU names no instruction set\n");
        return 2;
    }
    printf("seed %llu\n", (unsigned long long)o.seed);
    uint32_t failures = 0;
    uint32_t sets = 0;
    for (uint32_t bit = 0; bit < FEATURE_BITS; bit++) {
        const uint32_t feature = features & (UINT32_C(1) << bit);
        if (!feature || feature == HAR_CPU_REF)
            continue; /* the references are what is compared with */
        hark_table table;
        uint32_t checked = 0;
        hark_table_init(&table, features & (2 * feature - 1)); /* up to this one */
        failures += check_isa(&table, hari_cpu_name(feature), &o, &checked);
        printf("%-12s %u kernels, %u rounds each\n", hari_cpu_name(feature), (unsigned)checked,
               (unsigned)o.rounds);
        if (o.with_time && checked > 0) time_kernels(&table, hari_cpu_name(feature), feature);
        sets++;
    }
    printf("%u instruction sets, %u kernels failed\n", (unsigned)sets, (unsigned)failures);
    return failures > 0;
}
