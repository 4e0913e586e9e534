#include "head.h"

#include <stdio.h>

static void copy_text(char *to, const char *text)
{
    memset(to, 0, FLIGHT_NAME);
    snprintf(to, FLIGHT_NAME, "%s", text ? text : "");
}

/* Each instruction set once, in the order of the steps. */
static void list_kernels(char *to, const har_model *model, uint32_t steps)
{
    memset(to, 0, FLIGHT_NAME);
    for (uint32_t i = 0; i < steps; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        if (har_model_get_plan_step(model, i, &step) != HAR_OK || step.kernel[0] == '\0') continue;
        const size_t used = strlen(to);
        char spaced[FLIGHT_NAME + 2];
        char name[FLIGHT_NAME];
        snprintf(spaced, sizeof spaced, " %s ", to);
        snprintf(name, sizeof name, " %.32s ", step.kernel);
        if (strstr(spaced, name)) continue;
        snprintf(to + used, FLIGHT_NAME - used, used ? " %s" : "%s", step.kernel);
    }
}

bool hari_flight_head_of(hari_flight_head *head, const har_model *model,
                         const har_stream_config *config)
{
    memset(head, 0, sizeof *head);
    har_model_info info = {.struct_size = sizeof info};
    if (har_model_get_info(model, &info) != HAR_OK) return false;
    head->library = har_version();
    head->numeric = info.numeric;
    head->channel_count = info.channel_count;
    head->class_count = info.class_count;
    head->window = info.window;
    head->model_hop = info.hop;
    head->rate_hz = info.rate_hz;
    head->file_bytes = info.file_bytes;
    copy_text(head->name, har_model_text(model, HAR_TEXT_NAME));
    copy_text(head->version, har_model_text(model, HAR_TEXT_VERSION));
    list_kernels(head->kernels, model, info.plan_step_count);
    har_stream_config_init(&head->config, sizeof head->config);
    if (!config) return true;
    head->config = *config;
    head->has_decision = config->decision != NULL;
    if (config->decision) head->decision = *config->decision;
    head->has_source = config->source != NULL;
    if (config->source) head->source = *config->source;
    return true;
}

static void code_config(hari_flight_codec *c, har_stream_config *config)
{
    hari_flight_u32(c, &config->hop);
    hari_flight_u32(c, &config->queue);
    hari_flight_u32(c, &config->reuse);
    hari_flight_u32(c, &config->still_gate);
    hari_flight_u32(c, &config->max_stretch);
    hari_flight_i64(c, &config->max_gap_ns);
    hari_flight_i64(c, &config->max_wait_ns);
}

static void code_decision(hari_flight_codec *c, har_decision_config *decision)
{
    hari_flight_f32(c, &decision->temperature);
    hari_flight_f32(c, &decision->smoothing);
    hari_flight_u32(c, &decision->majority);
    hari_flight_f32(c, &decision->enter_above);
    hari_flight_f32(c, &decision->exit_below);
    hari_flight_i64(c, &decision->min_duration_ns);
    hari_flight_f32(c, &decision->abstain_below);
}

static void code_source(hari_flight_codec *c, har_source *source)
{
    hari_flight_u32(c, &source->preset);
    hari_flight_u32(c, &source->sensor_count);
    hari_flight_u32(c, &source->mount);
    for (size_t i = 0; i < HAR_MAX_SENSORS; i++) {
        har_source_sensor *sensor = &source->sensors[i];
        hari_flight_u32(c, &sensor->kind);
        hari_flight_u32(c, &sensor->unit);
        hari_flight_u32(c, &sensor->placement);
        hari_flight_u32(c, &sensor->columns);
        for (size_t j = 0; j < 3; j++) hari_flight_i32(c, &sensor->axis[j]);
        for (size_t j = 0; j < 3; j++) hari_flight_i32(c, &sensor->sign[j]);
        hari_flight_f64(c, &sensor->rate_hz);
        hari_flight_f64(c, &sensor->range);
    }
    for (size_t i = 0; i < 9; i++) hari_flight_f64(c, &source->matrix[i]);
}

/* "HARF", major, minor, bytes of the head. */
static bool code_magic(hari_flight_codec *c, const char **problem)
{
    uint32_t magic = 0x46524148u;
    uint32_t major = FLIGHT_MAJOR;
    uint32_t minor = FLIGHT_MINOR;
    uint32_t bytes = FLIGHT_HEAD_BYTES;
    hari_flight_u32(c, &magic);
    hari_flight_u32(c, &major);
    hari_flight_u32(c, &minor);
    hari_flight_u32(c, &bytes);
    *problem = c->bad || magic != 0x46524148u ? "is no flight file"
               : major != FLIGHT_MAJOR        ? "is of another major version of the format"
               : bytes != FLIGHT_HEAD_BYTES   ? "has a head of another length"
                                              : NULL;
    return *problem == NULL;
}

bool hari_flight_head_code(hari_flight_codec *c, hari_flight_head *head, const char **problem)
{
    if (!code_magic(c, problem)) return false;
    hari_flight_u32(c, &head->library);
    hari_flight_u32(c, &head->numeric);
    hari_flight_u32(c, &head->channel_count);
    hari_flight_u32(c, &head->class_count);
    hari_flight_u32(c, &head->window);
    hari_flight_u32(c, &head->model_hop);
    hari_flight_f64(c, &head->rate_hz);
    hari_flight_u64(c, &head->file_bytes);
    hari_flight_text(c, head->name, FLIGHT_NAME);
    hari_flight_text(c, head->version, FLIGHT_NAME);
    hari_flight_text(c, head->kernels, FLIGHT_NAME);
    code_config(c, &head->config);
    hari_flight_u32(c, &head->has_decision);
    code_decision(c, &head->decision);
    hari_flight_u32(c, &head->has_source);
    code_source(c, &head->source);
    while (!c->bad && c->at < FLIGHT_HEAD_BYTES) hari_flight_bytes(c, 0, 1);
    head->decision.struct_size = sizeof head->decision;
    head->source.struct_size = sizeof head->source;
    *problem = c->bad ? "ends within its head" : NULL;
    return !c->bad;
}

har_stream_config hari_flight_config_of(const hari_flight_head *head)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = head->config.hop;
    config.queue = head->config.queue;
    config.reuse = head->config.reuse;
    config.still_gate = head->config.still_gate;
    config.max_stretch = head->config.max_stretch;
    config.max_gap_ns = head->config.max_gap_ns;
    config.max_wait_ns = head->config.max_wait_ns;
    config.decision = head->has_decision ? &head->decision : NULL;
    config.source = head->has_source ? &head->source : NULL;
    return config;
}

uint32_t hari_flight_hop_of(const hari_flight_head *head)
{
    return head->config.hop ? head->config.hop : head->model_hop;
}

const char *hari_flight_other_model(const hari_flight_head *head, const har_model *model)
{
    hari_flight_head its;
    if (!hari_flight_head_of(&its, model, NULL)) return "the model";
    if (strcmp(its.name, head->name) != 0) return "the model's name";
    if (strcmp(its.version, head->version) != 0) return "the model's version";
    if (its.file_bytes != head->file_bytes) return "the length of the model's file";
    const bool same = its.channel_count == head->channel_count && its.window == head->window &&
                      its.class_count == head->class_count && its.numeric == head->numeric;
    return same ? "" : "the model's channels, window, classes or numbers";
}
