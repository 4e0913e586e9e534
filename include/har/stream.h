/** @file
 * A stream: one source of samples on its way to labels.
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
#include "har/decision.h"
#include "har/export.h"
#include "har/model.h"
#include "har/source.h"
#include "har/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether windows that overlap share what the new samples do not change. A stream computes all its
 * windows, the first and those given to har_classify_window too, by the kernels chosen for its hop:
 * the scores of a window do not depend on the windows before it. Beside a stream with
 * HAR_REUSE_OFF, FP32 scores may differ in their last bits, where other kernels were chosen; INT8
 * ones do not. */
enum {
    HAR_REUSE_AUTO = 0, /**< where it takes less time; takes memory for what is kept */
    HAR_REUSE_OFF = 1 /**< every window afresh: what is quickest for windows that do not overlap */
};

/** How to make a stream. NULL in place of a config means the defaults.
 *
 * The still gate. The model's file holds for each column after the signal steps a tolerance and a
 * bound of the spread, which is the RMS about the mean. A window is unchanged where the spread of
 * every column, of this window and of the last computed one, is at most its bound, and both the
 * mean and the spread differ from those of the last computed one by at most the tolerance. Where
 * besides the largest probability of the computed window was at least the file's `confident`, the
 * network is not run: the event carries HAR_EVENT_REPEATED, and the decision takes the
 * probabilities of the last computed window as this one's. The file says how many windows in a row
 * may repeat. So a column of a repeated window lies within tolerance + 2 * bound (RMS) of the
 * computed window; what that does to labels is measured (docs/results.md), not proven. A gap and a
 * reset make the next window a computed one.
 *
 * Stretching. A window is steady where it decided for the class that was decided already, and its
 * own probability of that class is at least the file's `confident` and the largest. After a steady
 * window twice as many hops pass as before, up to `max_stretch`, until the next window; after any
 * other, after a gap and a reset it is one hop again. The windows between give no event.
 *
 * With both off the events are, bit for bit, those of every window computed. */
typedef struct har_stream_config {
    uint32_t struct_size; /**< set by har_stream_config_init */
    uint32_t hop;         /**< samples between windows, 1 to the window; 0 (default): the model's */
    uint32_t queue;       /**< samples that may wait beyond the window that is due; 0 (default): the
                               window's length; at most 1048576 */
    uint32_t reserved;
    int64_t max_gap_ns; /**< two timestamps further apart restart the stream's window; 0 (default):
                             ten periods of the model's rate, or of the slowest that the source
                             states */
    void *arena;        /**< NULL (default): the allocator; else the caller's memory, any alignment,
                             which must stay until the stream is destroyed */
    uint64_t arena_size;      /**< bytes at `arena` */
    har_allocator allocator;  /**< both functions NULL (default): the heap */
    const har_source *source; /**< NULL (default): har_push_samples gets the model's own samples;
                                   else what har_push_sensor gets; read by create alone */
    int64_t max_wait_ns;      /**< with a source: a sensor this far behind another is called silent:
                                   the piece of recording ends where it does, its windows are
                                   polled, the rows until it is back are given up and counted, and
                                   the next event carries HAR_REASON_SENSOR_SILENT. Results then do
                                   not depend on the pushes as long as no sensor is pushed this far
                                   ahead of another. 0 (default): wait for every sensor, however
                                   long */
    const har_decision_config *decision; /**< NULL (default): the model's; read by create alone */
    uint32_t reuse;                      /**< HAR_REUSE_* */
    uint32_t still_gate; /**< 1: windows that the model's gate calls unchanged are not computed, see
                              above; 0 (default): every window is */
    uint32_t max_stretch; /**< 2 to 64: while the activity is steady up to this many hops lie
                               between windows, see above; 0 (default) or 1: one hop */
    uint32_t reserved2;
} har_stream_config;

/** Sets the defaults; `struct_size` is sizeof(har_stream_config) of the caller. Since 0.1. */
HAR_API void har_stream_config_init(har_stream_config *config, uint32_t struct_size);

/** How many bytes a stream takes. An arena of that size is always enough, whatever its alignment.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE. Any thread. Since 0.1. */
HAR_API int32_t har_stream_memory_needed(const har_model *model, const har_stream_config *config,
                                         uint64_t *bytes, har_error *error);

/** Makes a stream; it holds a reference to the model. On error `*stream` is NULL.
 *
 * Where parts of the network run on XNNPACK, the stream owns XNNPACK's operators and packed weights
 * for them. XNNPACK allocates those by itself, here and not later, outside of `allocator` and of
 * what har_stream_memory_needed tells. A stream in the caller's arena takes the native kernels.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE, HAR_ERR_NO_NETWORK, HAR_ERR_MEMORY,
 * HAR_ERR_ARENA_TOO_SMALL. Since 0.1. */
HAR_API int32_t har_stream_create(har_model *model, const har_stream_config *config,
                                  har_stream **stream, har_error *error);

/** Gives the memory and the reference back. NULL is allowed. Since 0.1. */
HAR_API void har_stream_destroy(har_stream *stream);

/** Pushes `rows` samples of `channels` columns each, row after row, in the units of the model's
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
 * Errors: HAR_ERR_NULL, HAR_ERR_VALUE (an array that is not aligned as its type is; so wherever an
 * array is given), HAR_ERR_CHANNELS, HAR_ERR_SAMPLE_NOT_FINITE, HAR_ERR_TIME_BACKWARDS,
 * HAR_ERR_TIME_MIXED, HAR_ERR_SOURCE (the stream has one), HAR_ERR_FLUSHED. Since 0.1. */
HAR_API int32_t har_push_samples(har_stream *stream, const float *samples, size_t rows,
                                 uint32_t channels, const int64_t *times_ns, size_t *taken,
                                 har_error *error);

/** `flags` of an event. */
enum {
    HAR_EVENT_UNKNOWN = 1u << 0, /**< the confidence is below the model's threshold; class is -1 */
    HAR_EVENT_AFTER_GAP = 1u << 1, /**< the first window after a gap or a reset of the clock */
    HAR_EVENT_ENTER = 1u << 2,     /**< `class_index` begins */
    HAR_EVENT_EXIT = 1u << 3,      /**< `left_index` has ended */
    HAR_EVENT_REPEATED = 1u << 4,  /**< the still gate: the scores are those of a window before */
    HAR_EVENT_CONTRACT = 1u << 5   /**< `reasons` is not 0 */
};

/** One label. The pointers belong to the stream and the model: `scores` stays valid until the next
 * call on the stream, `name` as long as the model. */
typedef struct har_event {
    uint32_t struct_size; /**< set by the caller before the call: sizeof(har_event) */
    int32_t class_index;  /**< what is decided (har/decision.h); -1: unknown */
    const char *name;     /**< the class's name; "unknown" for -1 */
    const float *scores;  /**< `score_count` probabilities, after smoothing */
    uint32_t score_count;
    float confidence;      /**< the score of the class; of unknown: the largest; 0 to 1 */
    int64_t t_start_ns;    /**< time of the window's first sample */
    int64_t t_end_ns;      /**< time of the window's last sample */
    uint64_t first_sample; /**< number of that first sample since the stream began or was reset */
    uint32_t flags;        /**< HAR_EVENT_* */
    uint32_t reserved;
    int32_t left_index; /**< with HAR_EVENT_EXIT: the class that was left; else -1 */
    int32_t raw_index;  /**< the largest of this window's own probabilities; -1: none is a number */
    int64_t since_ns;   /**< start of the first window of what is decided */
    uint32_t reasons;   /**< HAR_REASON_* over the samples since the window of the event before */
    uint32_t reserved2;
} har_event;

/** Computes at most one due window. HAR_OK: `event` is filled. HAR_AGAIN: none is due.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE. Since 0.1. */
HAR_API int32_t har_poll_label(har_stream *stream, har_event *event, har_error *error);

/** Computes every window that is due, at most `capacity`, as har_poll_label over and over: the same
 * events, bit for bit, `*count` of them. Their networks run on `threads`, at most 256; 0 means one
 * for each core. So a recording that is there as a whole takes all cores: a stream with a long
 * queue (har_stream_config), push until HAR_PARTIAL, poll. `scores` takes capacity * class_count
 * floats, to which the events point; the caller sets `struct_size` of the first event, for all.
 *
 * Where the library was built without pthreadpool, in the caller's arena, and with the still gate
 * or stretching, all run on the calling thread. Else allocates a stream for each thread, through
 * the model's allocator, and the threads, for the time of the call. An error loses no window: those
 * before it are in `events`. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE (threads),
 * HAR_ERR_MEMORY. Since 0.1. */
HAR_API int32_t har_poll_labels(har_stream *stream, uint32_t threads, har_event *events,
                                float *scores, size_t capacity, size_t *count, har_error *error);

/** Runs one window that the signal steps have already been applied to: `rows` must be the model's
 * window, `columns` its signal_channel_count. Leaves the queue and the decision as they are: the
 * scores are not smoothed, the class is the largest or, below the decision's `abstain_below`,
 * unknown; times are 0.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE, HAR_ERR_CHANNELS, HAR_ERR_ROWS,
 * HAR_ERR_SAMPLE_NOT_FINITE. Since 0.1. */
HAR_API int32_t har_classify_window(har_stream *stream, const float *window, size_t rows,
                                    uint32_t columns, har_event *event, har_error *error);

/** Runs `count` windows at once, [count][window][signal_channel_count], to which the signal steps
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

/** The recording has ended: the samples still held by the signal steps are brought out, as if zeros
 * followed (a median of 3 holds one). A window that this completes becomes due. HAR_PARTIAL: the
 * queue is full; poll and flush again. After the first call pushes are refused until reset.
 * Errors: HAR_ERR_NULL. Since 0.1. */
HAR_API int32_t har_stream_flush(har_stream *stream, har_error *error);

/** Back to the state after create. Errors: HAR_ERR_NULL. Since 0.1. */
HAR_API int32_t har_stream_reset(har_stream *stream, har_error *error);

/** What a stream has done since create or reset. */
typedef struct har_stream_counters {
    uint32_t struct_size; /**< set by the caller before the call: sizeof(har_stream_counters) */
    uint32_t
        reasons_now; /**< HAR_REASON_* of the last row, and SENSOR_SILENT while one is waited for */
    uint64_t samples;           /**< taken: rows of har_push_samples, readings of har_push_sensor */
    uint64_t gaps;              /**< after which the window began anew */
    uint64_t windows;           /**< events given */
    uint64_t windows_skipped;   /**< of these, with HAR_EVENT_REPEATED: the network was not run */
    uint64_t windows_stretched; /**< due, but passed over without an event */
    uint64_t macs;              /**< multiply-accumulates done */
    uint64_t macs_fresh;        /**< what every due window, computed afresh, would have taken */
    uint64_t rows;              /**< that went into the signal steps */
    uint64_t rows_lost;         /**< of the model's rate, between pieces of a source's recording */
    uint64_t duplicates;        /**< readings of har_push_sensor at the time of the one before */
    double
        rate_hz[HAR_MAX_SENSORS]; /**< of each source sensor, over about a second; 0: not known */
} har_stream_counters;

/** Fills `counters`. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE. Since 0.1. */
HAR_API int32_t har_stream_get_counters(const har_stream *stream, har_stream_counters *counters);

/** Runs the signal steps alone over a whole recording, from a fresh state and flushed: output row i
 * belongs to input row i. `output` takes rows * signal_channel_count floats. The values are, bit
 * for bit, those that a stream's windows are made of. Allocates for the time of the call. Errors:
 * HAR_ERR_NULL, HAR_ERR_VALUE (rows, arrays), HAR_ERR_CHANNELS, HAR_ERR_SAMPLE_NOT_FINITE,
 * HAR_ERR_MEMORY. Any thread. Since 0.1. */
HAR_API int32_t har_preprocess(const har_model *model, const float *samples, size_t rows,
                               uint32_t channels, float *output, har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_STREAM_H */
