/* The queue, against an array that keeps every row. */
#include "check.h"

#include "stream/queue.h"

static uint64_t seed;

enum { MOST_ROWS = 2000, COLUMNS = 3 };

static void the_queue_keeps_every_row_until_its_window_is_read(void **state)
{
    (void)state;
    static float all[MOST_ROWS][COLUMNS];
    uint64_t random = seed;
    for (int round = 0; round < 50; round++) {
        hari_queue queue = {.columns = COLUMNS, .latency = random_range(&random, 0, 3)};
        queue.window = random_range(&random, 1, 40);
        queue.capacity = queue.window + random_range(&random, 1, 30);
        const uint32_t hop = random_range(&random, 1, queue.window);
        _Alignas(64) static unsigned char block[1 << 14];
        hari_layout layout = {.base = block};
        hari_queue_layout(&queue, &layout);
        assert_true(layout.used <= sizeof block);
        uint64_t read = 0;
        while (queue.end < MOST_ROWS) {
            uint32_t wanted = random_range(&random, 1, 90);
            for (; wanted > 0 && queue.end < MOST_ROWS && hari_queue_has_room(&queue); wanted--) {
                float *row = hari_queue_next(&queue);
                for (int c = 0; c < COLUMNS; c++)
                    all[queue.end][c] = row[c] = (float)random_unit(&random);
                *hari_queue_time(&queue, queue.end) = (int64_t)queue.end * 7;
                hari_queue_add(&queue);
            }
            for (; hari_queue_is_due(&queue); queue.start += hop, read++) {
                float window[40 * COLUMNS];
                hari_queue_copy(&queue, queue.start, window);
                assert_memory_equal(window, all[queue.start],
                                    queue.window * COLUMNS * sizeof(float));
                assert_int_equal(*hari_queue_time(&queue, queue.start), queue.start * 7);
            }
        }
        assert_int_equal(read, (MOST_ROWS - queue.window) / hop + 1);
    }
}

int main(int argc, char **argv)
{
    seed = choose_seed(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_keeps_every_row_until_its_window_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
