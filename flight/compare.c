#include "compare.h"

#include <stdio.h>

#include "replay.h"

static bool differ(hari_flight_compared *compared, const char *field, double first, double second)
{
    snprintf(compared->field, sizeof compared->field, "%s", field);
    compared->first = first;
    compared->second = second;
    return false;
}

static bool same_bits(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

bool hari_flight_compare_events(const hari_flight_record *recorded, const hari_flight_record *other,
                                const har_event *polled, hari_flight_compared *compared)
{
    const har_event *a = &recorded->event;
    const har_event *b = other ? &other->event : polled;
#define SAME(name) \
    if (a->name != b->name) return differ(compared, #name, (double)a->name, (double)b->name)
    SAME(class_index);
    SAME(score_count);
    for (uint32_t i = 0; i < a->score_count; i++) {
        const float x = hari_flight_score(recorded, i);
        const float y = other ? hari_flight_score(other, i) : b->scores[i];
        if (same_bits(x, y)) continue;
        differ(compared, "", (double)x, (double)y);
        snprintf(compared->field, sizeof compared->field, "scores[%u]", (unsigned)i);
        return false;
    }
    if (!same_bits(a->confidence, b->confidence))
        return differ(compared, "confidence", (double)a->confidence, (double)b->confidence);
    SAME(flags);
    SAME(t_start_ns);
    SAME(t_end_ns);
    SAME(left_index);
    SAME(raw_index);
    SAME(since_ns);
    SAME(reasons);
#undef SAME
    return true;
}

const char *hari_flight_other_config(const hari_flight_file *a, const hari_flight_file *b)
{
    uint8_t bytes[2][FLIGHT_HEAD_BYTES];
    const hari_flight_file *files[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        hari_flight_head head = files[i]->head;
        head.library = 0;
        memset(head.kernels, 0, sizeof head.kernels);
        const char *problem;
        hari_flight_codec c = {.out = bytes[i], .size = FLIGHT_HEAD_BYTES};
        hari_flight_head_code(&c, &head, &problem);
    }
    if (strcmp(a->head.name, b->head.name) != 0) return "the model's name";
    if (strcmp(a->head.version, b->head.version) != 0) return "the model's version";
    if (a->head.file_bytes != b->head.file_bytes) return "the length of the model's file";
    if (memcmp(bytes[0], bytes[1], FLIGHT_HEAD_BYTES) != 0)
        return "the configuration of the stream";
    return "";
}

/* The records of a file row by row, or event by event, without those of a restart. */
typedef struct walker {
    const hari_flight_file *file;
    size_t at;
    hari_flight_record record;
    uint32_t row;    /* of a push: the next one */
    uint64_t number; /* of the next row of the epoch */
    uint64_t base;
    int64_t key; /* of what was found: number or time of the row, first sample of the event */
    int64_t least[HAR_MAX_SENSORS + 1]; /* keys below it were there before; of each sensor */
} walker;

static walker from_begin(const hari_flight_file *file)
{
    walker w = {.file = file};
    for (size_t i = 0; i <= HAR_MAX_SENSORS; i++) w.least[i] = INT64_MIN;
    return w;
}

static bool next_record(walker *w)
{
    if (w->at >= w->file->size) return false;
    hari_flight_next(w->file->records, w->file->size, &w->at, &w->record);
    w->row = 0;
    if (w->record.kind == FLIGHT_EPOCH || w->record.kind == FLIGHT_RESET) {
        const bool anew = w->record.kind == FLIGHT_RESET || w->record.base == 0;
        for (size_t i = 0; anew && i <= HAR_MAX_SENSORS; i++) w->least[i] = INT64_MIN;
        w->base = w->record.base;
        w->number = 0;
    }
    return true;
}

static bool next_row(walker *w)
{
    for (;;) {
        while (w->record.kind != FLIGHT_PUSH || w->row >= w->record.rows)
            if (!next_record(w)) return false;
        const bool is_sample = w->record.sensor == FLIGHT_NO_SENSOR;
        int64_t *least =
            &w->least[is_sample ? HAR_MAX_SENSORS : w->record.sensor % HAR_MAX_SENSORS];
        w->key = is_sample ? (int64_t)(w->base + w->number) : hari_flight_time(&w->record, w->row);
        w->number++;
        w->row++;
        if (w->key < *least) continue;
        *least = w->key < INT64_MAX ? w->key + 1 : w->key;
        return true;
    }
}

static bool next_event(walker *w)
{
    do {
        do {
            if (!next_record(w)) return false;
        } while (w->record.kind != FLIGHT_EVENT);
        w->key = (int64_t)(w->base + w->record.event.first_sample);
    } while (w->key < w->least[0]);
    w->least[0] = w->key < INT64_MAX ? w->key + 1 : w->key;
    return true;
}

static void note(hari_flight_difference *difference, const walker *a, const char *field,
                 double first, double second)
{
    difference->found = true;
    difference->sample = a->key;
    difference->first = first;
    difference->second = second;
    snprintf(difference->field, sizeof difference->field, "%s", field);
}

static void compare_rows(const walker *a, const walker *b, hari_flight_difference *difference)
{
    const hari_flight_record *x = &a->record;
    const hari_flight_record *y = &b->record;
    if (a->key != b->key)
        note(difference, a, "number or time", (double)a->key, (double)b->key);
    else if (x->sensor != y->sensor)
        note(difference, a, "sensor", x->sensor, y->sensor);
    else if (x->columns != y->columns)
        note(difference, a, "columns", x->columns, y->columns);
    else if (hari_flight_time(x, a->row - 1) != hari_flight_time(y, b->row - 1))
        note(difference, a, "time", (double)hari_flight_time(x, a->row - 1),
             (double)hari_flight_time(y, b->row - 1));
    for (uint32_t i = 0; i < x->columns && !difference->found; i++) {
        const float first = hari_flight_value(x, a->row - 1, i);
        const float second = hari_flight_value(y, b->row - 1, i);
        if (same_bits(first, second)) continue;
        note(difference, a, "", (double)first, (double)second);
        snprintf(difference->field, sizeof difference->field, "channel %u", (unsigned)i);
    }
}

/* Brings the one that begins earlier to where the other begins. */
static bool align(walker *a, walker *b, bool (*next)(walker *))
{
    bool both = next(a) && next(b);
    while (both && a->key < b->key) both = next(a);
    while (both && b->key < a->key) both = next(b);
    return both;
}

void hari_flight_compare(const hari_flight_file *a, const hari_flight_file *b,
                         hari_flight_difference *input, hari_flight_difference *event)
{
    memset(input, 0, sizeof *input);
    memset(event, 0, sizeof *event);
    walker x = from_begin(a);
    walker y = from_begin(b);
    bool both = align(&x, &y, next_row);
    for (; both && !input->found; both = next_row(&x) && next_row(&y)) compare_rows(&x, &y, input);
    x = from_begin(a);
    y = from_begin(b);
    both = align(&x, &y, next_event);
    for (uint64_t number = 0; both && !event->found; number++) {
        hari_flight_compared compared;
        event->event = number;
        if (x.key != y.key)
            note(event, &x, "first_sample", (double)x.key, (double)y.key);
        else if (!hari_flight_compare_events(&x.record, &y.record, NULL, &compared))
            note(event, &x, compared.field, compared.first, compared.second);
        both = next_event(&x) && next_event(&y);
    }
}
