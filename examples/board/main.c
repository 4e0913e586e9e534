/* A bare main loop: the model lies in flash and is used where it lies, all memory is one array,
 * nothing is allocated after the stream is made. Prints a line for each label:
 *
 *     2560 ms STANDING 0.98
 */
#include <stdio.h>

#include "arena.h"
#include "board.h"
#include "har/har.h"

/* model.S; 64-byte aligned, so that nothing is copied. */
extern const unsigned char model_start[];
extern const unsigned char model_end[];

static void print_memory(const har_model *model, const har_stream_config *config)
{
    char text[120];
    har_model_info info = {.struct_size = sizeof info};
    uint64_t stream = 0;
    har_model_get_info(model, &info);
    har_stream_memory_needed(model, config, &stream, NULL);
    snprintf(text, sizeof text, "arena: model %lu, stream %lu, used %lu, peak %lu of %lu bytes\n",
             (unsigned long)info.model_bytes, (unsigned long)stream, (unsigned long)arena_used(),
             (unsigned long)arena_peak(), (unsigned long)arena_bytes());
    board_print(text);
}

static void print_label(const har_event *event)
{
    char text[80];
    snprintf(text, sizeof text, "%lu ms %s %lu.%02lu\n", (unsigned long)(event->t_end_ns / 1000000),
             event->name, (unsigned long)event->confidence,
             (unsigned long)(event->confidence * 100.0f) % 100);
    board_print(text);
}

static int32_t start(har_stream **stream, har_error *error)
{
    har_model_config model_config;
    har_model_config_init(&model_config, sizeof model_config);
    model_config.allocator = arena_allocator();
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.allocator = arena_allocator();
    har_model *model;
    int32_t status = har_model_open_memory(model_start, (size_t)(model_end - model_start),
                                           &model_config, &model, error);
    if (status != HAR_OK) return status;
    status = har_stream_create(model, &config, stream, error);
    if (status == HAR_OK) print_memory(model, &config);
    har_model_release(model); /* the stream has a reference of its own */
    return status;
}

static void print_stack(void)
{
    char text[40];
    snprintf(text, sizeof text, "stack: %lu bytes\n", board_stack_peak());
    board_print(text);
}

int main(void)
{
    board_begin();
    har_error error;
    har_error_init(&error, sizeof error);
    har_stream *stream = NULL;
    int32_t status = start(&stream, &error);
    float motion[6];
    while (status == HAR_OK && board_read_motion(motion)) {
        size_t taken;
        status = har_push_samples(stream, motion, 1, 6, NULL, &taken, &error);
        har_event event = {.struct_size = sizeof event};
        while (status == HAR_OK && har_poll_label(stream, &event, NULL) == HAR_OK)
            print_label(&event);
    }
    if (status != HAR_OK) board_print(error.text);
    print_stack();
    board_end(status == HAR_OK ? 0 : 1);
    return 0;
}
