/* The shortest way from samples to a label: open, push, poll.
 *
 *     first_label models/uci_har_cnn.har
 */
#include <stdio.h>

#include "har/har.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: first_label MODEL\n");
        return 2;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    har_stream *stream = NULL;
    int32_t status = har_model_open_file(argv[1], NULL, &model, &error);
    if (status == HAR_OK) status = har_stream_create(model, NULL, &stream, &error);

    /* A phone that stands upright and quite still: 1 g along x, and no turning. */
    const float sample[6] = {1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    har_event event = {.struct_size = sizeof event};
    size_t taken;
    while (status >=
           0) { /* the first windows may be unknown: filters settle, scores are smoothed */
        status = har_push_samples(stream, sample, 1, 6, NULL, &taken, &error);
        if (status >= 0) status = har_poll_label(stream, &event, &error);
        if (status == HAR_OK && event.class_index >= 0) break;
    }
    if (status == HAR_OK) {
        printf("%s, %.0f %% sure\n", event.name, (double)event.confidence * 100.0);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    har_stream_destroy(stream);
    har_model_release(model);
    return status == HAR_OK ? 0 : 1;
}
