/* One source of samples on its way: push -> signal steps -> queue -> network -> decision -> label.
 */
#ifndef HARI_STREAM_STREAM_H
#define HARI_STREAM_STREAM_H

#include "har/status.h"
#include "signal/source.h"
#include "stream/merge.h"
#include "stream/queue.h"
#include "stream/recognizer.h"
#include "stream/stretch.h"

#define HARI_MAX_QUEUE (1u << 20)

typedef struct hari_stream_settings {
    uint32_t hop;
    uint32_t queue;
    int64_t max_gap_ns;
    const har_source *source; /* read while the stream is made */
    int64_t max_wait_ns;
    const har_decision_config *decision; /* the caller's, until hari_stream_settle has read it */
    uint32_t reuse;                      /* HAR_REUSE_* */
    uint32_t still_gate;
    uint32_t max_stretch;
    hari_decision decide; /* made by hari_stream_settle */
} hari_stream_settings;

typedef struct hari_stream_counts {
    uint64_t gaps;
    uint64_t windows;
    uint64_t windows_skipped;
    uint64_t windows_stretched;
    uint64_t macs;
} hari_stream_counts;

typedef enum hari_clock { HARI_CLOCK_OPEN, HARI_CLOCK_RATE, HARI_CLOCK_TIMES } hari_clock;

typedef struct hari_stream {
    const hari_recognizer *recognizer;
    hari_stream_settings settings;
    hari_queue queue;
    hari_chain_state signal;
    hari_decision_state decision;
    hari_gate_state gate;
    hari_stretch stretch;
    hari_stream_counts counts;
    const hari_plan *plan;   /* of the recognizer: for fresh windows, or for overlapping ones */
    unsigned char *arena;    /* of the network */
    hari_runtime **runtimes; /* of the parts of the network on XNNPACK; all NULL: native */
    uint64_t held;           /* first row of the window in the arena */
    bool holds;              /* whether there is one */
    uint32_t drifted;        /* periods of the plan that what it left has moved on by */
    uint64_t shown;          /* first row of the window of the last event that was computed */
    bool shows;              /* whether there is one */
    uint64_t taken;          /* samples so far */
    hari_clock clock;        /* which kind of time the pushes carry; open before the first */
    bool ending_piece;       /* a gap was met, its last windows are not polled yet */
    bool after_gap;          /* the next window is the first after a gap */
    bool flushed;
    hari_contract_state *contracts; /* one for each of the recognizer's */
    hari_pace pace;                 /* of samples with times and without a source */
    hari_merge *merge;              /* of a stream with a source, else NULL */
    hari_mix *mixes;                /* one for each channel */
    float *merged;                  /* a sample of all channels */
    uint64_t reported;              /* samples whose reasons an event has told */
    uint32_t reasons;               /* of samples that no window took, for the next event */
    uint32_t reasons_now;           /* of the last sample */
} hari_stream;

/* A label with the window it belongs to. */
typedef struct hari_label {
    hari_verdict verdict;
    uint64_t first_sample;
    int64_t t_start_ns;
    int64_t t_end_ns;
    bool after_gap;
    bool repeated; /* the still gate: not computed */
    uint32_t reasons;
} hari_label;

/* Zeros in `settings` become the model's defaults. Errors: HAR_ERR_VALUE. */
int32_t hari_stream_settle(const hari_recognizer *recognizer, hari_stream_settings *settings,
                           har_error *error);

/* Takes the stream's memory from `layout`; call hari_stream_reset before use. */
void hari_stream_layout(hari_stream *stream, const hari_recognizer *recognizer,
                        const hari_stream_settings *settings, hari_layout *layout);

/* Lets XNNPACK take its parts of the network; it allocates. Without this call all is native.
 * Errors: HAR_ERR_MEMORY. */
int32_t hari_stream_start(hari_stream *stream, har_error *error);

/* Gives back what hari_stream_start took. */
void hari_stream_stop(hari_stream *stream);

/* A started stream in memory of `pool`; stop it before the pool is freed. Zeros in `settings` are
 * the model's. Errors: HAR_ERR_VALUE, HAR_ERR_MEMORY. */
int32_t hari_stream_make(hari_stream *stream, const hari_recognizer *recognizer,
                         const hari_stream_settings *settings, hari_pool *pool, har_error *error);

void hari_stream_reset(hari_stream *stream);

/* HAR_ERR_SAMPLE_NOT_FINITE for the first NaN or infinity among rows x columns values,
 * HAR_ERR_VALUE where the array is not aligned. */
int32_t hari_check_finite(const float *values, size_t rows, uint32_t columns, const char *name,
                          har_error *error);

/* Whether the first `rows` samples may be taken: finite, times that increase, one kind of clock.
 * Errors as har_push_samples. */
int32_t hari_stream_check(const hari_stream *stream, const float *samples, size_t rows,
                          const int64_t *times_ns, har_error *error);

/* As har_push_samples, which has checked pointers and channels. */
int32_t hari_stream_push(hari_stream *stream, const float *samples, size_t rows,
                         const int64_t *times_ns, size_t *taken, har_error *error);

/* As har_push_sensor, which has checked pointers, sensor and columns. */
int32_t hari_stream_push_sensor(hari_stream *stream, uint32_t sensor, const float *values,
                                size_t rows, const int64_t *times_ns, size_t *taken,
                                har_error *error);

/* One sample through the signal steps into the queue; false when there is no room, or windows
 * before a gap wait. `begins_piece`: a gap lies before it. */
bool hari_stream_take(hari_stream *stream, const float *sample, int64_t time_ns, bool begins_piece,
                      uint32_t reasons);

/* HAR_REASON_* of the last sample, and of a sensor that is waited for. */
uint32_t hari_stream_reasons_now(const hari_stream *stream);

/* Takes the memory of what a source needs. */
void hari_source_layout(hari_stream *stream, hari_layout *layout);

/* Brings the rows that are ready from the sensors into the queue; false while the queue is full. */
bool hari_source_advance(hari_stream *stream);

/* As har_stream_flush. */
int32_t hari_stream_flush(hari_stream *stream);

/* As har_poll_label: HAR_OK or HAR_AGAIN. */
int32_t hari_stream_poll(hari_stream *stream, hari_label *label);

/* For many windows at once. How many windows are due that can be computed ahead of one another, at
 * most `most`: none where what one says decides whether the next is computed. */
size_t hari_stream_ahead(const hari_stream *stream, size_t most);

/* Computes windows `first` to first + count - 1 of those that are due on `worker`, a stream with
 * the same settings, into outputs[window][class]. Changes nothing of `stream`: any number of
 * threads at once, a worker each. */
void hari_stream_foresee(const hari_stream *stream, hari_stream *worker, size_t first, size_t count,
                         float *outputs);

/* As hari_stream_poll for a window that is due, with what hari_stream_foresee gave for it. */
void hari_stream_conclude(hari_stream *stream, const float *output, hari_label *label);

/* The label of one window of the network's input. */
hari_verdict hari_stream_classify(hari_stream *stream, const float *window);

/* Whether the window that was computed last is still in the queue; copies it, and tells the number
 * of its first row. */
bool hari_stream_held_window(const hari_stream *stream, float *window, uint64_t *first);

/* What the last poll saw, for the self-test: the window, and the network's output. Valid until the
 * next push. */
void hari_stream_last_window(const hari_stream *stream, float *window);
const float *hari_stream_last_output(const hari_stream *stream);

#endif /* HARI_STREAM_STREAM_H */
