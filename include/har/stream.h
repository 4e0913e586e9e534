/* A stream: one source of samples on its way to labels.
 *
 *     har_stream *stream;
 *     har_stream_create(model, NULL, &stream, NULL);
 *     for (;;) {
 *         size_t taken;
 *         har_push_samples(stream, samples, rows, 6, NULL, &taken, NULL);
 *         har_event event = {.struct_size = sizeof event};
 *         while (har_poll_label(stream, &event, NULL) == HAR_OK) puts(event.name);
 *         ...carry on with the rows that were not taken...
 *     }
 *
 * A stream is used by one thread at a time. After create, the functions push, poll, classify, reset
 * and flush allocate nothing, take no lock and call no system function. The labels of a recording
 * do not depend, bit for bit, on how it was cut into pushes.
 */
#ifndef HAR_STREAM_H
#define HAR_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "har/allocator.h"
#include "har/export.h"
#include "har/model.h"
#include "har/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct har_stream har_stream;

/* Whether windows that overlap share what the new samples do not change. A stream computes all its
 * windows, the first and those given to har_classify_window too, by the kernels chosen for its hop:
 * the scores of a window do not depend on the windows before it. Beside a stream with
 * HAR_REUSE_OFF, FP32 scores may differ in their last bits, where other kernels were chosen; INT8
 * ones do not. */
enum {
    HAR_REUSE_AUTO = 0, /* where it takes less time; takes memory for what is kept */
    HAR_REUSE_OFF = 1   /* every window afresh: what is quickest for windows that do not overlap */
};

/* How to make a stream. NULL in place of a config means the defaults. */
typedef struct har_stream_config {
    uint32_t struct_size; /* set by har_stream_config_init */
    uint32_t hop;         /* samples between windows, 1 .. window; 0 (default): the model's */
    uint32_t queue;       /* samples that may wait beyond the window that is due; 0 (default): the
                             window's length; at most 1048576 */
    uint32_t reserved;
    int64_t max_gap_ns;  /* two timestamps further apart restart the stream's window;
                            0 (default): ten sample periods */
    void *arena;         /* NULL (default): the allocator; else the caller's memory, any alignment,
                            which must stay until the stream is destroyed */
    uint64_t arena_size; /* bytes at `arena` */
    har_allocator allocator; /* both functions NULL (default): the heap */
    uint32_t reuse;          /* HAR_REUSE_* */
    uint32_t reserved2;
} har_stream_config;

/* Sets the defaults; `struct_size` is sizeof(har_stream_config) of the caller. Since 0.1. */
HAR_API void har_stream_config_init(har_stream_config *config, uint32_t struct_size);

/* How many bytes a stream takes. An arena of that size is always enough, whatever its alignment.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE. Any thread. Since 0.1. */
HAR_API int32_t har_stream_memory_needed(const har_model *model, const har_stream_config *config,
                                         uint64_t *bytes, har_error *error);

/* Makes a stream; it holds a reference to the model. On error `*stream` is NULL.
 *
 * Where parts of the network run on XNNPACK, the stream owns XNNPACK's operators and packed weights
 * for them. XNNPACK allocates those by itself, here and not later, outside of `allocator` and of
 * what har_stream_memory_needed tells. A stream in the caller's arena takes the native kernels.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE, HAR_ERR_NO_NETWORK, HAR_ERR_MEMORY,
 * HAR_ERR_ARENA_TOO_SMALL. Since 0.1. */
HAR_API int32_t har_stream_create(har_model *model, const har_stream_config *config,
                                  har_stream **stream, har_error *error);

/* Gives the memory and the reference back. NULL is allowed. Since 0.1. */
HAR_API void har_stream_destroy(har_stream *stream);

/* Pushes `rows` samples of `channels` columns each, row after row, in the units of the model's
 * channels.
 *
 * `times_ns` is NULL or `rows` strictly increasing timestamps on any clock. Without timestamps
 * sample number k of the stream is at k / rate seconds. With timestamps a step longer than
 * `max_gap_ns` restarts the signal steps and the window, and the next event carries
 * HAR_EVENT_AFTER_GAP.
 *
 * `*taken` says how many rows were taken from the front. HAR_OK: all. HAR_PARTIAL: the queue is
 * full; poll until HAR_AGAIN and push the rest. Any error takes nothing and changes nothing.
 *
 * Errors: HAR_ERR_NULL, HAR_ERR_CHANNELS, HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_TIME_BACKWARDS,
 * HAR_ERR_TIME_MIXED, HAR_ERR_FLUSHED. Since 0.1. */
HAR_API int32_t har_push_samples(har_stream *stream, const float *samples, size_t rows,
                                 uint32_t channels, const int64_t *times_ns, size_t *taken,
                                 har_error *error);

enum {
    HAR_EVENT_UNKNOWN = 1u << 0,  /* the confidence is below the model's threshold; class is -1 */
    HAR_EVENT_AFTER_GAP = 1u << 1 /* the first window after a gap or a reset of the clock */
};

/* One label. The pointers belong to the stream and the model: `scores` stays valid until the next
 * call on the stream, `name` as long as the model. */
typedef struct har_event {
    uint32_t struct_size; /* set by the caller before the call: sizeof(har_event) */
    int32_t class_index;  /* -1: unknown */
    const char *name;     /* the class's name; "unknown" for -1 */
    const float *scores;  /* `score_count` probabilities, after smoothing */
    uint32_t score_count;
    float confidence;      /* the largest score, 0 .. 1 */
    int64_t t_start_ns;    /* time of the window's first sample */
    int64_t t_end_ns;      /* time of the window's last sample */
    uint64_t first_sample; /* number of that first sample since the stream began or was reset */
    uint32_t flags;        /* HAR_EVENT_* */
    uint32_t reserved;
} har_event;

/* Computes at most one due window. HAR_OK: `event` is filled. HAR_AGAIN: none is due.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE. Since 0.1. */
HAR_API int32_t har_poll_label(har_stream *stream, har_event *event, har_error *error);

/* Runs one window that the signal steps have already been applied to: `rows` must be the model's
 * window, `columns` its signal_channel_count. Leaves the queue and the smoothing as they are; the
 * scores are not smoothed; times are 0.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_CHANNELS, HAR_ERR_ROWS,
 * HAR_ERR_SAMPLE_NOT_FINITE. Since 0.1. */
HAR_API int32_t har_classify_window(har_stream *stream, const float *window, size_t rows,
                                    uint32_t columns, har_event *event, har_error *error);

/* Runs `count` windows at once, [count][window][signal_channel_count], to which the signal steps
 * have already been applied. Where they are not NULL, `scores` gets [count][class_count]
 * probabilities, not smoothed, and `classes` [count] classes, -1 for unknown; both are, bit for
 * bit, those of har_classify_window one by one.
 *
 * `threads` is at most 256; 0 means one for each core. Where the library was built without
 * pthreadpool all windows run on the calling thread. Allocates a stream for each thread, through
 * the model's allocator, and the threads, for the time of the call. On error nothing is written.
 * Errors: HAR_ERR_NULL, HAR_ERR_VALUE (threads, count), HAR_ERR_NO_NETWORK,
 * HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_MEMORY. Any thread. Since 0.1. */
HAR_API int32_t har_classify_batch(const har_model *model, const float *windows, size_t count,
                                   uint32_t threads, float *scores, int32_t *classes,
                                   har_error *error);

/* The recording has ended: the samples still held by the signal steps are brought out, as if zeros
 * followed (a median of 3 holds one). A window that this completes becomes due. HAR_PARTIAL: the
 * queue is full; poll and flush again. After the first call pushes are refused until reset.
 * Errors: HAR_ERR_NULL. Since 0.1. */
HAR_API int32_t har_stream_flush(har_stream *stream, har_error *error);

/* Back to the state after create. Errors: HAR_ERR_NULL. Since 0.1. */
HAR_API int32_t har_stream_reset(har_stream *stream, har_error *error);

/* Runs the signal steps alone over a whole recording, from a fresh state and flushed: output row i
 * belongs to input row i. `output` takes rows * signal_channel_count floats. The values are, bit
 * for bit, those that a stream's windows are made of. Allocates for the time of the call. Errors:
 * HAR_ERR_NULL, HAR_ERR_CHANNELS, HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_MEMORY. Any thread. Since 0.1.
 */
HAR_API int32_t har_preprocess(const har_model *model, const float *samples, size_t rows,
                               uint32_t channels, float *output, har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_STREAM_H */
