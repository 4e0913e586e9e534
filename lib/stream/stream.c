#include "stream/stream.h"

#include <string.h>

#include "base/error.h"
#include "har/stream.h"
#include "model/schema.h"
#include "plan/reuse.h"

enum { DEFAULT_GAP_PERIODS = 10 };

static const double NS_PER_SECOND = 1e9;

/* 2^63 ns, 292 years: a clock by the rate stands still from there on. */
static const double END_OF_TIME = 9223372036854775808.0;

static int32_t check_source(const hari_recognizer *recognizer, const hari_stream_settings *settings,
                            har_error *error)
{
    if (settings->max_wait_ns < 0)
        return hari_fail_bound(error, HAR_ERR_VALUE, (double)settings->max_wait_ns, "at least", 0,
                               "config.max_wait_ns");
    int32_t status = hari_source_check(settings->source, error);
    if (status == HAR_OK)
        status = hari_merge_check(settings->source, recognizer->rate_hz, settings->queue,
                                  settings->max_wait_ns, error);
    if (status != HAR_OK) return status;
    const hari_vector channels = hari_get_vector(recognizer->signal, HARI_Signal_channels);
    return hari_source_map(settings->source, channels, NULL, error);
}

int32_t hari_stream_settle(const hari_recognizer *recognizer, hari_stream_settings *settings,
                           har_error *error)
{
    if (settings->hop > recognizer->window)
        return hari_fail_bound(error, HAR_ERR_VALUE, settings->hop, "at most the window",
                               recognizer->window, "config.hop");
    if (settings->queue > HARI_MAX_QUEUE)
        return hari_fail_bound(error, HAR_ERR_VALUE, settings->queue, "at most", HARI_MAX_QUEUE,
                               "config.queue");
    if (settings->max_gap_ns < 0)
        return hari_fail_bound(error, HAR_ERR_VALUE, (double)settings->max_gap_ns, "at least", 0,
                               "config.max_gap_ns");
    if (settings->reuse > HAR_REUSE_OFF)
        return hari_fail_bound(error, HAR_ERR_VALUE, settings->reuse, "at most", HAR_REUSE_OFF,
                               "config.reuse");
    if (settings->still_gate > 1)
        return hari_fail_bound(error, HAR_ERR_VALUE, settings->still_gate, "at most", 1,
                               "config.still_gate");
    if (settings->still_gate && !recognizer->gate.is_there)
        return hari_fail_text(error, HAR_ERR_VALUE, "needs a gate, which the model's file lacks",
                              "config.still_gate");
    if (settings->max_stretch > HARI_MAX_STRETCH)
        return hari_fail_bound(error, HAR_ERR_VALUE, settings->max_stretch, "at most",
                               HARI_MAX_STRETCH, "config.max_stretch");
    if (settings->max_stretch == 0) settings->max_stretch = 1;
    int32_t status = hari_decision_configure(&settings->decide, &recognizer->decision,
                                             settings->decision, error);
    if (status != HAR_OK) return status;
    settings->decision = NULL;
    if (settings->hop == 0) settings->hop = recognizer->hop;
    if (settings->queue == 0) settings->queue = recognizer->window;
    double slowest = recognizer->rate_hz;
    if (settings->source) {
        status = check_source(recognizer, settings, error);
        if (status != HAR_OK) return status;
        slowest = hari_source_slowest(settings->source, slowest);
    }
    if (settings->max_gap_ns == 0)
        settings->max_gap_ns = (int64_t)((double)DEFAULT_GAP_PERIODS * NS_PER_SECOND / slowest);
    return HAR_OK;
}

/* The plan of all windows of a stream, so that scores do not depend on what came before. */
static const hari_plan *choose_plan(const hari_recognizer *r, const hari_stream_settings *settings)
{
    const bool may = settings->reuse == HAR_REUSE_AUTO && r->division.part_count == 0;
    return may && hari_reuse_gains(&r->reuse, &r->plan, settings->hop) ? &r->reuse : &r->plan;
}

void hari_stream_layout(hari_stream *stream, const hari_recognizer *recognizer,
                        const hari_stream_settings *settings, hari_layout *layout)
{
    *stream = (hari_stream){.recognizer = recognizer, .settings = *settings};
    stream->queue = (hari_queue){.columns = recognizer->chain.columns_out,
                                 .window = recognizer->window,
                                 .capacity = recognizer->window + settings->queue,
                                 .latency = recognizer->chain.latency};
    hari_queue_layout(&stream->queue, layout);
    hari_chain_layout(&recognizer->chain, &stream->signal, layout);
    stream->contracts =
        hari_layout_take(layout, recognizer->contracts.count, sizeof *stream->contracts);
    const har_source_sensor own = {.rate_hz = recognizer->rate_hz};
    hari_pace_init(&stream->pace, &own, recognizer->rate_hz);
    if (settings->source) hari_source_layout(stream, layout);
    if (!recognizer->has_network) return;
    hari_decision_layout(&settings->decide, &stream->decision, layout);
    if (settings->still_gate)
        hari_gate_layout(&stream->gate, recognizer->chain.columns_out, layout);
    stream->plan = choose_plan(recognizer, settings);
    stream->arena = hari_layout_take(layout, stream->plan->arena_bytes, 1);
    stream->runtimes =
        hari_layout_take(layout, recognizer->division.part_count, sizeof(hari_runtime *));
}

int32_t hari_stream_start(hari_stream *stream, har_error *error)
{
    return hari_division_start(&stream->recognizer->division, stream->arena, stream->runtimes,
                               error);
}

void hari_stream_stop(hari_stream *stream)
{
    hari_division_stop(&stream->recognizer->division, stream->runtimes);
}

int32_t hari_stream_make(hari_stream *stream, const hari_recognizer *recognizer,
                         const hari_stream_settings *chosen, hari_pool *pool, har_error *error)
{
    hari_stream_settings settings = *chosen;
    int32_t status = hari_stream_settle(recognizer, &settings, error);
    if (status != HAR_OK) return status;
    hari_layout layout = {0};
    hari_stream_layout(stream, recognizer, &settings, &layout);
    layout = (hari_layout){.base = hari_pool_alloc(pool, layout.used, 1)};
    if (!layout.base) return hari_fail(error, HAR_ERR_MEMORY, "stream");
    hari_stream_layout(stream, recognizer, &settings, &layout);
    hari_stream_reset(stream);
    return hari_stream_start(stream, error);
}

void hari_stream_reset(hari_stream *stream)
{
    hari_chain_reset(&stream->recognizer->chain, &stream->signal);
    hari_decision_reset(&stream->decision);
    hari_contracts_reset(&stream->recognizer->contracts, stream->contracts);
    hari_pace_reset(&stream->pace);
    hari_gate_reset(&stream->gate);
    hari_stretch_reset(&stream->stretch);
    stream->counts = (hari_stream_counts){0};
    stream->queue.start = 0;
    stream->queue.end = 0;
    stream->holds = stream->shows = false;
    stream->taken = 0;
    stream->clock = HARI_CLOCK_OPEN;
    stream->ending_piece = false;
    stream->after_gap = false;
    stream->flushed = false;
    stream->reported = 0;
    stream->reasons = 0;
    stream->reasons_now = 0;
    if (stream->merge) hari_merge_reset(stream->merge);
}

/* Brings the rows that the signal steps still hold into the queue; false while the queue is full.
 */
static bool drain_signal(hari_stream *stream)
{
    while (hari_queue_has_room(&stream->queue)) {
        float *row = hari_queue_next(&stream->queue);
        if (!hari_chain_drain(&stream->recognizer->chain, &stream->signal, row)) return true;
        hari_queue_add(&stream->queue);
    }
    return false;
}

static bool is_gap(const hari_stream *stream, int64_t time_ns)
{
    if (stream->clock != HARI_CLOCK_TIMES || stream->taken == 0) return false;
    int64_t previous = *hari_queue_time(&stream->queue, stream->taken - 1);
    /* the difference of increasing times, which may not fit in int64_t */
    return (uint64_t)time_ns - (uint64_t)previous > (uint64_t)stream->settings.max_gap_ns;
}

/* The reasons of the samples before `end` that no event has told. */
static uint32_t take_reasons(hari_stream *stream, uint64_t end)
{
    uint32_t reasons = stream->reasons;
    for (uint64_t n = stream->reported; n < end; n++)
        reasons |= *hari_queue_reasons(&stream->queue, n);
    if (end > stream->reported) stream->reported = end;
    stream->reasons = 0;
    return reasons;
}

/* Ends the piece of recording before a gap; false while windows of it wait to be polled. */
static bool end_piece(hari_stream *stream)
{
    stream->ending_piece = true;
    if (!drain_signal(stream) || hari_queue_is_due(&stream->queue)) return false;
    stream->ending_piece = false;
    hari_chain_reset(&stream->recognizer->chain, &stream->signal);
    hari_decision_gap(&stream->decision);
    hari_gate_reset(&stream->gate);
    hari_stretch_reset(&stream->stretch);
    hari_contracts_reset(&stream->recognizer->contracts, stream->contracts);
    hari_pace_break(&stream->pace);
    stream->reasons = take_reasons(stream, stream->taken);
    stream->queue.start = stream->queue.end;
    stream->after_gap = true;
    stream->counts.gaps++;
    return true;
}

static int64_t time_of_sample(const hari_stream *stream, uint64_t number)
{
    const double ns = (double)number * NS_PER_SECOND / stream->recognizer->rate_hz + 0.5;
    return ns < END_OF_TIME ? (int64_t)ns : INT64_MAX;
}

bool hari_stream_take(hari_stream *stream, const float *sample, int64_t time_ns, bool begins_piece,
                      uint32_t reasons)
{
    if ((stream->ending_piece || begins_piece) && !end_piece(stream)) return false;
    if (!hari_queue_has_room(&stream->queue)) return false;
    reasons |= hari_contracts_push(&stream->recognizer->contracts, stream->contracts, sample);
    *hari_queue_time(&stream->queue, stream->taken) = time_ns;
    *hari_queue_reasons(&stream->queue, stream->taken) = (uint16_t)reasons;
    stream->reasons_now = reasons;
    stream->taken++;
    float *row = hari_queue_next(&stream->queue);
    if (hari_chain_push(&stream->recognizer->chain, &stream->signal, sample, row))
        hari_queue_add(&stream->queue);
    return true;
}

/* A sample of the model's own; `time_ns` NULL: by the rate. */
static bool take_sample(hari_stream *stream, const float *sample, const int64_t *time_ns)
{
    const int64_t time = time_ns ? *time_ns : time_of_sample(stream, stream->taken);
    if (!hari_stream_take(stream, sample, time, time_ns && is_gap(stream, time),
                          stream->pace.reasons))
        return false;
    if (time_ns) hari_pace_add(&stream->pace, sample, time);
    stream->clock = time_ns ? HARI_CLOCK_TIMES : HARI_CLOCK_RATE;
    return true;
}

int32_t hari_stream_flush(hari_stream *stream)
{
    stream->flushed = true;
    if (stream->merge) {
        stream->merge->finished = true;
        if (!hari_source_advance(stream)) return HAR_PARTIAL;
    }
    return drain_signal(stream) ? HAR_OK : HAR_PARTIAL;
}

int32_t hari_stream_push(hari_stream *stream, const float *samples, size_t rows,
                         const int64_t *times_ns, size_t *taken, har_error *error)
{
    const size_t most = rows < stream->queue.capacity ? rows : stream->queue.capacity;
    int32_t status = hari_stream_check(stream, samples, most, times_ns, error);
    if (status != HAR_OK) return status;
    const uint32_t columns = stream->recognizer->chain.columns_in;
    size_t row = 0;
    while (row < most &&
           take_sample(stream, samples + row * columns, times_ns ? times_ns + row : NULL))
        row++;
    *taken = row;
    return row == rows ? HAR_OK : HAR_PARTIAL;
}

/* Computes the window in the arena, `distance` rows after the one before it; 0: afresh. Gives the
 * multiply-accumulates that it took. */
static uint64_t run_network(hari_stream *stream, uint32_t distance)
{
    const hari_recognizer *r = stream->recognizer;
    if (stream->plan == &r->reuse)
        return hari_exec_again(stream->plan, distance, &stream->drifted, stream->arena);
    hari_division_run(&r->division, stream->runtimes, stream->arena);
    return r->plan.macs;
}

static float *network_input(hari_stream *stream)
{
    return (float *)(void *)(stream->arena + stream->plan->input_offset);
}

const float *hari_stream_last_output(const hari_stream *stream)
{
    const hari_plan *plan = stream->plan;
    const uint32_t output = plan->graph->output;
    return (const float *)(const void *)hari_exec_place(plan, output, plan->output_offset,
                                                        stream->drifted, stream->arena);
}

/* The next window, of what is left of the one computed before where they overlap. */
static void compute_window(hari_stream *stream)
{
    const uint64_t start = stream->queue.start;
    const bool overlaps = stream->holds && start - stream->held < stream->queue.window;
    hari_queue_copy(&stream->queue, start, network_input(stream));
    stream->counts.macs += run_network(stream, overlaps ? (uint32_t)(start - stream->held) : 0);
    stream->held = stream->shown = start;
    stream->holds = stream->shows = true;
}

/* Whether a window is due that is not to be passed over; takes in what a source still holds. */
static bool bring_window(hari_stream *stream)
{
    hari_queue *queue = &stream->queue;
    uint64_t rows;
    do {
        stream->counts.windows_stretched +=
            hari_stretch_pass(&stream->stretch, queue, stream->settings.hop);
        /* samples that no window to come has will make room: what they said is kept */
        stream->reasons = take_reasons(stream, queue->start);
        if (hari_queue_is_due(queue)) return true;
        rows = queue->end;
        if (stream->merge) hari_source_advance(stream);
    } while (queue->end > rows);
    return false;
}

/* The label of the window that is due; `output` is its network's, NULL: the still gate repeats the
 * one before. */
static void conclude(hari_stream *stream, const float *output, hari_label *label)
{
    hari_queue *queue = &stream->queue;
    const hari_stream_settings *settings = &stream->settings;
    const hari_gate *gate = &stream->recognizer->gate;
    const bool repeats = output == NULL;
    const hari_span span = {*hari_queue_time(queue, queue->start),
                            *hari_queue_time(queue, queue->start + queue->window - 1)};
    *label =
        (hari_label){.verdict = hari_decide(&settings->decide, &stream->decision, output, span),
                     .first_sample = queue->start,
                     .t_start_ns = span.start_ns,
                     .t_end_ns = span.end_ns,
                     .after_gap = stream->after_gap,
                     .repeated = repeats,
                     .reasons = take_reasons(stream, queue->start + queue->window)};
    if (!repeats) hari_gate_trust(gate, &stream->gate, label->verdict.own);
    hari_stretch_step(&stream->stretch, &label->verdict, gate->confident, settings->max_stretch);
    stream->counts.windows++;
    stream->counts.windows_skipped += repeats;
    stream->after_gap = false;
    queue->start += settings->hop;
}

int32_t hari_stream_poll(hari_stream *stream, hari_label *label)
{
    if (!bring_window(stream)) return HAR_AGAIN;
    const hari_gate *gate = &stream->recognizer->gate;
    const bool repeats =
        stream->settings.still_gate && hari_gate_skips(gate, &stream->gate, &stream->queue);
    if (!repeats) compute_window(stream);
    conclude(stream, repeats ? NULL : hari_stream_last_output(stream), label);
    return HAR_OK;
}

size_t hari_stream_ahead(const hari_stream *stream, size_t most)
{
    const hari_queue *queue = &stream->queue;
    const hari_stream_settings *settings = &stream->settings;
    if (settings->still_gate || settings->max_stretch > 1 || !hari_queue_is_due(queue)) return 0;
    const uint64_t due = (queue->end - queue->start - queue->window) / settings->hop + 1;
    return due < most ? (size_t)due : most;
}

void hari_stream_foresee(const hari_stream *stream, hari_stream *worker, size_t first, size_t count,
                         float *outputs)
{
    const uint32_t hop = stream->settings.hop;
    const uint32_t classes = stream->recognizer->class_count;
    for (size_t i = 0; i < count; i++) {
        hari_queue_copy(&stream->queue, stream->queue.start + (first + i) * hop,
                        network_input(worker));
        const bool overlaps = i > 0 && hop < stream->queue.window;
        worker->counts.macs += run_network(worker, overlaps ? hop : 0);
        memcpy(outputs + (first + i) * classes, hari_stream_last_output(worker),
               classes * sizeof *outputs);
    }
}

void hari_stream_conclude(hari_stream *stream, const float *output, hari_label *label)
{
    stream->holds = false; /* the arena has an older window */
    stream->shown = stream->queue.start;
    stream->shows = true;
    conclude(stream, output, label);
}

hari_verdict hari_stream_classify(hari_stream *stream, const float *window)
{
    const size_t values = (size_t)stream->queue.window * stream->queue.columns;
    memcpy(network_input(stream), window, values * sizeof *window);
    run_network(stream, 0);
    stream->holds = false;
    return hari_decide_alone(&stream->settings.decide, &stream->decision,
                             hari_stream_last_output(stream));
}

void hari_stream_last_window(const hari_stream *stream, float *window)
{
    hari_queue_copy(&stream->queue, stream->queue.start - stream->settings.hop, window);
}

bool hari_stream_held_window(const hari_stream *stream, float *window, uint64_t *first)
{
    const hari_queue *queue = &stream->queue;
    if (!stream->shows || queue->end - stream->shown > queue->capacity) return false;
    hari_queue_copy(queue, stream->shown, window);
    *first = stream->shown;
    return true;
}
