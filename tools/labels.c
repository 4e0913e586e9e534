#include "labels.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

enum { BAR_CELLS = 10 };

static int widest_class_name(const har_model *model, uint32_t class_count)
{
    size_t widest = strlen("unknown");
    for (uint32_t i = 0; i < class_count; i++) {
        const char *name = har_model_class_name(model, i);
        size_t length = name != NULL ? strlen(name) : 0;
        if (length > widest) widest = length;
    }
    return widest < 80 ? (int)widest : 80;
}

void labels_begin(label_writer *self, const har_model *model, const har_model_info *info,
                  uint32_t hop)
{
    self->name_width = widest_class_name(model, info->class_count);
    if (self->json) return;
    printf("%s %s: %" PRIu32 " channels at %g Hz, a label for %" PRIu32
           " samples (%.2f s) every %" PRIu32 " (%.2f s)\n\n",
           har_model_text(model, HAR_TEXT_NAME), har_model_text(model, HAR_TEXT_VERSION),
           info->channel_count, info->rate_hz, info->window, info->window / info->rate_hz, hop,
           hop / info->rate_hz);
    printf("  from s      to s   %-*s   confidence%s\n", self->name_width, "label",
           self->show_truth ? "         true label" : "");
    fflush(stdout);
}

/* Seconds since the recording's first sample; the difference may exceed INT64_MAX. */
static double seconds_since(int64_t origin_ns, int64_t time_ns)
{
    return (double)((uint64_t)time_ns - (uint64_t)origin_ns) / 1e9;
}

static void write_text(const label_writer *self, const har_event *event, int32_t truth,
                       const char *truth_name)
{
    char bar[BAR_CELLS + 1];
    long filled = lroundf(event->confidence * BAR_CELLS);
    for (int i = 0; i < BAR_CELLS; i++) bar[i] = i < filled ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    printf("%8.2f  %8.2f   %-*s   %s %3.0f %%", seconds_since(self->origin_ns, event->t_start_ns),
           seconds_since(self->origin_ns, event->t_end_ns), self->name_width, event->name, bar,
           (double)event->confidence * 100.0);
    if (truth_name != NULL) {
        bool differs = truth < (int32_t)self->class_count && truth != event->class_index;
        printf("   %s%s", truth_name, differs ? "   (differs)" : "");
    }
    if (event->flags & HAR_EVENT_AFTER_GAP) printf("   [after a gap]");
    putchar('\n');
}

static void write_json(const har_event *event, const char *truth_name)
{
    json_writer json = json_begin(stdout);
    json_open(&json, NULL, '{');
    json_int(&json, "t_start_ns", event->t_start_ns);
    json_int(&json, "t_end_ns", event->t_end_ns);
    json_int(&json, "class", event->class_index);
    json_text(&json, "name", event->name);
    json_float(&json, "confidence", event->confidence);
    json_open(&json, "scores", '[');
    for (uint32_t i = 0; i < event->score_count; i++) json_float(&json, NULL, event->scores[i]);
    json_close(&json, ']');
    json_open(&json, "flags", '[');
    if (event->flags & HAR_EVENT_UNKNOWN) json_text(&json, NULL, "unknown");
    if (event->flags & HAR_EVENT_AFTER_GAP) json_text(&json, NULL, "after_gap");
    if (event->flags & HAR_EVENT_ENTER) json_text(&json, NULL, "enter");
    if (event->flags & HAR_EVENT_EXIT) json_text(&json, NULL, "exit");
    json_close(&json, ']');
    if (event->flags & HAR_EVENT_EXIT) json_int(&json, "left", event->left_index);
    if (truth_name != NULL) json_text(&json, "truth", truth_name);
    json_close(&json, '}');
    json_end_line(&json);
}

void labels_write(label_writer *self, const har_event *event, int32_t truth, const char *truth_name)
{
    const bool changes = (event->flags & (HAR_EVENT_ENTER | HAR_EVENT_EXIT)) != 0;
    if (changes || !self->only_changes) {
        if (self->json)
            write_json(event, truth_name);
        else
            write_text(self, event, truth, truth_name);
        fflush(stdout);
    }
    bool known = truth_name != NULL && truth < (int32_t)self->class_count;
    self->labels++;
    self->known += known;
    self->agreed += known && truth == event->class_index;
    self->agreed_alone += known && truth == event->raw_index;
}

void labels_end(const label_writer *self, uint64_t count, const char *what)
{
    if (self->json) return;
    printf("\n%" PRIu64 " labels from %" PRIu64 " %s", self->labels, count, what);
    if (self->known > 0) {
        printf("; %" PRIu64 " of the %" PRIu64 " whose true class is known agree (%.1f %%)",
               self->agreed, self->known, 100.0 * (double)self->agreed / (double)self->known);
        if (self->agreed_alone != self->agreed)
            printf("; each window by itself: %" PRIu64, self->agreed_alone);
    }
    putchar('\n');
}
