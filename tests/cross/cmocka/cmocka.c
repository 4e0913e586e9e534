#include "cmocka.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static jmp_buf after_failure;

_Noreturn void small_cmocka_fail(const char *file, int line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    longjmp(after_failure, 1);
}

void small_cmocka_equal(uintmax_t a, uintmax_t b, int wanted, const char *text, const char *file,
                        int line)
{
    if ((a == b) != (wanted != 0))
        small_cmocka_fail(file, line, "%s: 0x%" PRIxMAX ", 0x%" PRIxMAX, text, a, b);
}

void small_cmocka_text(const char *a, const char *b, int wanted, const char *text, const char *file,
                       int line)
{
    if ((strcmp(a, b) == 0) != (wanted != 0))
        small_cmocka_fail(file, line, "%s: \"%s\", \"%s\"", text, a, b);
}

void small_cmocka_bytes(const void *a, const void *b, size_t size, const char *text,
                        const char *file, int line)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)a)[i] != ((const unsigned char *)b)[i])
            small_cmocka_fail(file, line, "%s: they differ at byte %zu", text, i);
}

/* Whether it passed; the tear-down runs in any case. */
static int run_one(const CMUnitTest *test, void **state)
{
    volatile int passed = 0;
    if (setjmp(after_failure) == 0) {
        if (!test->setup || test->setup(state) == 0) {
            test->test(state);
            passed = 1;
        }
    }
    if (test->teardown && test->teardown(state) != 0) passed = 0;
    printf("[ %s ] %s\n", passed ? "      OK" : " FAILED ", test->name);
    return passed;
}

int small_cmocka_run(const char *group, const CMUnitTest *tests, size_t count,
                     int (*setup)(void **state), int (*teardown)(void **state))
{
    void *state = NULL;
    int failed = 0;
    printf("[==========] %s: %zu tests\n", group, count);
    if (setup && setup(&state) != 0) return (int)count;
    for (size_t i = 0; i < count; i++) {
        void *own = state;
        failed += !run_one(&tests[i], &own);
    }
    if (teardown && teardown(&state) != 0) failed++;
    printf("[==========] %d failed\n", failed);
    return failed;
}
