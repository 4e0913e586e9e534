/* Many windows at once: each thread takes the next window that no other has taken. */
#include "api/model.h"
#include "base/checked.h"
#include "base/error.h"
#include "exec/threads.h"
#include "har/stream.h"
#include "stream/stream.h"

enum { MOST_THREADS = 256 };

typedef struct batch {
    const hari_recognizer *recognizer;
    const float *windows;
    size_t count;
    float *scores;
    int32_t *classes;
    hari_stream *streams; /* one for each thread */
    uint32_t stream_count;
    hari_shared next; /* window */
} batch;

static void classify(batch *b, hari_stream *stream, size_t number)
{
    const hari_recognizer *r = b->recognizer;
    const size_t values = (size_t)r->window * r->chain.columns_out;
    const hari_verdict verdict = hari_stream_classify(stream, b->windows + number * values);
    if (b->classes) b->classes[number] = verdict.class_index;
    if (!b->scores) return;
    for (uint32_t c = 0; c < r->class_count; c++)
        b->scores[number * r->class_count + c] = verdict.scores[c];
}

static void run_thread(void *context, size_t thread)
{
    batch *b = context;
    for (;;) {
        const size_t number = hari_shared_add(&b->next, 1);
        if (number >= b->count) return;
        classify(b, &b->streams[thread], number);
    }
}

/* A stream for each of `threads`. */
static int32_t make_streams(batch *b, uint32_t threads, hari_pool *pool, har_error *error)
{
    b->streams = hari_pool_alloc(pool, threads, sizeof *b->streams);
    if (!b->streams) return hari_fail(error, HAR_ERR_MEMORY, "streams");
    const hari_stream_settings settings = {0};
    int32_t status = HAR_OK;
    for (uint32_t t = 0; t < threads && status == HAR_OK; t++) {
        status = hari_stream_make(&b->streams[t], b->recognizer, &settings, pool, error);
        if (status == HAR_OK) b->stream_count++;
    }
    return status;
}

static int32_t run(batch *b, const har_allocator *allocator, uint32_t threads, har_error *error)
{
    const uint32_t most = b->count < MOST_THREADS ? (uint32_t)b->count : MOST_THREADS;
    uint32_t count;
    hari_threads *workers = hari_threads_create(threads > most ? most : threads, &count);
    if (count > most) count = most;
    hari_pool pool;
    hari_pool_init(&pool, allocator, SIZE_MAX);
    int32_t status = make_streams(b, count, &pool, error);
    if (status == HAR_OK) hari_threads_run(workers, run_thread, b, count);
    for (uint32_t t = 0; t < b->stream_count; t++) hari_stream_stop(&b->streams[t]);
    hari_pool_free(&pool);
    hari_threads_delete(workers);
    return status;
}

int32_t har_classify_batch(const har_model *model, const float *windows, size_t count,
                           uint32_t threads, float *scores, int32_t *classes, har_error *error)
{
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!windows && count > 0) return hari_fail(error, HAR_ERR_NULL, "windows");
    const hari_recognizer *r = &model->recognizer;
    if (!r->has_network) return hari_fail(error, HAR_ERR_NO_NETWORK, "model");
    if (threads > MOST_THREADS)
        return hari_fail_bound(error, HAR_ERR_VALUE, threads, "at most", MOST_THREADS, "threads");
    size_t rows;
    if (!hari_mul_size(count, r->window, &rows) || rows > SIZE_MAX / 4 / r->chain.columns_out)
        return hari_fail_text(error, HAR_ERR_VALUE, "is more than memory holds", "count");
    int32_t status = hari_check_finite(windows, rows, r->chain.columns_out, "windows", error);
    if (status == HAR_OK) status = hari_check_aligned(scores, sizeof *scores, "scores", error);
    if (status == HAR_OK) status = hari_check_aligned(classes, sizeof *classes, "classes", error);
    if (status != HAR_OK || count == 0) return status;
    batch b = {
        .recognizer = r, .windows = windows, .count = count, .scores = scores, .classes = classes};
    hari_shared_set(&b.next, 0);
    return run(&b, &model->pool.allocator, threads, error);
}
