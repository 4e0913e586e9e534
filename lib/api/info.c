/* What a model says of itself. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "api/model.h"
#include "base/error.h"
#include "har/stream.h"
#include "model/schema.h"
#include "plan/reuse.h"

/* The common first check of the functions that fill a struct. */
static int32_t check_struct(const har_model *model, const void *info, uint32_t found, size_t wanted)
{
    if (!model || !info) return HAR_ERR_NULL;
    return found < wanted ? HAR_ERR_STRUCT_SIZE : HAR_OK;
}

/* INT8 when any layer with weights reads codes. */
static uint32_t numeric_of(const hari_recognizer *r)
{
    for (uint32_t s = 0; s < r->plan.step_count; s++) {
        const hari_step *step = &r->plan.steps[s];
        if (step->weight_bytes > 0 && r->graph.tensors[step->inputs[0]].dtype != HARI_F32)
            return HAR_NUMERIC_INT8;
    }
    return HAR_NUMERIC_FP32;
}

int32_t har_model_get_info(const har_model *model, har_model_info *info)
{
    int32_t status = check_struct(model, info, info ? info->struct_size : 0, sizeof *info);
    if (status != HAR_OK) return status;
    const hari_recognizer *r = &model->recognizer;
    const hari_table version = hari_get_table(model->root, HARI_Model_format_version);
    const hari_table card = hari_get_table(model->root, HARI_Model_card);
    *info = (har_model_info){
        .struct_size = info->struct_size,
        .format_major = hari_get_u16(version, HARI_Version_major, 0),
        .format_minor = hari_get_u16(version, HARI_Version_minor, 0),
        .channel_count = r->chain.columns_in,
        .signal_channel_count = r->chain.columns_out,
        .class_count = r->class_count,
        .window = r->window,
        .hop = r->hop,
        .latency = r->chain.latency,
        .signal_step_count = r->chain.step_count,
        .plan_step_count = r->plan.step_count,
        .golden_count = hari_get_vector(model->root, HARI_Model_golden).count,
        .measurement_count = hari_get_vector(card, HARI_Card_measurements).count,
        .numeric = numeric_of(r),
        .rate_hz = r->rate_hz,
        .file_bytes = model->file_bytes,
        .model_bytes = model->pool.bytes,
        .arena_bytes = r->plan.arena_bytes,
        .parameters = r->plan.parameters,
        .macs = r->plan.macs,
    };
    return har_stream_memory_needed(model, NULL, &info->stream_bytes, NULL);
}

const char *har_model_text(const har_model *model, int32_t which)
{
    if (!model) return NULL;
    const hari_table card = hari_get_table(model->root, HARI_Model_card);
    switch (which) {
    case HAR_TEXT_NAME: return hari_get_string(model->root, HARI_Model_name);
    case HAR_TEXT_VERSION: return hari_get_string(model->root, HARI_Model_model_version);
    case HAR_TEXT_DESCRIPTION: return hari_get_string(card, HARI_Card_description);
    case HAR_TEXT_TRAINING_DATA: return hari_get_string(card, HARI_Card_training_data);
    case HAR_TEXT_SPLIT: return hari_get_string(card, HARI_Card_split);
    case HAR_TEXT_LICENCE: return hari_get_string(card, HARI_Card_licence);
    case HAR_TEXT_SOURCE: return hari_get_string(card, HARI_Card_source);
    case HAR_TEXT_DEVICES: return hari_get_string(card, HARI_Card_devices);
    default: return NULL;
    }
}

const char *har_model_class_name(const har_model *model, uint32_t index)
{
    if (!model || index >= model->recognizer.class_count) return NULL;
    return model->recognizer.class_names[index];
}

/* The text of an enum of the schema, from texts that end with zeros, one behind the other, and an
 * empty one: a table of pointers would be relocated when the library is loaded. "other" past the
 * end, as a newer file may hold. */
static const char *enum_text(const char *texts, unsigned value)
{
    for (; *texts; texts += strlen(texts) + 1)
        if (value-- == 0) return texts;
    return "other";
}

int32_t har_model_get_channel(const har_model *model, uint32_t index, har_channel_info *info)
{
    static const char kinds[] = "other\0accelerometer\0gyroscope\0magnetometer\0gravity\0"
                                "linear_acceleration\0barometer\0heart_rate\0";
    static const char axes[] = "none\0x\0y\0z\0";
    static const char units[] = "none\0m/s^2\0g\0rad/s\0deg/s\0uT\0earth_field\0hPa\0beats/min\0";
    static const char placements[] =
        "unspecified\0waist\0pocket\0hand\0left_wrist\0right_wrist\0left_arm\0right_arm\0"
        "left_leg\0right_leg\0left_ankle\0right_ankle\0chest\0back\0head\0";
    int32_t status = check_struct(model, info, info ? info->struct_size : 0, sizeof *info);
    if (status != HAR_OK) return status;
    const hari_table signal = hari_get_table(model->root, HARI_Model_signal);
    const hari_vector channels = hari_get_vector(signal, HARI_Signal_channels);
    if (index >= channels.count) return HAR_ERR_VALUE;
    const hari_table c = hari_table_of(channels, index);
    *info = (har_channel_info){
        .struct_size = info->struct_size,
        .name = hari_get_string(c, HARI_Channel_name),
        .kind = enum_text(kinds, hari_get_u8(c, HARI_Channel_kind, 0)),
        .axis = enum_text(axes, hari_get_u8(c, HARI_Channel_axis, 0)),
        .unit = enum_text(units, hari_get_u8(c, HARI_Channel_unit, 0)),
        .placement = enum_text(placements, hari_get_u8(c, HARI_Channel_placement, 0))};
    return HAR_OK;
}

int32_t har_model_get_measurement(const har_model *model, uint32_t index,
                                  har_measurement *measurement)
{
    int32_t status = check_struct(model, measurement, measurement ? measurement->struct_size : 0,
                                  offsetof(har_measurement, low));
    if (status != HAR_OK) return status;
    const hari_table card = hari_get_table(model->root, HARI_Model_card);
    const hari_vector measurements = hari_get_vector(card, HARI_Card_measurements);
    if (index >= measurements.count) return HAR_ERR_VALUE;
    const hari_table m = hari_table_of(measurements, index);
    const har_measurement full = {.metric = hari_get_string(m, HARI_Measurement_metric),
                                  .split = hari_get_string(m, HARI_Measurement_split),
                                  .value = hari_get_f64(m, HARI_Measurement_value, 0.0),
                                  .low = hari_get_f64(m, HARI_Measurement_low, 0.0),
                                  .high = hari_get_f64(m, HARI_Measurement_high, 0.0),
                                  .interval = hari_get_string(m, HARI_Measurement_interval)};
    /* behind the size; a caller of an older header has no room for the interval */
    const uint32_t size = measurement->struct_size;
    memcpy((char *)measurement + sizeof size, (const char *)&full + sizeof size,
           (size < sizeof full ? size : sizeof full) - sizeof size);
    return HAR_OK;
}

int32_t har_model_describe_signal_step(const har_model *model, uint32_t index, char *text,
                                       size_t size)
{
    if (!model || (!text && size > 0)) return HAR_ERR_NULL;
    if (index >= model->recognizer.chain.step_count) return HAR_ERR_VALUE;
    const hari_signal_step *step = &model->recognizer.chain.steps[index];
    step->type->describe(step, text, size);
    return HAR_OK;
}

int32_t har_model_get_plan_step(const har_model *model, uint32_t index, har_plan_step *info)
{
    int32_t status = check_struct(model, info, info ? info->struct_size : 0, sizeof *info);
    if (status != HAR_OK) return status;
    const hari_recognizer *r = &model->recognizer;
    if (index >= r->plan.step_count) return HAR_ERR_VALUE;
    const hari_step *step = &r->plan.steps[index];
    const hari_tensor *output = &r->graph.tensors[step->output];
    const uint32_t backend = hari_division_backend(&r->division, index);
    const bool is_native = backend == HAR_BACKEND_NATIVE;
    *info = (har_plan_step){.struct_size = info->struct_size,
                            .rows = output->rows,
                            .columns = output->columns,
                            .in_place = step->in_place,
                            .name = step->node->name,
                            .op = hari_op_name(step->node->kind),
                            .fused = step->fused_text,
                            .backend = har_backend_name(backend),
                            .kernel = is_native ? step->isa : "xnnpack",
                            .reason = is_native ? step->reason : "",
                            .macs = step->macs,
                            .weight_bytes = step->weight_bytes,
                            .offset = step->output_offset};
    return HAR_OK;
}

int32_t har_model_get_overlap_step(const har_model *model, uint32_t index, uint32_t hop,
                                   har_overlap_step *info)
{
    int32_t status = check_struct(model, info, info ? info->struct_size : 0, sizeof *info);
    if (status != HAR_OK) return status;
    const hari_recognizer *r = &model->recognizer;
    if (index >= r->plan.step_count || hop > r->window) return HAR_ERR_VALUE;
    if (hop == 0) hop = r->hop;
    const bool keeps = hari_reuse_gains(&r->reuse, &r->plan, hop);
    const hari_step *step = keeps ? &r->reuse.steps[index] : &r->plan.steps[index];
    *info = (har_overlap_step){.struct_size = info->struct_size,
                               .rows = r->graph.tensors[step->output].rows,
                               .macs = step->macs,
                               .kernel = step->isa,
                               .reason = step->reason,
                               .note = "a fresh window takes no more time"};
    if (!keeps) return HAR_OK;
    uint32_t shift;
    const hari_ends ends = hari_reuse_ends(&r->reuse, index, hop, &info->rows, &shift);
    info->kept = ends.tail - ends.head;
    info->macs = hari_reuse_macs(step, ends);
    info->note = hari_reuse_note(&r->reuse, index, hop);
    return HAR_OK;
}
