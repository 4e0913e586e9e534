/* One model, many threads with a stream each: the labels are those of one thread alone. */
#include "common.h"

#include <pthread.h>

enum { THREADS = 4, ROWS = 400, MOST_LABELS = ROWS / HOP, ROUNDS = 5 };

typedef struct job {
    har_model *model;
    uint32_t number;
    float scores[MOST_LABELS][CLASSES];
    size_t labels;
} job;

static void *run_job(void *argument)
{
    job *j = argument;
    har_stream *stream;
    if (har_stream_create(j->model, NULL, &stream, NULL) != HAR_OK) return NULL;
    har_model_release(har_model_retain(j->model));
    for (size_t row = 0; row < ROWS; row++) {
        float sample[CHANNELS];
        for (uint32_t c = 0; c < CHANNELS; c++) sample[c] = sample_value(j->number, row, c);
        size_t taken;
        har_push_samples(stream, sample, 1, CHANNELS, NULL, &taken, NULL);
        har_event event = {.struct_size = sizeof event};
        while (har_poll_label(stream, &event, NULL) == HAR_OK)
            memcpy(j->scores[j->labels++], event.scores, sizeof j->scores[0]);
    }
    har_stream_destroy(stream);
    return NULL;
}

static void threads_share_a_model(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    static job alone[THREADS];
    static job together[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        alone[i] = (job){.model = model, .number = i};
        run_job(&alone[i]);
        assert_true(alone[i].labels > MOST_LABELS - 6);
    }
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        for (uint32_t i = 0; i < THREADS; i++) {
            together[i] = (job){.model = model, .number = i};
            assert_int_equal(pthread_create(&threads[i], NULL, run_job, &together[i]), 0);
        }
        for (uint32_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_memory_equal(alone, together, sizeof alone);
    }
    har_model_release(model);
}

/* The model may be released while a stream of it lives. */
static void a_stream_keeps_its_model(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_INT8);
    har_stream *stream = open_stream(model);
    har_model_release(model);
    har_event event = {.struct_size = sizeof event};
    float window[WINDOW * CHANNELS] = {0};
    assert_int_equal(har_classify_window(stream, window, WINDOW, CHANNELS, &event, NULL), HAR_OK);
    har_stream_destroy(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_a_model),
        cmocka_unit_test(a_stream_keeps_its_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
