/* Another model for a running stream, at a window boundary; the old one stays where the new one
 * fails.
 *
 *     swap_model OLD NEW
 *
 * The new model must reproduce its golden vectors on this machine. Then samples go into both
 * streams until the new one has its first label, and from there its labels count: none is missing.
 */
#include <math.h>
#include <stdio.h>

#include "har/har.h"

enum { CHANNELS = 6, BURST = 10, SAMPLES = 1000, SWAP_AT = 300 };

typedef struct recognizer {
    har_model *model;
    har_stream *stream;
} recognizer;

static void close_recognizer(recognizer *self)
{
    har_stream_destroy(self->stream);
    har_model_release(self->model);
    *self = (recognizer){NULL, NULL};
}

/* A model that works here, with a stream; or nothing, and `error` says why. */
static int32_t open_recognizer(recognizer *self, const char *path, har_error *error)
{
    har_selftest report = {.struct_size = sizeof report};
    *self = (recognizer){NULL, NULL};
    int32_t status = har_model_open_file(path, NULL, &self->model, error);
    if (status == HAR_OK) status = har_model_selftest(self->model, &report, error);
    if (status == HAR_OK) status = har_stream_create(self->model, NULL, &self->stream, error);
    if (status != HAR_OK) close_recognizer(self);
    return status;
}

/* Somebody who rocks to and fro. */
static void read_samples(float *samples, int first)
{
    for (int i = 0; i < BURST * CHANNELS; i++) samples[i] = 0.0f;
    for (int i = 0; i < BURST; i++) {
        samples[i * CHANNELS] = 1.0f;
        samples[i * CHANNELS + 1] = 0.4f * sinf(0.2f * (float)(first + i));
    }
}

/* Pushes the burst; 1 where a label came, which is `event`. */
static int feed(recognizer *self, const float *samples, har_event *event)
{
    size_t taken;
    int labels = 0;
    for (size_t at = 0; at < BURST; at += taken) {
        int32_t status = har_push_samples(self->stream, samples + at * CHANNELS, BURST - at,
                                          CHANNELS, NULL, &taken, NULL);
        if (status < 0) return status;
        while (har_poll_label(self->stream, event, NULL) == HAR_OK) labels = 1;
    }
    return labels;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: swap_model OLD NEW\n");
        return 2;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    recognizer now;
    recognizer next = {NULL, NULL};
    if (open_recognizer(&now, argv[1], &error) != HAR_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    float samples[BURST * CHANNELS];
    for (int at = 0; at < SAMPLES; at += BURST) {
        har_event event = {.struct_size = sizeof event};
        har_event fresh = {.struct_size = sizeof fresh};
        read_samples(samples, at);
        if (at == SWAP_AT && open_recognizer(&next, argv[2], &error) != HAR_OK)
            printf("%5d stays: %s\n", at, error.text); /* roll-back: nothing was changed */
        int labels = feed(&now, samples, &event);
        int begins = next.stream ? feed(&next, samples, &fresh) : 0;
        if (begins > 0) { /* the window boundary: from here on the new one's labels count */
            close_recognizer(&now);
            now = next;
            next = (recognizer){NULL, NULL};
            event = fresh;
        } else if (begins < 0) {
            close_recognizer(&next); /* it failed on the way: the old one carries on */
        }
        if (labels > 0 || begins > 0)
            printf("%5d %s, %s\n", at + BURST, har_model_text(now.model, HAR_TEXT_NAME),
                   event.name);
    }
    close_recognizer(&next);
    close_recognizer(&now);
    return 0;
}
