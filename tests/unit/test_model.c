#include "check.h"

#include "model/utf8.h"
#include "model/verify.h"
#include "model/wire.h"

static bool valid(const char *text, uint32_t length)
{
    return hari_utf8_is_valid((const uint8_t *)text, length);
}

static void utf8_is_told_from_what_is_not(void **state)
{
    (void)state;
    assert_true(valid("", 0));
    assert_true(valid("walking", 7));
    assert_true(
        valid("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\xB6", 9)); /* e acute, euro sign, a walker */
    assert_true(valid("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF",
                      10)); /* around the surrogates, the last */
    assert_false(valid("a\0b", 3));
    assert_false(valid("\x80", 1));             /* no first byte */
    assert_false(valid("\xC0\xAF", 2));         /* overlong */
    assert_false(valid("\xE0\x9F\xBF", 3));     /* overlong */
    assert_false(valid("\xF0\x8F\xBF\xBF", 4)); /* overlong */
    assert_false(valid("\xED\xA0\x80", 3));     /* a surrogate */
    assert_false(valid("\xF4\x90\x80\x80", 4)); /* past U+10FFFF */
    assert_false(valid("\xE2\x82", 2));         /* cut off */
    assert_false(valid("\xE2\x28\xA1", 3));     /* no continuation */
}

/* A file with nothing but a root table whose first field is a Version table, made by hand:
 * root offset, identifier, vtable of root, root, vtable of Version, Version. */
static uint32_t make_file(uint8_t *bytes)
{
    static const uint8_t file[] = {
        16, 0, 0, 0, 'H', 'A', 'R', 'M',
        6,  0, 8, 0, 4,   0,   0,   0, /* at 8: vtable of 6 bytes, table of 8, field 0 at 4 */
        8,  0, 0, 0, 12,  0,   0,   0, /* at 16: root, 8 back to its vtable; field 0 is 12 on */
        8,  0, 8, 0, 4,   0,   6,   0, /* at 24: vtable of Version */
        8,  0, 0, 0, 1,   0,   3,   0, /* at 32: Version, major 1, minor 3 */
    };
    memcpy(bytes, file, sizeof file);
    return sizeof file;
}

static void the_head_of_a_file_is_read(void **state)
{
    (void)state;
    uint8_t bytes[64];
    uint32_t size = make_file(bytes);
    hari_table root;
    assert_int_equal(hari_verify_head(bytes, size, &root, NULL), HAR_OK);
    hari_table version = hari_get_table(root, 0);
    assert_int_equal(hari_get_u16(version, 0, 0), 1);
    assert_int_equal(hari_get_u16(version, 1, 0), 3);
    assert_int_equal(hari_get_u16(version, 2, 77), 77);
    assert_false(hari_has(root, 1));
}

static void a_broken_head_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t at;
        uint8_t value;
        int32_t status;
    } cases[] = {
        {4, 'X', HAR_ERR_FILE_IDENTIFIER}, {0, 255, HAR_ERR_FILE_WIRE},
        {0, 17, HAR_ERR_FILE_WIRE},        {0, 0, HAR_ERR_FILE_WIRE},
        {8, 5, HAR_ERR_FILE_WIRE},         {8, 200, HAR_ERR_FILE_WIRE},
        {10, 200, HAR_ERR_FILE_WIRE},      {12, 8, HAR_ERR_FILE_WIRE},
        {16, 200, HAR_ERR_FILE_WIRE},      {19, 128, HAR_ERR_FILE_WIRE},
        {20, 99, HAR_ERR_FILE_WIRE},       {20, 0, HAR_ERR_FILE_WIRE},
        {23, 255, HAR_ERR_FILE_WIRE},      {28, 5, HAR_ERR_FILE_WIRE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[64];
        uint32_t size = make_file(bytes);
        bytes[cases[i].at] = cases[i].value;
        har_error error;
        har_error_init(&error, sizeof error);
        hari_table root;
        assert_int_equal(hari_verify_head(bytes, size, &root, &error), cases[i].status);
        assert_true(strlen(error.text) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_told_from_what_is_not),
        cmocka_unit_test(the_head_of_a_file_is_read),
        cmocka_unit_test(a_broken_head_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
