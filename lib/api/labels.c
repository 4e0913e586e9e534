/* Every window that is due at once: the networks on several threads, then the decisions in order.
 */
#include <string.h>

#include "api/stream.h"
#include "base/error.h"
#include "exec/threads.h"

enum { MOST_THREADS = 256 };

/* The threads of a call, made for its first windows that several can share. */
typedef struct crew {
    hari_pool pool;
    hari_threads *threads;
    hari_stream *workers; /* one for each thread */
    uint32_t count;       /* of threads; 0: not made yet */
    uint32_t made;        /* workers */
    float *outputs;       /* [window][class] */
    const hari_stream *stream;
    size_t windows; /* that are shared now */
} crew;

/* Threads have windows one after the other, of which each leaves something for the next. */
static size_t first_of(const crew *c, size_t thread) { return c->windows * thread / c->count; }

static void run_thread(void *context, size_t thread)
{
    crew *c = context;
    const size_t first = first_of(c, thread);
    hari_stream_foresee(c->stream, &c->workers[thread], first, first_of(c, thread + 1) - first,
                        c->outputs);
}

static int32_t make_crew(crew *c, uint32_t threads, size_t windows, har_error *error)
{
    c->threads = hari_threads_create(threads, &c->count);
    if (c->count > MOST_THREADS) c->count = MOST_THREADS;
    if (c->count == 1) return HAR_OK;
    const hari_recognizer *r = c->stream->recognizer;
    c->workers = hari_pool_alloc(&c->pool, c->count, sizeof *c->workers);
    c->outputs = hari_pool_alloc(&c->pool, windows, r->class_count * sizeof *c->outputs);
    if (!c->workers || !c->outputs) return hari_fail(error, HAR_ERR_MEMORY, "threads");
    const hari_stream_settings settings = {
        .hop = c->stream->settings.hop, .queue = 1, .reuse = c->stream->settings.reuse};
    int32_t status = HAR_OK;
    while (c->made < c->count && status == HAR_OK) {
        status = hari_stream_make(&c->workers[c->made], r, &settings, &c->pool, error);
        if (status == HAR_OK) c->made++;
    }
    return status;
}

static void end_crew(crew *c)
{
    for (uint32_t i = 0; i < c->made; i++) hari_stream_stop(&c->workers[i]);
    hari_pool_free(&c->pool);
    hari_threads_delete(c->threads);
}

static void fill(const har_stream *stream, const hari_label *label, har_event *event, float *scores)
{
    const uint32_t classes = stream->model->recognizer.class_count;
    memcpy(scores, label->verdict.scores, classes * sizeof *scores);
    event->struct_size = sizeof *event;
    hari_fill_event(stream, label, event);
    event->scores = scores;
}

/* One window after the other, or as many as are due on the threads, until none is due. */
static int32_t take_all(har_stream *stream, crew *c, uint32_t threads, har_event *events,
                        float *scores, size_t capacity, size_t *count, har_error *error)
{
    const uint32_t classes = stream->model->recognizer.class_count;
    hari_label label;
    while (*count < capacity) {
        const size_t left = capacity - *count;
        size_t ahead = threads == 1 || !stream->block ? 0 : hari_stream_ahead(&stream->core, left);
        if (ahead > 1 && c->count == 0) {
            const size_t room = stream->core.queue.capacity; /* windows that can be due: fewer */
            const uint32_t wanted = threads > ahead ? (uint32_t)ahead : threads;
            int32_t status = make_crew(c, wanted, left < room ? left : room, error);
            if (status != HAR_OK) return status;
        }
        if (ahead < 2 || c->count == 1) {
            if (hari_stream_poll(&stream->core, &label) != HAR_OK) return HAR_OK;
            fill(stream, &label, &events[*count], scores + *count * classes);
            ++*count;
            continue;
        }
        c->windows = ahead;
        hari_threads_run(c->threads, run_thread, c, c->count);
        for (size_t i = 0; i < ahead; i++, ++*count) {
            hari_stream_conclude(&stream->core, c->outputs + i * classes, &label);
            fill(stream, &label, &events[*count], scores + *count * classes);
        }
    }
    return HAR_OK;
}

int32_t har_poll_labels(har_stream *stream, uint32_t threads, har_event *events, float *scores,
                        size_t capacity, size_t *count, har_error *error)
{
    if (!count) return hari_fail(error, HAR_ERR_NULL, "count");
    *count = 0;
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    if (!events && capacity > 0) return hari_fail(error, HAR_ERR_NULL, "events");
    if (!scores && capacity > 0) return hari_fail(error, HAR_ERR_NULL, "scores");
    if (capacity > 0 && events[0].struct_size < sizeof *events)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, events[0].struct_size, "at least",
                               (double)sizeof *events, "events[0].struct_size");
    if (threads > MOST_THREADS)
        return hari_fail_bound(error, HAR_ERR_VALUE, threads, "at most", MOST_THREADS, "threads");
    crew c = {.stream = &stream->core};
    hari_pool_init(&c.pool, &stream->model->pool.allocator, SIZE_MAX);
    const int32_t status = take_all(stream, &c, threads, events, scores, capacity, count, error);
    for (uint32_t i = 0; i < c.made; i++) stream->core.counts.macs += c.workers[i].counts.macs;
    end_crew(&c);
    return status;
}
