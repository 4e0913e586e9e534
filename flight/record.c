#include "record.h"

void hari_flight_code_push(hari_flight_codec *c, hari_flight_record *record)
{
    hari_flight_u32(c, &record->sensor);
    hari_flight_u32(c, &record->rows);
    hari_flight_u32(c, &record->columns);
    hari_flight_u32(c, &record->has_times);
}

void hari_flight_code_event(hari_flight_codec *c, har_event *event)
{
    uint32_t nothing = 0;
    hari_flight_i32(c, &event->class_index);
    hari_flight_u32(c, &event->score_count);
    hari_flight_f32(c, &event->confidence);
    hari_flight_u32(c, &event->flags);
    hari_flight_i64(c, &event->t_start_ns);
    hari_flight_i64(c, &event->t_end_ns);
    hari_flight_u64(c, &event->first_sample);
    hari_flight_i32(c, &event->left_index);
    hari_flight_i32(c, &event->raw_index);
    hari_flight_i64(c, &event->since_ns);
    hari_flight_u32(c, &event->reasons);
    hari_flight_u32(c, &nothing);
}

/* What the head of a record promises must be there. */
static const char *read_content(hari_flight_codec *c, hari_flight_record *record)
{
    uint64_t wanted = 0;
    switch (record->kind) {
    case FLIGHT_EPOCH:
        hari_flight_u64(c, &record->base);
        hari_flight_i64(c, &record->base_ns);
        break;
    case FLIGHT_PUSH:
        hari_flight_code_push(c, record);
        if (record->columns > 256 || record->has_times > 1) return "has a push of too many columns";
        wanted = (uint64_t)record->rows * (4u * record->columns + 8u * record->has_times);
        break;
    case FLIGHT_EVENT:
        hari_flight_code_event(c, &record->event);
        wanted = (uint64_t)record->event.score_count * 4;
        break;
    case FLIGHT_FLUSH:
    case FLIGHT_RESET: break;
    default: return "has a record of an unknown kind";
    }
    if (c->bad || c->size - c->at != wanted) return "has a record of a wrong length";
    return NULL;
}

const char *hari_flight_next(const uint8_t *bytes, size_t size, size_t *at,
                             hari_flight_record *record)
{
    memset(record, 0, sizeof *record);
    hari_flight_codec c = {.in = bytes, .at = *at, .size = size};
    uint32_t length = 0;
    hari_flight_u32(&c, &record->kind);
    hari_flight_u32(&c, &length);
    const size_t left = size - c.at;
    if (c.bad || length > left || (length + UINT64_C(7)) / 8 * 8 > left)
        return "ends within a record";
    *at = c.at + (size_t)((length + UINT64_C(7)) / 8 * 8);
    c.size = c.at + length;
    const char *problem = read_content(&c, record);
    record->values = bytes + c.at;
    return problem;
}

static uint64_t number_at(const uint8_t *bytes, size_t count)
{
    hari_flight_codec c = {.in = bytes, .size = count};
    return hari_flight_bytes(&c, 0, count);
}

static float float_at(const uint8_t *bytes)
{
    float value = 0.0f;
    hari_flight_codec c = {.in = bytes, .size = 4};
    hari_flight_f32(&c, &value);
    return value;
}

int64_t hari_flight_time(const hari_flight_record *record, uint32_t row)
{
    return record->has_times ? (int64_t)number_at(record->values + (size_t)row * 8, 8) : 0;
}

float hari_flight_value(const hari_flight_record *record, uint32_t row, uint32_t column)
{
    const size_t times = record->has_times ? (size_t)record->rows * 8 : 0;
    return float_at(record->values + times + ((size_t)row * record->columns + column) * 4);
}

float hari_flight_score(const hari_flight_record *record, uint32_t index)
{
    return float_at(record->values + (size_t)index * 4);
}

uint64_t hari_flight_hash(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}
