/* One window that was recorded before, without the queue of a stream: the signal steps, then the
 * network.
 *
 *     classify_window models/uci_har_cnn.har < window.txt
 *
 * Standard input holds at least a window of samples as numbers between blanks, sample after sample.
 */
#include <stdio.h>
#include <stdlib.h>

#include "har/har.h"

static int32_t read_floats(float *values, size_t count, har_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (scanf("%f", &values[i]) != 1) {
            snprintf(error->text, sizeof error->text,
                     "standard input: %zu numbers are needed, %zu came", count, i);
            return HAR_ERR_VALUE;
        }
    }
    return HAR_OK;
}

static int32_t show_class(har_model *model, const har_model_info *info, const float *signal,
                          har_error *error)
{
    har_stream *stream = NULL;
    int32_t status = har_stream_create(model, NULL, &stream, error);
    har_event event = {.struct_size = sizeof event};
    if (status == HAR_OK) {
        status = har_classify_window(stream, signal, info->window, info->signal_channel_count,
                                     &event, error);
    }
    for (uint32_t i = 0; status == HAR_OK && i < event.score_count; i++)
        printf("%6.2f %%  %s\n", (double)event.scores[i] * 100.0, har_model_class_name(model, i));
    har_stream_destroy(stream);
    return status;
}

static int32_t classify(har_model *model, har_error *error)
{
    har_model_info info = {.struct_size = sizeof info};
    int32_t status = har_model_get_info(model, &info);
    if (status != HAR_OK) return status;
    size_t raw_count = (size_t)info.window * info.channel_count;
    float *raw = malloc(raw_count * sizeof *raw);
    float *signal = malloc((size_t)info.window * info.signal_channel_count * sizeof *signal);
    status = raw != NULL && signal != NULL ? HAR_OK : HAR_ERR_MEMORY;
    if (status == HAR_OK) status = read_floats(raw, raw_count, error);
    if (status == HAR_OK)
        status = har_preprocess(model, raw, info.window, info.channel_count, signal, error);
    if (status == HAR_OK) status = show_class(model, &info, signal, error);
    free(raw);
    free(signal);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: classify_window MODEL < window.txt\n");
        return 2;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    int32_t status = har_model_open_file(argv[1], NULL, &model, &error);
    if (status == HAR_OK) status = classify(model, &error);
    if (status != HAR_OK)
        fprintf(stderr, "%s\n", error.text[0] != '\0' ? error.text : har_status_text(status));
    har_model_release(model);
    return status == HAR_OK ? 0 : 1;
}
