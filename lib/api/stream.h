/* The stream handle. */
#ifndef HARI_API_STREAM_H
#define HARI_API_STREAM_H

#include "api/model.h"
#include "har/stream.h"
#include "stream/stream.h"

struct har_stream {
    hari_stream core;
    har_model *model;
    har_allocator allocator; /* of `block`; unused in a caller's arena */
    void *block;
    size_t block_bytes;
};

/* That a window of the network's input has its shape, and finite values. Errors: HAR_ERR_CHANNELS,
 * HAR_ERR_ROWS, HAR_ERR_SAMPLE_NOT_FINITE. */
int32_t hari_check_window(const hari_recognizer *r, const float *window, size_t rows,
                          uint32_t columns, har_error *error);

/* Every field of the public event; `scores` are the stream's. */
void hari_fill_event(const har_stream *stream, const hari_label *label, har_event *event);

#endif /* HARI_API_STREAM_H */
