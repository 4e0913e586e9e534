#include <inttypes.h>
#include <stdio.h>

#include "bench.h"
#include "json.h"

static double macs_a_second(const bench_result *r)
{
    return (double)r->info->macs / (r->warm.median * 1e-9);
}

void write_bench_text(const bench_result *r)
{
    printf("%s %s on %s\n\n", har_model_text(r->model, HAR_TEXT_NAME),
           har_model_text(r->model, HAR_TEXT_VERSION), har_cpu_name(r->feature));
    printf("  a window, warm      median %10.2f us   p99 %10.2f us   (%" PRIu32 " calls)\n",
           r->warm.median * 1e-3, r->warm.p99 * 1e-3, r->warm.count);
    printf("  a window, cold      median %10.2f us   p99 %10.2f us   (%" PRIu32
           " calls, caches emptied before each)\n",
           r->cold.median * 1e-3, r->cold.p99 * 1e-3, r->cold.count);
    if (r->hop > 0)
        printf("  one every %-4" PRIu32
               " warm    median %10.2f us   p99 %10.2f us   %.2f of a window"
               "'s time, %" PRIu64 " multiply-acc.\n"
               "  one every %-4" PRIu32
               " cold    median %10.2f us   p99 %10.2f us   stream %" PRIu64 " bytes\n",
               r->hop, r->hop_warm.median * 1e-3, r->hop_warm.p99 * 1e-3,
               r->hop_warm.median / r->warm.median, r->hop_macs, r->hop, r->hop_cold.median * 1e-3,
               r->hop_cold.p99 * 1e-3, r->hop_stream_bytes);
    printf("  multiply-acc.       %" PRIu64 " a window, %.1f G a second", r->info->macs,
           macs_a_second(r) * 1e-9);
    if (r->peak > 0)
        printf(", %.1f %% of the %.1f G that registers alone reach",
               100.0 * macs_a_second(r) / r->peak, r->peak * 1e-9);
    printf("\n  a poll, none due    %10.1f ns\n  open the file       %10.2f ms\n", r->overhead,
           r->open * 1e-6);
    printf("  memory              file %" PRIu64 ", model %" PRIu64 ", each stream %" PRIu64
           " bytes\n",
           r->info->file_bytes, r->info->model_bytes, r->info->stream_bytes);
}

static void write_times(json_writer *json, const char *key, const bench_times *times)
{
    json_open(json, key, '{');
    json_double(json, "median_ns", times->median);
    json_double(json, "p99_ns", times->p99);
    json_uint(json, "calls", times->count);
    json_close(json, '}');
}

void write_bench_json(const bench_result *r)
{
    json_writer json = json_begin(stdout);
    json_open(&json, NULL, '{');
    json_text(&json, "name", har_model_text(r->model, HAR_TEXT_NAME));
    json_text(&json, "version", har_model_text(r->model, HAR_TEXT_VERSION));
    json_text(&json, "cpu", har_cpu_name(r->feature));
    write_times(&json, "warm", &r->warm);
    write_times(&json, "cold", &r->cold);
    if (r->hop > 0) {
        json_open(&json, "overlap", '{');
        json_uint(&json, "hop", r->hop);
        json_uint(&json, "macs", r->hop_macs);
        write_times(&json, "warm", &r->hop_warm);
        write_times(&json, "cold", &r->hop_cold);
        json_uint(&json, "stream_bytes", r->hop_stream_bytes);
        json_close(&json, '}');
    }
    json_uint(&json, "macs", r->info->macs);
    json_double(&json, "macs_per_second", macs_a_second(r));
    json_double(&json, "peak_macs_per_second", r->peak);
    json_double(&json, "poll_ns", r->overhead);
    json_double(&json, "open_ns", r->open);
    json_uint(&json, "file_bytes", r->info->file_bytes);
    json_uint(&json, "model_bytes", r->info->model_bytes);
    json_uint(&json, "stream_bytes", r->info->stream_bytes);
    json_close(&json, '}');
    json_end_line(&json);
}
