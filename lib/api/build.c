/* Load: the checked file -> signal steps, graph, plan, decision, all owned by the model. */
#include <math.h>

#include "api/model.h"
#include "base/error.h"
#include "model/schema.h"
#include "plan/reuse.h"

enum { MAX_WINDOW = 65536, MAX_CLASSES = 1024, MAX_GOLDEN = 1024 };

static const double MIN_RATE_HZ = 1e-3;
static const double MAX_RATE_HZ = 1e5;

static int32_t build_signal(hari_recognizer *r, hari_table signal, hari_pool *pool,
                            har_error *error)
{
    r->signal = signal;
    r->rate_hz = hari_get_f64(signal, HARI_Signal_rate_hz, 0.0);
    if (!(r->rate_hz >= MIN_RATE_HZ && r->rate_hz <= MAX_RATE_HZ))
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, r->rate_hz, "0.001 to", MAX_RATE_HZ,
                               "signal.rate_hz");
    r->window = hari_get_u32(signal, HARI_Signal_window, 0);
    if (r->window < 1 || r->window > MAX_WINDOW)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, r->window, "1 to", MAX_WINDOW,
                               "signal.window");
    r->hop = hari_get_u32(signal, HARI_Signal_hop, 0);
    if (r->hop < 1 || r->hop > r->window)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, r->hop, "1 to the window", r->window,
                               "signal.hop");
    int32_t status = hari_chain_build(&r->chain, signal, pool, error);
    if (status == HAR_OK)
        status = hari_contracts_build(&r->contracts, signal, r->rate_hz, pool, error);
    return status;
}

static int32_t build_labels(hari_recognizer *r, hari_vector labels, hari_pool *pool,
                            har_error *error)
{
    if (labels.count < 1 || labels.count > MAX_CLASSES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, labels.count, "1 to", MAX_CLASSES,
                               "labels count");
    r->class_names = hari_pool_alloc(pool, labels.count, sizeof *r->class_names);
    if (!r->class_names) return hari_fail(error, HAR_ERR_MEMORY, "labels");
    r->class_count = labels.count;
    for (uint32_t i = 0; i < labels.count; i++) r->class_names[i] = hari_string_of(labels, i);
    return HAR_OK;
}

/* The network takes the window and gives a value per label. */
static int32_t check_ends(const hari_recognizer *r, har_error *error)
{
    const hari_tensor *input = &r->graph.tensors[r->graph.input];
    const hari_tensor *output = &r->graph.tensors[r->graph.output];
    if (input->rows != r->window)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, input->rows, "equal to signal.window",
                               r->window, "graph.input rows");
    if (input->columns != r->chain.columns_out)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, input->columns,
                               "equal to the columns after the signal steps", r->chain.columns_out,
                               "graph.input columns");
    if (output->elements != r->class_count)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)output->elements,
                               "equal to the number of labels", r->class_count,
                               "graph.output elements");
    return HAR_OK;
}

static int32_t build_network(har_model *model, har_error *error)
{
    hari_recognizer *r = &model->recognizer;
    if (!hari_has(model->root, HARI_Model_graph)) return HAR_OK;
    r->has_network = true;
    if (model->hop > r->window)
        return hari_fail_bound(error, HAR_ERR_VALUE, model->hop, "at most the window", r->window,
                               "config.hop");
    hari_vector labels = hari_get_vector(model->root, HARI_Model_labels);
    hari_table decision = hari_get_table(model->root, HARI_Model_decision);
    int32_t status = build_labels(r, labels, &model->pool, error);
    if (status == HAR_OK) status = hari_graph_build(&r->graph, model->root, &model->pool, error);
    if (status == HAR_OK) status = check_ends(r, error);
    if (status == HAR_OK)
        status = hari_plan_build(&r->plan, &r->graph, model->features, &model->pool, error);
    if (status == HAR_OK)
        status = hari_division_build(&r->division, &r->plan, model->backend, model->features,
                                     &model->pool, error);
    if (status == HAR_OK && r->division.part_count == 0)
        status = hari_reuse_build(&r->reuse, &r->plan, model->hop ? model->hop : r->hop,
                                  &model->pool, error);
    if (status == HAR_OK)
        status = hari_decision_build(&r->decision, decision, r->class_count, error);
    hari_table gate = hari_get_table(model->root, HARI_Model_gate);
    if (status == HAR_OK) status = hari_gate_build(&r->gate, gate, r->chain.columns_out, error);
    return status;
}

static int32_t check_count(uint64_t found, uint64_t wanted, uint32_t index, const char *field,
                           har_error *error)
{
    if (found == wanted) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_FILE_MEANING, (double)found, "equal to", (double)wanted,
                           "golden[%u].%s count", index, field);
}

/* A golden vector has whole samples, at least a window of them, and values of the right number. */
static int32_t check_golden(const hari_recognizer *r, hari_table golden, uint32_t i,
                            har_error *error)
{
    const uint32_t raw = hari_get_vector(golden, HARI_Golden_raw).count;
    const uint32_t channels = r->chain.columns_in;
    if (raw % channels != 0 || raw / channels < r->window)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, raw,
                               "whole samples, at least a window of them, values",
                               (double)r->window * channels, "golden[%u].raw count", i);
    const uint32_t signal = hari_get_vector(golden, HARI_Golden_signal).count;
    const uint32_t network = hari_get_vector(golden, HARI_Golden_network).count;
    const uint32_t scores = hari_get_vector(golden, HARI_Golden_scores).count;
    const uint64_t window = (uint64_t)r->window * r->chain.columns_out;
    int32_t status = check_count(signal, window, i, "signal", error);
    if (status == HAR_OK) status = check_count(network, r->class_count, i, "network", error);
    if (status == HAR_OK) status = check_count(scores, r->class_count, i, "scores", error);
    return status;
}

static int32_t check_goldens(const har_model *model, har_error *error)
{
    hari_vector goldens = hari_get_vector(model->root, HARI_Model_golden);
    if (goldens.count > MAX_GOLDEN)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, goldens.count, "at most", MAX_GOLDEN,
                               "golden count");
    int32_t status = HAR_OK;
    for (uint32_t i = 0; i < goldens.count && status == HAR_OK; i++)
        status = check_golden(&model->recognizer, hari_table_of(goldens, i), i, error);
    return status;
}

/* Measured figures and the ends of their intervals are numbers, in their order. */
static int32_t check_measurements(hari_table card, har_error *error)
{
    hari_vector measurements = hari_get_vector(card, HARI_Card_measurements);
    for (uint32_t i = 0; i < measurements.count; i++) {
        hari_table measurement = hari_table_of(measurements, i);
        const double low = hari_get_f64(measurement, HARI_Measurement_low, 0.0);
        const double high = hari_get_f64(measurement, HARI_Measurement_high, 0.0);
        if (!isfinite(hari_get_f64(measurement, HARI_Measurement_value, 0.0)))
            return hari_fail_text(error, HAR_ERR_FILE_MEANING, "is not a finite number",
                                  "card.measurements[%u].value", i);
        if (!(isfinite(low) && isfinite(high) && low <= high))
            return hari_fail_bound(error, HAR_ERR_FILE_MEANING, low, "finite and at most", high,
                                   "card.measurements[%u].low", i);
    }
    return HAR_OK;
}

int32_t hari_model_build(har_model *model, har_error *error)
{
    hari_recognizer *r = &model->recognizer;
    hari_table signal = hari_get_table(model->root, HARI_Model_signal);
    int32_t status = build_signal(r, signal, &model->pool, error);
    if (status == HAR_OK) status = build_network(model, error);
    if (status == HAR_OK) status = check_goldens(model, error);
    if (status == HAR_OK)
        status = check_measurements(hari_get_table(model->root, HARI_Model_card), error);
    return status;
}
