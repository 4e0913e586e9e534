/* The golden vectors of a model, run where the model runs. */
#include <math.h>
#include <stdlib.h>

#include "api/model.h"
#include "base/error.h"
#include "har/stream.h"
#include "model/schema.h"
#include "stream/stream.h"

typedef struct runner {
    const har_model *model;
    hari_stream stream;
    float *window; /* the last window due */
    float *raw;    /* the golden's samples */
    hari_verdict verdict;
    bool has_verdict;
    har_selftest *report;
    const char *name; /* of the golden */
} runner;

/* Polls all that is due and keeps the last. */
static void poll_all(runner *run)
{
    hari_label label;
    while (hari_stream_poll(&run->stream, &label) == HAR_OK) {
        run->verdict = label.verdict;
        run->has_verdict = true;
        hari_stream_last_window(&run->stream, run->window);
    }
}

static int32_t push_raw(runner *run, hari_vector raw, har_error *error)
{
    const uint32_t columns = run->model->recognizer.chain.columns_in;
    const size_t rows = raw.count / columns;
    for (uint32_t i = 0; i < raw.count; i++) run->raw[i] = hari_f32_of(raw, i);
    hari_stream_reset(&run->stream);
    run->has_verdict = false;
    for (size_t at = 0; at < rows;) {
        size_t taken = 0;
        int32_t status =
            hari_stream_push(&run->stream, run->raw + at * columns, rows - at, NULL, &taken, error);
        if (status < 0) return status;
        at += taken;
        poll_all(run);
    }
    while (hari_stream_flush(&run->stream) == HAR_PARTIAL) poll_all(run);
    poll_all(run);
    return HAR_OK;
}

/* Compares one stage; the first value outside the tolerance goes into the report. */
static int32_t compare(runner *run, const char *stage, hari_vector expected, const float *found,
                       double tolerance, double *worst, har_error *error)
{
    for (uint32_t i = 0; i < expected.count; i++) {
        const double wanted = (double)hari_f32_of(expected, i);
        const double difference = fabs((double)found[i] - wanted);
        if (difference > *worst) *worst = difference;
        if (difference <= tolerance) continue; /* NaN is no agreement */
        run->report->golden = run->name;
        run->report->stage = stage;
        run->report->index = i;
        run->report->expected = wanted;
        run->report->found = (double)found[i];
        run->report->tolerance = tolerance;
        return hari_fail_bound(error, HAR_ERR_GOLDEN_MISMATCH, (double)found[i],
                               "within the tolerance of", wanted, "golden \"%.32s\" %s[%u]",
                               run->name, stage, i);
    }
    return HAR_OK;
}

static int32_t compare_label(runner *run, int32_t expected, har_error *error)
{
    if (run->verdict.class_index == expected) return HAR_OK;
    run->report->golden = run->name;
    run->report->stage = "label";
    run->report->expected = expected;
    run->report->found = run->verdict.class_index;
    return hari_fail_bound(error, HAR_ERR_GOLDEN_MISMATCH, run->verdict.class_index, "equal to",
                           expected, "golden \"%.32s\" label", run->name);
}

static int32_t run_golden(runner *run, hari_table golden, har_error *error)
{
    har_selftest *report = run->report;
    run->name = hari_get_string(golden, HARI_Golden_name);
    int32_t status = push_raw(run, hari_get_vector(golden, HARI_Golden_raw), error);
    if (status != HAR_OK) return status;
    if (!run->has_verdict)
        return hari_fail_text(error, HAR_ERR_FILE_MEANING, "made no window due", "golden \"%.32s\"",
                              run->name);
    status = compare(run, "signal", hari_get_vector(golden, HARI_Golden_signal), run->window,
                     (double)hari_get_f32(golden, HARI_Golden_tolerance_signal, 0.0f),
                     &report->worst_signal, error);
    if (status == HAR_OK)
        status = compare(run, "network", hari_get_vector(golden, HARI_Golden_network),
                         hari_stream_last_output(&run->stream),
                         (double)hari_get_f32(golden, HARI_Golden_tolerance_network, 0.0f),
                         &report->worst_network, error);
    if (status == HAR_OK)
        status =
            compare(run, "scores", hari_get_vector(golden, HARI_Golden_scores), run->verdict.scores,
                    (double)hari_get_f32(golden, HARI_Golden_tolerance_scores, 0.0f),
                    &report->worst_scores, error);
    if (status == HAR_OK)
        status = compare_label(run, hari_get_i32(golden, HARI_Golden_label, -1), error);
    return status;
}

/* The longest golden recording, in values. */
static size_t longest_raw(hari_vector goldens)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < goldens.count; i++) {
        const size_t count = hari_get_vector(hari_table_of(goldens, i), HARI_Golden_raw).count;
        if (count > longest) longest = count;
    }
    return longest;
}

static int32_t prepare(runner *run, hari_vector goldens, hari_pool *pool, har_error *error)
{
    const hari_recognizer *r = &run->model->recognizer;
    run->raw = hari_pool_alloc(pool, longest_raw(goldens), sizeof *run->raw);
    run->window =
        hari_pool_alloc(pool, (size_t)r->window * r->chain.columns_out, sizeof *run->window);
    if (!run->raw || !run->window) return hari_fail(error, HAR_ERR_MEMORY, "selftest");
    const hari_stream_settings settings = {0};
    return hari_stream_make(&run->stream, r, &settings, pool, error);
}

int32_t har_model_selftest(const har_model *model, har_selftest *report, har_error *error)
{
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!report) return hari_fail(error, HAR_ERR_NULL, "report");
    if (report->struct_size < sizeof *report)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, report->struct_size, "at least",
                               (double)sizeof *report, "report.struct_size");
    *report = (har_selftest){.struct_size = report->struct_size};
    if (!model->recognizer.has_network) return hari_fail(error, HAR_ERR_NO_NETWORK, "model");
    const hari_vector goldens = hari_get_vector(model->root, HARI_Model_golden);
    if (goldens.count == 0) return hari_fail(error, HAR_ERR_NO_GOLDEN, "model");
    hari_pool pool;
    hari_pool_init(&pool, &model->pool.allocator, SIZE_MAX);
    runner run = {.model = model, .report = report};
    int32_t status = prepare(&run, goldens, &pool, error);
    const bool is_made = status == HAR_OK;
    for (uint32_t i = 0; i < goldens.count && status == HAR_OK; i++) {
        status = run_golden(&run, hari_table_of(goldens, i), error);
        if (status == HAR_OK) report->checked++;
    }
    if (is_made) hari_stream_stop(&run.stream);
    hari_pool_free(&pool);
    return status;
}
