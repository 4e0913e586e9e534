/* A stream in memory of the caller's: ask how much it takes, then hand that over.
 *
 *     caller_arena models/uci_har_cnn.har
 */
#include <inttypes.h>
#include <stdio.h>

#include "har/har.h"

/* On a board this would be the memory set aside for the recognizer at link time. */
static unsigned char memory[1 << 20];

static int32_t create_in_memory(har_model *model, har_stream **stream, har_error *error)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    uint64_t needed = 0;
    int32_t status = har_stream_memory_needed(model, &config, &needed, error);
    if (status != HAR_OK) return status;
    printf("a stream takes %" PRIu64 " bytes, %zu are set aside\n", needed, sizeof memory);
    config.arena = memory;
    config.arena_size = sizeof memory;
    return har_stream_create(model, &config, stream, error);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: caller_arena MODEL\n");
        return 2;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    har_stream *stream = NULL;
    int32_t status = har_model_open_file(argv[1], NULL, &model, &error);
    if (status == HAR_OK) status = create_in_memory(model, &stream, &error);
    if (status == HAR_OK) {
        printf("the stream lives there; it will never ask for memory\n");
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    har_stream_destroy(stream); /* the memory stays the caller's */
    har_model_release(model);
    return status == HAR_OK ? 0 : 1;
}
