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

/* Every field of the public event; `scores` are the stream's. */
void hari_fill_event(const har_stream *stream, const hari_label *label, har_event *event);

#endif /* HARI_API_STREAM_H */
