/* What every test of the public API includes. */
#ifndef TESTS_API_COMMON_H
#define TESTS_API_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <har/har.h>

#define TINY_F32 HAR_GOLDEN "/tiny_f32.har"
#define TINY_INT8 HAR_GOLDEN "/tiny_int8.har"
#define TINY_FRONT HAR_GOLDEN "/tiny_front.har"

enum { CHANNELS = 6, WINDOW = 32, HOP = 8, CLASSES = 4 };

static inline har_error new_error(void)
{
    har_error error;
    har_error_init(&error, sizeof error);
    return error;
}

static inline har_model *open_model(const char *path)
{
    har_model *model = NULL;
    assert_int_equal(har_model_open_file(path, NULL, &model, NULL), HAR_OK);
    return model;
}

static inline har_stream *open_stream(har_model *model)
{
    har_stream *stream = NULL;
    assert_int_equal(har_stream_create(model, NULL, &stream, NULL), HAR_OK);
    return stream;
}

/* Made-up samples: sample `row` of a source `number`. */
static inline float sample_value(uint32_t number, size_t row, uint32_t channel)
{
    const uint32_t mixed = (uint32_t)(row * 2654435761u) ^ (channel * 40503u + number * 97u);
    return (float)((mixed >> 7) % 1000u) * 0.002f - 1.0f;
}

static inline void fill_samples(float *samples, size_t rows, uint32_t number)
{
    for (size_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < CHANNELS; c++)
            samples[r * CHANNELS + c] = sample_value(number, r, c);
}

#endif /* TESTS_API_COMMON_H */
