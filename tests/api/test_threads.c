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

/* What a thread asks of a model that others use at the same time, and of one of its own. */
static void *run_everything(void *argument)
{
    job *j = argument;
    static float windows[3 * WINDOW * CHANNELS]; /* the same zeros for all */
    float rows[WINDOW * CHANNELS];
    float scores[3 * CLASSES];
    int32_t classes[3];
    har_model *own = NULL;
    har_stream *streams[2] = {NULL, NULL};
    har_event event = {.struct_size = sizeof event};
    har_selftest report = {.struct_size = sizeof report};
    har_model_info info = {.struct_size = sizeof info};
    har_overlap_step overlap = {.struct_size = sizeof overlap};
    int32_t worst = har_model_open_file(TINY_INT8, NULL, &own, NULL);
    for (int i = 0; i < 2; i++) {
        worst |= har_stream_create(j->model, NULL, &streams[i], NULL);
        worst |= har_classify_window(streams[i], windows, WINDOW, CHANNELS, &event, NULL);
    }
    worst |= har_model_selftest(j->model, &report, NULL);
    worst |= har_classify_batch(j->model, windows, 3, 3, scores, classes, NULL);
    worst |= har_preprocess(j->model, windows, WINDOW, CHANNELS, rows, NULL);
    worst |= har_model_get_info(j->model, &info);
    worst |= har_model_get_overlap_step(j->model, 0, 3, &overlap);
    worst |= har_cpu_features() == 0 || har_backends() == 0 || !har_model_class_name(own, 0);
    memcpy(j->scores[0], scores, sizeof j->scores[0]);
    har_stream_destroy(streams[1]);
    har_stream_destroy(streams[0]);
    har_model_release(own);
    j->labels = worst == HAR_OK;
    return NULL;
}

static void every_call_may_run_at_once(void **state)
{
    (void)state;
    har_model *model = open_model(TINY_F32);
    static job jobs[THREADS];
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        for (uint32_t i = 0; i < THREADS; i++) {
            jobs[i] = (job){.model = model, .number = i};
            assert_int_equal(pthread_create(&threads[i], NULL, run_everything, &jobs[i]), 0);
        }
        for (uint32_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (uint32_t i = 0; i < THREADS; i++) {
            assert_int_equal(jobs[i].labels, 1);
            assert_memory_equal(jobs[i].scores[0], jobs[0].scores[0], sizeof jobs[0].scores[0]);
        }
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
        cmocka_unit_test(every_call_may_run_at_once),
        cmocka_unit_test(a_stream_keeps_its_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
