#include "model/wire.h"

static uint32_t follow(const uint8_t *bytes, uint32_t at) { return at + hari_read_u32(bytes + at); }

hari_table hari_get_table(hari_table table, unsigned slot)
{
    uint32_t at = hari_field_at(table, slot);
    if (!at) return (hari_table){NULL, 0};
    return (hari_table){table.bytes, follow(table.bytes, at)};
}

hari_vector hari_get_vector(hari_table table, unsigned slot)
{
    uint32_t at = hari_field_at(table, slot);
    if (!at) return (hari_vector){NULL, 0, 0};
    uint32_t start = follow(table.bytes, at);
    return (hari_vector){table.bytes, start + 4, hari_read_u32(table.bytes + start)};
}

const char *hari_get_string(hari_table table, unsigned slot)
{
    hari_vector text = hari_get_vector(table, slot);
    return text.bytes ? (const char *)text.bytes + text.at : "";
}

hari_table hari_table_of(hari_vector vector, uint32_t index)
{
    return (hari_table){vector.bytes, follow(vector.bytes, vector.at + 4 * index)};
}

const char *hari_string_of(hari_vector vector, uint32_t index)
{
    return (const char *)vector.bytes + follow(vector.bytes, vector.at + 4 * index) + 4;
}
