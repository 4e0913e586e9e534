/* What a stream has done. */
#include "api/stream.h"

int32_t har_stream_get_counters(const har_stream *stream, har_stream_counters *counters)
{
    if (!stream || !counters) return HAR_ERR_NULL;
    if (counters->struct_size < sizeof *counters) return HAR_ERR_STRUCT_SIZE;
    const hari_stream *core = &stream->core;
    const hari_stream_counts *counts = &core->counts;
    const hari_merge *merge = core->merge;
    const uint64_t due = counts->windows + counts->windows_stretched;
    *counters = (har_stream_counters){.struct_size = counters->struct_size,
                                      .reasons_now = hari_stream_reasons_now(core),
                                      .samples = merge ? merge->taken : core->taken,
                                      .gaps = counts->gaps,
                                      .windows = counts->windows,
                                      .windows_skipped = counts->windows_skipped,
                                      .windows_stretched = counts->windows_stretched,
                                      .macs = counts->macs,
                                      .macs_fresh = due * core->recognizer->plan.macs,
                                      .rows = core->taken,
                                      .rows_lost = merge ? merge->rows_lost : 0,
                                      .duplicates = merge ? merge->duplicates : 0};
    for (uint32_t i = 0; merge && i < merge->track_count; i++)
        counters->rate_hz[i] = merge->tracks[i].pace.rate_hz;
    return HAR_OK;
}
