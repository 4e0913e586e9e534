#include "check.h"

#include "base/checked.h"
#include "base/cpu_detect.h"
#include "base/crc32.h"
#include "base/error.h"
#include "base/memory.h"
#include "har/cpu.h"

/* Long texts are taken in parts: against the definition, bit by bit. */
static void crc32_of_long_texts(void **state)
{
    (void)state;
    enum { MOST = 40000 };
    static uint8_t text[MOST];
    hari_crc32_table table;
    hari_crc32_table_init(&table);
    uint64_t random = 7;
    uint32_t slow = UINT32_MAX;
    for (size_t size = 0; size < MOST; size++) {
        if (size % 997 == 0 || (size > 4080 && size < 4140))
            assert_int_equal(hari_crc32(&table, 0, text, size), ~slow);
        text[size] = (uint8_t)random_u64(&random);
        slow ^= text[size];
        for (int bit = 0; bit < 8; bit++)
            slow = (slow >> 1) ^ ((slow & 1u) ? UINT32_C(0xEDB88320) : 0u);
    }
}

static void crc32_of_known_texts(void **state)
{
    (void)state;
    hari_crc32_table table;
    hari_crc32_table_init(&table);
    /* the check value of the catalogue of parametrised CRC algorithms, and zlib's of other texts */
    assert_int_equal(hari_crc32(&table, 0, (const uint8_t *)"123456789", 9), 0xCBF43926);
    assert_int_equal(hari_crc32(&table, 0, (const uint8_t *)"", 0), 0);
    const uint8_t text[] = "The quick brown fox jumps over the lazy dog";
    assert_int_equal(hari_crc32(&table, 0, text, 43), 0x414FA339);
    for (size_t cut = 0; cut <= 43; cut++) {
        uint32_t head = hari_crc32(&table, 0, text, cut);
        assert_int_equal(hari_crc32(&table, head, text + cut, 43 - cut), 0x414FA339);
    }
}

static void sizes_do_not_wrap(void **state)
{
    (void)state;
    size_t size = 7;
    assert_false(hari_add_size(SIZE_MAX, 1, &size));
    assert_false(hari_mul_size(SIZE_MAX / 2 + 1, 2, &size));
    assert_false(hari_align_size(SIZE_MAX - 3, 64, &size));
    assert_int_equal(size, 7);
    assert_true(hari_add_size(SIZE_MAX - 1, 1, &size));
    assert_true(size == SIZE_MAX);
    assert_true(hari_mul_size(0, SIZE_MAX, &size) && size == 0);
    assert_true(hari_align_size(65, 64, &size) && size == 128);
}

static void a_pool_aligns_zeroes_and_stops_at_its_limit(void **state)
{
    (void)state;
    hari_pool pool;
    hari_pool_init(&pool, NULL, 4096);
    unsigned char *first = hari_pool_alloc(&pool, 3, 100);
    assert_non_null(first);
    assert_int_equal((uintptr_t)first % HARI_ALIGNMENT, 0);
    for (int i = 0; i < 300; i++) assert_int_equal(first[i], 0);
    assert_non_null(hari_pool_alloc(&pool, 0, 8));
    assert_null(hari_pool_alloc(&pool, SIZE_MAX / 2, 3));
    assert_null(hari_pool_alloc(&pool, 4096, 1));
    const size_t left = 4096 - pool.bytes - HARI_ALIGNMENT;
    assert_null(hari_pool_alloc(&pool, left + 1, 1));
    assert_non_null(hari_pool_alloc(&pool, left, 1));
    assert_int_equal(pool.bytes, 4096);
    hari_pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
}

/* An allocator that gives `left` blocks and counts those that are out. */
typedef struct poor_heap {
    int left;
    int out;
} poor_heap;

static void *poor_allocate(void *user, size_t size, size_t alignment)
{
    poor_heap *heap = user;
    if (heap->left == 0) return NULL;
    heap->left--;
    heap->out++;
    assert_int_equal(alignment, HARI_ALIGNMENT);
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void poor_release(void *user, void *memory, size_t size)
{
    assert_true(size > 0);
    ((poor_heap *)user)->out--;
    free(memory);
}

static void a_pool_takes_what_its_allocator_has(void **state)
{
    (void)state;
    poor_heap heap = {.left = 3};
    const har_allocator allocator = {&heap, poor_allocate, poor_release};
    hari_pool pool;
    hari_pool_init(&pool, &allocator, SIZE_MAX);
    for (size_t i = 0; i < 3; i++) assert_non_null(hari_pool_alloc(&pool, i, 1));
    const size_t bytes = pool.bytes;
    assert_null(hari_pool_alloc(&pool, 1, 1));
    assert_int_equal(pool.bytes, bytes);
    assert_int_equal(heap.out, 3);
    hari_pool_free(&pool);
    assert_int_equal(heap.out, 0);
    hari_pool_free(&pool); /* nothing left */
}

/* The heap of our own gives every alignment that an allocator may be asked for. */
static void the_heap_aligns(void **state)
{
    (void)state;
    const har_allocator heap = hari_allocator_or_heap(NULL);
    for (size_t alignment = 1; alignment <= 64; alignment *= 2)
        for (size_t size = 0; size < 70; size++) {
            unsigned char *memory = heap.allocate(heap.user, size, alignment);
            assert_int_equal((uintptr_t)memory % alignment, 0);
            memset(memory, 1, size);
            heap.release(heap.user, memory, size);
        }
    assert_null(heap.allocate(heap.user, SIZE_MAX - 8, 64));
    heap.release(heap.user, NULL, 0);
}

static void a_layout_measures_what_it_takes(void **state)
{
    (void)state;
    hari_layout measured = {0};
    assert_null(hari_layout_take(&measured, 3, 5));
    assert_null(hari_layout_take(&measured, 10, 8));
    assert_int_equal(measured.used, 64 + 80);
    _Alignas(64) unsigned char block[144];
    hari_layout real = {.base = block};
    assert_ptr_equal(hari_layout_take(&real, 3, 5), block);
    assert_ptr_equal(hari_layout_take(&real, 10, 8), block + 64);
    assert_int_equal(real.used, measured.used);
    hari_layout_take(&measured, SIZE_MAX, 2);
    assert_true(measured.overflow);
}

static void every_status_has_its_own_number_name_and_text(void **state)
{
    (void)state;
    static const int32_t numbers[] = {
#define NUMBER(name, number, text) number,
        HAR_STATUS_LIST(NUMBER)
#undef NUMBER
    };
    const size_t count = sizeof numbers / sizeof numbers[0];
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(har_status_name(numbers[i]), "HAR_", 4);
        assert_true(strlen(har_status_text(numbers[i])) > 3);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(numbers[i], numbers[j]);
            assert_string_not_equal(har_status_text(numbers[i]), har_status_text(numbers[j]));
        }
    }
    assert_string_equal(har_status_name(HAR_ERR_FILE_CHECKSUM), "HAR_ERR_FILE_CHECKSUM");
    assert_string_equal(har_status_name(-12345), "HAR_ERR_UNKNOWN");
}

static void errors_name_field_value_and_bound(void **state)
{
    (void)state;
    har_error error;
    har_error_init(&error, sizeof error);
    assert_int_equal(error.byte, HAR_NO_BYTE);
    assert_int_equal(hari_fail_bound(&error, HAR_ERR_VALUE, 9, "at most", 7, "hop[%d]", 3),
                     HAR_ERR_VALUE);
    assert_string_equal(error.field, "hop[3]");
    assert_string_equal(error.text, "hop[3] is 9, must be at most 7");
    assert_true(error.value == 9 && error.bound == 7);
    hari_at_byte(&error, 42, HAR_ERR_VALUE);
    assert_int_equal(error.byte, 42);
    hari_explain(&error, HAR_ERR_VALUE, "; see %s", "there");
    assert_string_equal(error.text, "hop[3] is 9, must be at most 7; see there");
    assert_int_equal(hari_fail(NULL, HAR_ERR_NULL, "x"), HAR_ERR_NULL);
    har_error small = {.struct_size = 8, .status = 5};
    hari_fail(&small, HAR_ERR_NULL, "x");
    assert_int_equal(small.status, 5);
}

/* Two programs that ask the processor: ours and cpuinfo, where it is linked. */
static void cpuinfo_finds_the_same_processor(void **state)
{
    (void)state;
    uint32_t theirs;
    if (!hari_cpuinfo_detect(&theirs)) return;
    const uint32_t ours = hari_cpu_detect() & ~(uint32_t)HAR_CPU_AVXVNNI;
    assert_int_equal(ours, theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32_of_known_texts),
        cmocka_unit_test(crc32_of_long_texts),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(a_pool_aligns_zeroes_and_stops_at_its_limit),
        cmocka_unit_test(a_pool_takes_what_its_allocator_has),
        cmocka_unit_test(the_heap_aligns),
        cmocka_unit_test(a_layout_measures_what_it_takes),
        cmocka_unit_test(every_status_has_its_own_number_name_and_text),
        cmocka_unit_test(errors_name_field_value_and_bound),
        cmocka_unit_test(cpuinfo_finds_the_same_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
