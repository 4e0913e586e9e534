/* What every unit test includes: cmocka and its prerequisites, and a random generator with a seed
 * that is printed and can be given again: `unit_plan SEED`. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

/* The seed of the command line, or one of the clock; printed either way. */
static inline uint64_t choose_seed(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

#endif /* TESTS_UNIT_CHECK_H */
