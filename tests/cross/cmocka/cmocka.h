/* The part of cmocka's interface that the tests of this project use, for targets that Debian has no
 * cmocka for. It reports like cmocka and has the same outcome. */
#ifndef SMALL_CMOCKA_H
#define SMALL_CMOCKA_H

#include <stddef.h>
#include <stdint.h>

typedef struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
} CMUnitTest;

#define cmocka_unit_test(f) \
    {                       \
#f, f, NULL, NULL   \
    }
#define cmocka_unit_test_setup_teardown(f, setup, teardown) \
    {                                                       \
#f, f, setup, teardown                              \
    }

/* The number of tests that failed. */
int small_cmocka_run(const char *group, const CMUnitTest *tests, size_t count,
                     int (*setup)(void **state), int (*teardown)(void **state));
#define cmocka_run_group_tests(tests, setup, teardown) \
    small_cmocka_run(#tests, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

#define print_message printf

/* Ends the test that runs. */
_Noreturn void small_cmocka_fail(const char *file, int line, const char *format, ...);

void small_cmocka_equal(uintmax_t a, uintmax_t b, int wanted, const char *text, const char *file,
                        int line);
void small_cmocka_text(const char *a, const char *b, int wanted, const char *text, const char *file,
                       int line);
void small_cmocka_bytes(const void *a, const void *b, size_t size, const char *text,
                        const char *file, int line);

#define SMALL_NUMBER(a) ((uintmax_t)(a))
#define SMALL_EQUAL(a, b, wanted, text) \
    small_cmocka_equal(SMALL_NUMBER(a), SMALL_NUMBER(b), wanted, text, __FILE__, __LINE__)
#define assert_true(a) SMALL_EQUAL((a) ? 1 : 0, 1, 1, #a)
#define assert_false(a) SMALL_EQUAL((a) ? 1 : 0, 0, 1, #a)
#define assert_int_equal(a, b) SMALL_EQUAL(a, b, 1, #a " == " #b)
#define assert_int_not_equal(a, b) SMALL_EQUAL(a, b, 0, #a " != " #b)
#define assert_ptr_equal(a, b) SMALL_EQUAL((uintptr_t)(a), (uintptr_t)(b), 1, #a " == " #b)
#define assert_null(a) SMALL_EQUAL((uintptr_t)(a), 0, 1, #a " == NULL")
#define assert_non_null(a) SMALL_EQUAL((uintptr_t)(a), 0, 0, #a " != NULL")
#define assert_string_equal(a, b) small_cmocka_text(a, b, 1, #a " == " #b, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) small_cmocka_text(a, b, 0, #a " != " #b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, size) \
    small_cmocka_bytes(a, b, size, #a " == " #b, __FILE__, __LINE__)
#define assert_in_range(a, low, high) \
    assert_true(SMALL_NUMBER(a) >= SMALL_NUMBER(low) && SMALL_NUMBER(a) <= SMALL_NUMBER(high))
#define skip()             \
    do {                   \
        puts("  skipped"); \
        return;            \
    } while (0)
#define fail_msg(...) small_cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)

#endif /* SMALL_CMOCKA_H */
