#include <stdio.h>

#include "info_output.h"
#include "json.h"

static void write_card(json_writer *json, const har_model *model)
{
    json_text(json, "name", har_model_text(model, HAR_TEXT_NAME));
    json_text(json, "version", har_model_text(model, HAR_TEXT_VERSION));
    json_text(json, "description", har_model_text(model, HAR_TEXT_DESCRIPTION));
    json_text(json, "training_data", har_model_text(model, HAR_TEXT_TRAINING_DATA));
    json_text(json, "split", har_model_text(model, HAR_TEXT_SPLIT));
    json_text(json, "licence", har_model_text(model, HAR_TEXT_LICENCE));
    json_text(json, "source", har_model_text(model, HAR_TEXT_SOURCE));
    json_text(json, "devices", har_model_text(model, HAR_TEXT_DEVICES));
}

static void write_numbers(json_writer *json, const har_model_info *info)
{
    json_uint(json, "format_major", info->format_major);
    json_uint(json, "format_minor", info->format_minor);
    json_double(json, "rate_hz", info->rate_hz);
    json_uint(json, "window", info->window);
    json_uint(json, "hop", info->hop);
    json_uint(json, "latency", info->latency);
    json_uint(json, "signal_channel_count", info->signal_channel_count);
    json_text(json, "numeric", info->numeric == HAR_NUMERIC_INT8 ? "int8" : "fp32");
    json_uint(json, "parameters", info->parameters);
    json_uint(json, "macs", info->macs);
    json_uint(json, "file_bytes", info->file_bytes);
    json_uint(json, "model_bytes", info->model_bytes);
    json_uint(json, "stream_bytes", info->stream_bytes);
    json_uint(json, "arena_bytes", info->arena_bytes);
    json_uint(json, "golden_count", info->golden_count);
}

/* How confidence is made, and whether this machine computes what was trained. */
static void write_trust(json_writer *json, const har_model *model, const har_model_info *info)
{
    har_decision_config decision;
    if (har_decision_config_init(&decision, sizeof decision, model) == HAR_OK)
        json_double(json, "temperature", (double)decision.temperature);
    if (info->golden_count == 0) return;
    har_selftest report = {.struct_size = sizeof report};
    const bool holds = har_model_selftest(model, &report, NULL) == HAR_OK;
    json_bool(json, "golden_reproduced", holds);
}

static void write_channels(json_writer *json, const har_model *model, uint32_t count)
{
    json_open(json, "channels", '[');
    for (uint32_t i = 0; i < count; i++) {
        har_channel_info channel = {.struct_size = sizeof channel};
        if (har_model_get_channel(model, i, &channel) != HAR_OK) continue;
        json_open(json, NULL, '{');
        json_text(json, "name", channel.name);
        json_text(json, "kind", channel.kind);
        json_text(json, "axis", channel.axis);
        json_text(json, "unit", channel.unit);
        json_text(json, "placement", channel.placement);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_signal_steps(json_writer *json, const har_model *model, uint32_t count)
{
    json_open(json, "signal_steps", '[');
    for (uint32_t i = 0; i < count; i++) {
        char text[STEP_TEXT_BYTES];
        if (har_model_describe_signal_step(model, i, text, sizeof text) != HAR_OK) continue;
        json_text(json, NULL, text);
    }
    json_close(json, ']');
}

static void write_classes(json_writer *json, const har_model *model, uint32_t count)
{
    json_open(json, "classes", '[');
    for (uint32_t i = 0; i < count; i++) json_text(json, NULL, har_model_class_name(model, i));
    json_close(json, ']');
}

static void write_measurements(json_writer *json, const har_model *model, uint32_t count)
{
    json_open(json, "measurements", '[');
    for (uint32_t i = 0; i < count; i++) {
        har_measurement found = {.struct_size = sizeof found};
        if (har_model_get_measurement(model, i, &found) != HAR_OK) continue;
        json_open(json, NULL, '{');
        json_text(json, "metric", found.metric);
        json_text(json, "split", found.split);
        json_double(json, "value", found.value);
        if (*found.interval != '\0') {
            json_double(json, "low", found.low);
            json_double(json, "high", found.high);
            json_text(json, "interval", found.interval);
        }
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_plan(json_writer *json, const har_model *model, uint32_t count)
{
    json_open(json, "plan", '[');
    for (uint32_t i = 0; i < count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        if (har_model_get_plan_step(model, i, &step) != HAR_OK) continue;
        json_open(json, NULL, '{');
        json_text(json, "name", step.name);
        json_text(json, "op", step.op);
        json_text(json, "fused", step.fused);
        json_text(json, "backend", step.backend);
        json_text(json, "kernel", step.kernel);
        json_text(json, "reason", step.reason);
        json_uint(json, "rows", step.rows);
        json_uint(json, "columns", step.columns);
        json_bool(json, "in_place", step.in_place != 0);
        json_uint(json, "macs", step.macs);
        json_uint(json, "weight_bytes", step.weight_bytes);
        json_uint(json, "offset", step.offset);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_overlap(json_writer *json, const har_model *model, uint32_t count, uint32_t hop)
{
    json_open(json, "overlap", '{');
    json_uint(json, "hop", hop);
    json_open(json, "steps", '[');
    for (uint32_t i = 0; i < count; i++) {
        har_overlap_step step = {.struct_size = sizeof step};
        if (har_model_get_overlap_step(model, i, hop, &step) != HAR_OK) continue;
        json_open(json, NULL, '{');
        json_uint(json, "rows", step.rows);
        json_uint(json, "kept", step.kept);
        json_uint(json, "macs", step.macs);
        json_text(json, "kernel", step.kernel);
        json_text(json, "reason", step.reason);
        json_text(json, "note", step.note);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void write_processor(json_writer *json)
{
    json_open(json, "processor", '[');
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if (har_cpu_features() & bit) json_text(json, NULL, har_cpu_name(bit));
    json_close(json, ']');
}

void write_info_json(const har_model *model, const har_model_info *info, bool with_plan,
                     uint32_t hop)
{
    json_writer json = json_begin(stdout);
    json_open(&json, NULL, '{');
    write_card(&json, model);
    write_numbers(&json, info);
    write_trust(&json, model, info);
    write_channels(&json, model, info->channel_count);
    write_signal_steps(&json, model, info->signal_step_count);
    write_classes(&json, model, info->class_count);
    write_measurements(&json, model, info->measurement_count);
    write_processor(&json);
    if (with_plan) write_plan(&json, model, info->plan_step_count);
    if (with_plan) write_overlap(&json, model, info->plan_step_count, hop > 0 ? hop : info->hop);
    json_close(&json, '}');
    json_end_line(&json);
}
