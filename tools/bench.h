/* What `har bench` measured, and how it is written. */
#ifndef HAR_TOOLS_BENCH_H
#define HAR_TOOLS_BENCH_H

#include "har/har.h"

/* Of single calls, in nanoseconds. */
typedef struct bench_times {
    double median;
    double p99;
    uint32_t count;
} bench_times;

typedef struct bench_result {
    const har_model *model;
    const har_model_info *info;
    uint32_t feature; /* HAR_CPU_*: the best that the plan uses */
    double peak;      /* of it: multiply-accumulates a second; 0: not known */
    bench_times warm; /* one window after the other */
    bench_times cold; /* the caches held something else before */
    uint32_t hop;     /* of windows that overlap; 0: none were asked for */
    uint64_t hop_macs;
    uint64_t hop_stream_bytes;
    bench_times hop_warm;
    bench_times hop_cold;
    double overhead; /* ns of a poll that has nothing to do */
    double open;     /* ns of opening the file, median */
} bench_result;

void write_bench_text(const bench_result *result);
void write_bench_json(const bench_result *result);

#endif /* HAR_TOOLS_BENCH_H */
