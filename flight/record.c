#include "record.h"

void flight_code_push(flight_codec *c, flight_record *record)
{
    flight_u32(c, &record->sensor);
    flight_u32(c, &record->rows);
    flight_u32(c, &record->columns);
    flight_u32(c, &record->has_times);
}

void flight_code_event(flight_codec *c, har_event *event)
{
    uint32_t nothing = 0;
    flight_i32(c, &event->class_index);
    flight_u32(c, &event->score_count);
    flight_f32(c, &event->confidence);
    flight_u32(c, &event->flags);
    flight_i64(c, &event->t_start_ns);
    flight_i64(c, &event->t_end_ns);
    flight_u64(c, &event->first_sample);
    flight_i32(c, &event->left_index);
    flight_i32(c, &event->raw_index);
    flight_i64(c, &event->since_ns);
    flight_u32(c, &event->reasons);
    flight_u32(c, &nothing);
}

/* What the head of a record promises must be there. */
static const char *read_content(flight_codec *c, flight_record *record)
{
    uint64_t wanted = 0;
    switch (record->kind) {
    case FLIGHT_EPOCH:
        flight_u64(c, &record->base);
        flight_i64(c, &record->base_ns);
        break;
    case FLIGHT_PUSH:
        flight_code_push(c, record);
        if (record->columns > 256 || record->has_times > 1) return "has a push of too many columns";
        wanted = (uint64_t)record->rows * (4u * record->columns + 8u * record->has_times);
        break;
    case FLIGHT_EVENT:
        flight_code_event(c, &record->event);
        wanted = (uint64_t)record->event.score_count * 4;
        break;
    case FLIGHT_FLUSH:
    case FLIGHT_RESET: break;
    default: return "has a record of an unknown kind";
    }
    if (c->bad || c->size - c->at != wanted) return "has a record of a wrong length";
    return NULL;
}

const char *flight_next(const uint8_t *bytes, size_t size, size_t *at, flight_record *record)
{
    memset(record, 0, sizeof *record);
    flight_codec c = {.in = bytes, .at = *at, .size = size};
    uint32_t length = 0;
    flight_u32(&c, &record->kind);
    flight_u32(&c, &length);
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
    flight_codec c = {.in = bytes, .size = count};
    return flight_bytes(&c, 0, count);
}

static float float_at(const uint8_t *bytes)
{
    float value = 0.0f;
    flight_codec c = {.in = bytes, .size = 4};
    flight_f32(&c, &value);
    return value;
}

int64_t flight_time(const flight_record *record, uint32_t row)
{
    return record->has_times ? (int64_t)number_at(record->values + (size_t)row * 8, 8) : 0;
}

float flight_value(const flight_record *record, uint32_t row, uint32_t column)
{
    const size_t times = record->has_times ? (size_t)record->rows * 8 : 0;
    return float_at(record->values + times + ((size_t)row * record->columns + column) * 4);
}

float flight_score(const flight_record *record, uint32_t index)
{
    return float_at(record->values + (size_t)index * 4);
}

uint64_t flight_hash(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}
