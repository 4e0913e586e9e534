/** @file
 * A flight recorder: a stream whose input, configuration and labels are kept in a ring of the
 * caller's memory, to be written to a file when something was odd. `har replay` runs the file
 * again, bit for bit, on another machine; `har diff` names the first difference of two.
 * docs/flight.md has the file's layout.
 *
 *     har_flight *flight;
 *     har_flight_begin(model, NULL, memory, sizeof memory, &flight, NULL);
 *     har_flight_push_samples(flight, samples, rows, 6, NULL, &taken, NULL);
 *     while (har_flight_poll_label(flight, &event, NULL) == HAR_OK) puts(event.name);
 *     har_flight_save(flight, "odd.harf", NULL);
 *     har_flight_end(flight);
 *
 * It stands on the public API of libhar alone and beside it: an app that wants it links har_flight,
 * others pay nothing. Each function is called as the one of har/stream.h of its name, with the same
 * rules and errors; one thread at a time. Recording copies what is pushed; it allocates nothing.
 *
 * The ring has two halves. What can be replayed bit for bit begins where the state of the stream is
 * known, so before a half is full the recorder restarts the stream at a window boundary, in the
 * poll that returns HAR_AGAIN: it resets it and pushes the last rows once more (four windows and
 * the latency of the signal steps), whose labels it keeps to itself, and goes on in the other half.
 * Numbers of samples and times go on. Filters and the decision then know these rows alone: labels
 * may differ from those of a stream that was never restarted where a filter or a decision remembers
 * longer. A ring that holds the whole session is never restarted.
 *
 * With a source the rows of a restart lie on a grid of their own, which begins with its first
 * reading: the next window is up to half a hop nearer to the last one, or farther, than a hop. */
#ifndef HAR_FLIGHT_H
#define HAR_FLIGHT_H

#include <har/har.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A recorder with its stream; one thread at a time. */
typedef struct har_flight har_flight;

/** How many bytes the ring takes at least. Errors: those of har_stream_memory_needed. */
int32_t har_flight_memory_needed(const har_model *model, const har_stream_config *config,
                                 uint64_t *bytes, har_error *error);

/** Makes the recorder in `memory`, any alignment, which must stay until har_flight_end, and its
 * stream as har_stream_create does. Errors: those of har_stream_create; HAR_ERR_ARENA_TOO_SMALL
 * (`size`). */
int32_t har_flight_begin(har_model *model, const har_stream_config *config, void *memory,
                         size_t size, har_flight **flight, har_error *error);

/** Destroys the stream. NULL is allowed. */
void har_flight_end(har_flight *flight);

/** HAR_PARTIAL also where the ring has no room before the next restart: poll until HAR_AGAIN. */
int32_t har_flight_push_samples(har_flight *flight, const float *samples, size_t rows,
                                uint32_t channels, const int64_t *times_ns, size_t *taken,
                                har_error *error);
int32_t har_flight_push_sensor(har_flight *flight, uint32_t sensor, const float *values,
                               size_t rows, uint32_t columns, const int64_t *times_ns,
                               size_t *taken, har_error *error);
int32_t har_flight_poll_label(har_flight *flight, har_event *event, har_error *error);
int32_t har_flight_flush(har_flight *flight, har_error *error);
int32_t har_flight_reset(har_flight *flight, har_error *error);

/** The stream, for har_classify_window and har_stream_get_counters, which are not recorded. */
har_stream *har_flight_stream(har_flight *flight);

/** Gives the file piece by piece to `write`, which returns 0, or else ends it. Returns what `write`
 * did. */
int32_t har_flight_write(const har_flight *flight,
                         int32_t (*write)(void *user, const void *bytes, size_t size), void *user);

/** Writes the file at `path`. Errors: HAR_ERR_NULL, HAR_ERR_FILE_OPEN (it cannot be written). */
int32_t har_flight_save(const har_flight *flight, const char *path, har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_FLIGHT_H */
