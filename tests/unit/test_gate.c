/* The still gate and stretching, each by itself. */
#include "check.h"

#include "stream/gate.h"
#include "stream/stretch.h"

enum { WINDOW = 4, COLUMNS = 2 };

static unsigned char block[4096];

static hari_queue new_queue(hari_gate_state *state)
{
    hari_queue queue = {.columns = COLUMNS, .window = WINDOW, .capacity = WINDOW + 3};
    hari_layout layout = {.base = block};
    hari_queue_layout(&queue, &layout);
    hari_gate_layout(state, COLUMNS, &layout);
    assert_true(layout.used <= sizeof block);
    hari_gate_reset(state);
    return queue;
}

/* A window after the last one: column 0 has this mean and spread, column 1 is 0. */
static void put_window(hari_queue *queue, float mean, float spread)
{
    queue->start = queue->end;
    for (int r = 0; r < WINDOW; r++) {
        float *row = hari_queue_next(queue);
        row[0] = mean + (r % 2 ? spread : -spread);
        row[1] = 0;
        hari_queue_add(queue);
    }
}

/* The gate as a file holds it: vectors of binary32, little-endian. */
static hari_gate new_gate(const float *tolerance, const float *still, uint32_t most)
{
    const hari_vector a = {.bytes = (const uint8_t *)tolerance, .count = COLUMNS};
    const hari_vector b = {.bytes = (const uint8_t *)still, .count = COLUMNS};
    return (hari_gate){true, a, b, most, 0.5f};
}

static void still_windows_are_skipped_up_to_a_bound(void **unused)
{
    (void)unused;
    static const float tolerance[COLUMNS] = {0.5f, 0.0f};
    static const float still[COLUMNS] = {1.0f, 0.0f};
    const hari_gate gate = new_gate(tolerance, still, 2);
    hari_gate_state state;
    hari_queue queue = new_queue(&state);
    static const struct {
        float mean, spread, confidence;
        bool skips;
    } windows[] = {
        {0, 1, 0.9f, false},         /* the first */
        {0.5f, 1, 0, true},          /* at the tolerance and at the bound */
        {-0.5f, 0.5f, 0, true},      /* of the spread too, from the computed window */
        {0, 1, 0.9f, false},         /* two in a row are enough */
        {0.75f, 1, 0.9f, false},     /* the mean is further */
        {0.75f, 0.25f, 0.9f, false}, /* the spread is further */
        {0.75f, 0.5f, 0, true},      {0.75f, 1.25f, 0.9f, false}, /* moves */
        {0.75f, 1, 0.4f, false},                                  /* the computed one moved */
        {0.75f, 1, 0.5f, false},                                  /* the computed one was unsure */
        {0.75f, 1, 0, true},
    };
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        put_window(&queue, windows[i].mean, windows[i].spread);
        assert_int_equal(hari_gate_skips(&gate, &state, &queue), windows[i].skips);
        if (!windows[i].skips) hari_gate_trust(&gate, &state, windows[i].confidence);
    }
    hari_gate_reset(&state);
    put_window(&queue, 0.75f, 1);
    assert_false(hari_gate_skips(&gate, &state, &queue));
}

static void every_column_has_to_be_still(void **unused)
{
    (void)unused;
    static const float tolerance[COLUMNS] = {1, 1};
    static const float still[COLUMNS] = {1, 1};
    const hari_gate gate = new_gate(tolerance, still, 9);
    hari_gate_state state;
    hari_queue queue = new_queue(&state);
    for (int i = 0; i < 3; i++) {
        put_window(&queue, 0, 0);
        if (i == 2) hari_queue_next(&queue)[0] = 0; /* beyond the window: not looked at */
        assert_int_equal(hari_gate_skips(&gate, &state, &queue), i > 0);
        hari_gate_trust(&gate, &state, 1);
    }
    put_window(&queue, 0, 0);
    queue.rows[(queue.start % queue.capacity) * COLUMNS + 1] = 40;
    assert_false(hari_gate_skips(&gate, &state, &queue));
}

static void steady_windows_stretch_the_hop(void **unused)
{
    (void)unused;
    hari_stretch stretch;
    hari_stretch_reset(&stretch);
    const hari_verdict steady = {.is_steady = true, .own = 0.9f};
    const hari_verdict unsure = {.is_steady = true, .own = 0.8f};
    static const uint32_t passes[] = {1, 3, 4, 4};
    for (int i = 0; i < 4; i++) {
        hari_stretch_step(&stretch, &steady, 0.9f, 5);
        assert_int_equal(stretch.to_pass, passes[i]);
    }
    hari_queue queue = {.window = 4, .capacity = 20, .end = 9};
    assert_int_equal(hari_stretch_pass(&stretch, &queue, 3), 2); /* no more are due */
    assert_int_equal(queue.start, 6);
    assert_int_equal(stretch.to_pass, 2);
    queue.end = 30;
    assert_int_equal(hari_stretch_pass(&stretch, &queue, 3), 2);
    assert_int_equal(queue.start, 12);
    hari_stretch_step(&stretch, &unsure, 0.9f, 5);
    assert_int_equal(stretch.to_pass, 0);
    hari_stretch_step(&stretch, &steady, 0.9f, 1); /* off */
    assert_int_equal(stretch.to_pass, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(still_windows_are_skipped_up_to_a_bound),
        cmocka_unit_test(every_column_has_to_be_still),
        cmocka_unit_test(steady_windows_stretch_the_hop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
