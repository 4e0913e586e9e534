#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "info_output.h"

static const char *numeric_name(uint32_t numeric)
{
    return numeric == HAR_NUMERIC_INT8 ? "INT8" : "FP32";
}

static void write_card_line(const har_model *model, const char *head, int32_t which)
{
    const char *text = har_model_text(model, which);
    if (text != NULL && *text != '\0') printf("%-15s %s\n", head, text);
}

static void write_channels(const har_model *model, const har_model_info *info)
{
    printf("\nChannels at %g Hz\n", info->rate_hz);
    for (uint32_t i = 0; i < info->channel_count; i++) {
        har_channel_info channel = {.struct_size = sizeof channel};
        if (har_model_get_channel(model, i, &channel) != HAR_OK) continue;
        printf("  %-16s %s %s in %s", channel.name, channel.kind, channel.axis, channel.unit);
        if (strcmp(channel.placement, "unspecified") != 0) printf(", %s", channel.placement);
        putchar('\n');
    }
}

static void write_signal_steps(const har_model *model, const har_model_info *info)
{
    if (info->signal_step_count == 0) return;
    printf("\nSignal steps, to %" PRIu32 " channels, %" PRIu32 " samples late\n",
           info->signal_channel_count, info->latency);
    for (uint32_t i = 0; i < info->signal_step_count; i++) {
        char text[STEP_TEXT_BYTES];
        if (har_model_describe_signal_step(model, i, text, sizeof text) != HAR_OK) continue;
        printf("  %" PRIu32 "  %s\n", i + 1, text);
    }
}

static void write_classes(const har_model *model, const har_model_info *info)
{
    if (info->class_count == 0) {
        puts("\nNo network: the model serves preprocessing alone");
        return;
    }
    puts("\nClasses");
    for (uint32_t i = 0; i < info->class_count; i++)
        printf("  %" PRIu32 "  %s\n", i, har_model_class_name(model, i));
    printf("\nNetwork         %s, %" PRIu64 " parameters, %" PRIu64
           " multiply-accumulates a window\n",
           numeric_name(info->numeric), info->parameters, info->macs);
}

/* A split, and of what kind intervals are, is told where it changes. */
static void write_measurements(const har_model *model, const har_model_info *info)
{
    if (info->measurement_count == 0) return;
    const char *split = NULL;
    const char *interval = "";
    for (uint32_t i = 0; i < info->measurement_count; i++) {
        har_measurement found = {.struct_size = sizeof found};
        if (har_model_get_measurement(model, i, &found) != HAR_OK) continue;
        if (split == NULL || strcmp(split, found.split) != 0)
            printf("\nMeasured on %s\n", found.split);
        printf("  %-36s %.4f", found.metric, found.value);
        if (*found.interval != '\0') {
            printf("  %.4f to %.4f", found.low, found.high);
            if (strcmp(interval, found.interval) != 0) printf("  (%s)", found.interval);
            interval = found.interval;
        }
        putchar('\n');
        split = found.split;
    }
}

/* How confidence was made, and whether this machine computes what was trained. */
static void write_trust(const har_model *model, const har_model_info *info)
{
    har_decision_config decision;
    if (har_decision_config_init(&decision, sizeof decision, model) == HAR_OK)
        printf("Calibration     temperature %g\n", (double)decision.temperature);
    if (info->golden_count == 0) {
        puts("Parity          no golden vectors");
        return;
    }
    har_selftest report = {.struct_size = sizeof report};
    const bool holds = har_model_selftest(model, &report, NULL) == HAR_OK;
    printf("Parity          %" PRIu32 " of %" PRIu32
           " golden vectors reproduced on this machine%s\n",
           report.checked, info->golden_count, holds ? "" : ": see har selftest");
}

enum { REASON_COLUMN = 81 };

static void write_plan(const har_model *model, const har_model_info *info)
{
    puts("\nPlan\n  step  op            output       multiply-acc.     weights      offset"
         "  kernel        name");
    for (uint32_t i = 0; i < info->plan_step_count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        if (har_model_get_plan_step(model, i, &step) != HAR_OK) continue;
        char shape[32];
        char kernel[64];
        snprintf(shape, sizeof shape, "%" PRIu32 "x%" PRIu32, step.rows, step.columns);
        snprintf(kernel, sizeof kernel, "%s/%s", step.backend, step.kernel);
        printf("  %4" PRIu32 "  %-12s  %-11s  %13" PRIu64 "  %10" PRIu64 "  %10" PRIu64
               "  %-12s  %s%s%s%s\n",
               i + 1, step.op, shape, step.macs, step.weight_bytes, step.offset, kernel, step.name,
               *step.fused != '\0' ? " + " : "", step.fused, step.in_place ? " (in place)" : "");
        if (*step.reason != '\0') printf("%*s%s\n", REASON_COLUMN, "", step.reason);
    }
}

/* What this machine has, and which of it the network's products run on. */
static void write_processor(const har_model *model, const har_model_info *info)
{
    printf("Processor       ");
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if (har_cpu_features() & bit) printf("%s ", har_cpu_name(bit));
    const char *last = "";
    for (uint32_t i = 0; i < info->plan_step_count; i++) {
        har_plan_step step = {.struct_size = sizeof step};
        if (har_model_get_plan_step(model, i, &step) != HAR_OK || step.macs == 0) continue;
        if (strcmp(step.kernel, last) == 0) continue;
        printf("%s%s", *last == '\0' ? "; this model runs on " : ", ", step.kernel);
        last = step.kernel;
    }
    putchar('\n');
}

static void write_overlap(const har_model *model, const har_model_info *info, uint32_t hop)
{
    uint64_t macs = 0;
    printf("\nA window every %" PRIu32 " samples\n  step  rows kept      multiply-acc.\n", hop);
    for (uint32_t i = 0; i < info->plan_step_count; i++) {
        har_overlap_step step = {.struct_size = sizeof step};
        if (har_model_get_overlap_step(model, i, hop, &step) != HAR_OK) continue;
        char kept[32];
        snprintf(kept, sizeof kept, "%" PRIu32 " of %" PRIu32, step.kept, step.rows);
        printf("  %4" PRIu32 "  %-12s  %13" PRIu64 "  %s%s%s\n", i + 1, kept, step.macs,
               step.kept > 0 && step.macs > 0 ? step.kernel : step.note,
               step.kept > 0 && *step.reason != '\0' ? ", " : "", step.kept > 0 ? step.reason : "");
        macs += step.macs;
    }
    printf("  %" PRIu64 " multiply-accumulates, %.2f of a fresh window's\n", macs,
           info->macs > 0 ? (double)macs / (double)info->macs : 1.0);
}

void write_info_text(const har_model *model, const har_model_info *info, bool with_plan,
                     uint32_t hop)
{
    printf("%s %s\n", har_model_text(model, HAR_TEXT_NAME),
           har_model_text(model, HAR_TEXT_VERSION));
    const char *description = har_model_text(model, HAR_TEXT_DESCRIPTION);
    if (*description != '\0') printf("%s\n", description);
    putchar('\n');
    write_card_line(model, "Training data", HAR_TEXT_TRAINING_DATA);
    write_card_line(model, "Devices", HAR_TEXT_DEVICES);
    write_card_line(model, "Split", HAR_TEXT_SPLIT);
    write_card_line(model, "Licence", HAR_TEXT_LICENCE);
    write_card_line(model, "Source", HAR_TEXT_SOURCE);
    printf("File            %" PRIu64 " bytes, format %" PRIu32 ".%" PRIu32 "\n", info->file_bytes,
           info->format_major, info->format_minor);
    printf("Window          %" PRIu32 " samples (%.2f s) every %" PRIu32 " (%.2f s)\n",
           info->window, info->window / info->rate_hz, info->hop, info->hop / info->rate_hz);
    write_channels(model, info);
    write_signal_steps(model, info);
    write_classes(model, info);
    printf("Memory          model %" PRIu64 " bytes, each stream %" PRIu64 ", of that the network's"
           " tensors %" PRIu64 "\n",
           info->model_bytes, info->stream_bytes, info->arena_bytes);
    write_processor(model, info);
    write_trust(model, info);
    write_measurements(model, info);
    if (!with_plan || info->class_count == 0) return;
    write_plan(model, info);
    write_overlap(model, info, hop > 0 ? hop : info->hop);
}
