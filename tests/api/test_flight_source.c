/* The flight recorder of two sensors beside a plain stream that gets the same: restarts lose no
 * window and double none, however fast the sensors are and however far one runs ahead. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <har/har.h>

#include "har_flight.h"

enum { SENSORS = 2, MOST_BATCH = 1600, MOST_EVENTS = 2000 };

typedef struct feed {
    double rate[SENSORS];
    size_t batch[SENSORS];
    bool states_rates;
    uint32_t queue;
    double seconds;
} feed;

/* One of the two ways to push and poll. */
typedef struct way {
    har_stream *stream;
    har_flight *flight; /* NULL: the stream by itself */
    har_event events[MOST_EVENTS];
    size_t count;
} way;

static size_t push(way *w, uint32_t sensor, const float *values, size_t rows, const int64_t *times)
{
    size_t taken = 0;
    const int32_t status =
        w->flight ? har_flight_push_sensor(w->flight, sensor, values, rows, 3, times, &taken, NULL)
                  : har_push_sensor(w->stream, sensor, values, rows, 3, times, &taken, NULL);
    assert_true(status >= 0);
    return taken;
}

static void poll_all(way *w)
{
    for (;;) {
        har_event *event = &w->events[w->count];
        *event = (har_event){.struct_size = sizeof *event};
        const int32_t status = w->flight ? har_flight_poll_label(w->flight, event, NULL)
                                         : har_poll_label(w->stream, event, NULL);
        if (status == HAR_AGAIN) return;
        assert_int_equal(status, HAR_OK);
        assert_true(++w->count < MOST_EVENTS);
    }
}

/* One batch of a sensor from reading `at` on, as far as it is taken. */
static size_t push_batch(way *w, const feed *f, uint32_t sensor, size_t at, size_t end)
{
    static float values[MOST_BATCH][3];
    static int64_t times[MOST_BATCH];
    const size_t rows = end - at < f->batch[sensor] ? end - at : f->batch[sensor];
    for (size_t i = 0; i < rows; i++) {
        const double t = (double)(at + i) / f->rate[sensor];
        times[i] = (int64_t)(t * 1e9) + 3000000 * (int64_t)sensor;
        for (int axis = 0; axis < 3; axis++)
            values[i][axis] = (float)(sensor ? 0.3 * sin(9 * t + axis)
                                             : 9.8 * (axis == 0) + 1.5 * sin(11 * t + axis));
    }
    size_t done = 0;
    for (size_t taken = 1; done < rows && taken > 0; done += taken) {
        taken = push(w, sensor, values[done], rows - done, times + done);
        poll_all(w);
    }
    return done;
}

static void run(way *w, const feed *f)
{
    size_t at[SENSORS] = {0};
    for (size_t moved = 1; moved > 0;) {
        moved = 0;
        for (uint32_t i = 0; i < SENSORS; i++) {
            const size_t done = push_batch(w, f, i, at[i], (size_t)(f->seconds * f->rate[i]));
            at[i] += done;
            moved += done;
        }
    }
    for (uint32_t i = 0; i < SENSORS; i++)
        assert_int_equal(at[i], (size_t)(f->seconds * f->rate[i]));
}

/* As many windows, but for one a restart at most; each follows the one before by half a hop to one
 * and a half, and its number by as many rows. */
static void check_feed(const char *name, const feed *f, size_t restarts)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.har", HAR_MODELS, name);
    har_model *model;
    assert_int_equal(har_model_open_file(path, NULL, &model, NULL), HAR_OK);
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
    for (uint32_t i = 0; i < SENSORS && f->states_rates; i++)
        source.sensors[i].rate_hz = f->rate[i];
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;
    config.queue = f->queue;
    static way plain;
    static way recorded;
    plain = recorded = (way){0};
    assert_int_equal(har_stream_create(model, &config, &plain.stream, NULL), HAR_OK);
    uint64_t bytes;
    assert_int_equal(har_flight_memory_needed(model, &config, &bytes, NULL), HAR_OK);
    void *memory = malloc((size_t)bytes);
    assert_non_null(memory);
    assert_int_equal(
        har_flight_begin(model, &config, memory, (size_t)bytes, &recorded.flight, NULL), HAR_OK);
    run(&plain, f);
    run(&recorded, f);

    const double hop = (double)(plain.events[1].t_end_ns - plain.events[0].t_end_ns);
    const double rows = (double)(plain.events[1].first_sample - plain.events[0].first_sample);
    size_t moved = 0;
    for (size_t i = 1; i < recorded.count; i++) {
        const har_event *now = &recorded.events[i];
        const har_event *before = &recorded.events[i - 1];
        const double step = (double)(now->t_end_ns - before->t_end_ns) / hop;
        assert_true(step > 0.49 && step < 1.51);
        const double numbers = (double)(now->first_sample - before->first_sample) / rows;
        assert_true(fabs(numbers - step) < 1.1 / rows);
        moved += fabs(step - 1) > 1e-3;
    }
    print_message("%s: %zu windows, recorded %zu, the grid moved %zu times\n", name, plain.count,
                  recorded.count, moved);
    assert_true(moved <= restarts);
    assert_true(recorded.count + moved >= plain.count && recorded.count <= plain.count + moved);
    har_flight_end(recorded.flight);
    har_stream_destroy(plain.stream);
    free(memory);
    har_model_release(model);
}

static void test_two_rates(void **state)
{
    (void)state;
    check_feed("hapt_gru_int8", &(feed){{100, 25}, {20, 5}, true, 0, 600}, 6);
}

/* In batches of as many readings the slower sensor runs ahead, until its buffer refuses it. */
static void test_one_sensor_ahead(void **state)
{
    (void)state;
    check_feed("hapt_gru_int8", &(feed){{52, 49}, {5, 5}, false, 0, 700}, 3);
}

static void test_long_batches(void **state)
{
    (void)state;
    check_feed("hapt_gru_int8", &(feed){{52, 49}, {1560, 1470}, false, 4000, 900}, 3);
}

/* Twenty times the model's rate. */
static void test_fast_sensors(void **state)
{
    (void)state;
    check_feed("wisdm_lm_int8", &(feed){{416, 416}, {42, 42}, true, 0, 300}, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_rates), cmocka_unit_test(test_one_sensor_ahead),
        cmocka_unit_test(test_long_batches), cmocka_unit_test(test_fast_sensors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
