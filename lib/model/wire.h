/* Reading FlatBuffers in place, after hari_verify has checked every offset.
 *
 * A table starts with the signed distance to its vtable; the vtable holds its own size, the table's
 * size, and for each slot the field's distance from the table's start, 0 where the field is absent.
 * A vector is a count and its elements; offsets are unsigned, relative to where they stand.
 * Source: the FlatBuffers internals page of its documentation. */
#ifndef HARI_MODEL_WIRE_H
#define HARI_MODEL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A table of the file; `bytes` NULL where it is absent. */
typedef struct hari_table {
    const uint8_t *bytes; /* of the whole file */
    uint32_t at;
} hari_table;

/* A vector of the file; count 0 where it is absent. */
typedef struct hari_vector {
    const uint8_t *bytes; /* of the whole file */
    uint32_t at;          /* of the first element */
    uint32_t count;
} hari_vector;

/* Where the field stands, 0 when absent. */
static inline uint32_t hari_field_at(hari_table table, unsigned slot)
{
    if (!table.bytes) return 0;
    const uint8_t *start = table.bytes + table.at;
    const uint8_t *vtable = start - hari_read_i32(start);
    unsigned entry = 4 + 2 * slot;
    if (entry + 2 > hari_read_u16(vtable)) return 0;
    unsigned distance = hari_read_u16(vtable + entry);
    return distance ? table.at + distance : 0;
}

static inline bool hari_has(hari_table table, unsigned slot)
{
    return hari_field_at(table, slot) != 0;
}

#define HARI_DEFINE_GET(name, type, read)                                            \
    static inline type hari_get_##name(hari_table table, unsigned slot, type absent) \
    {                                                                                \
        uint32_t at = hari_field_at(table, slot);                                    \
        return at ? (type)read(table.bytes + at) : absent;                           \
    }
HARI_DEFINE_GET(u8, uint8_t, *)
HARI_DEFINE_GET(u16, uint16_t, hari_read_u16)
HARI_DEFINE_GET(u32, uint32_t, hari_read_u32)
HARI_DEFINE_GET(i32, int32_t, hari_read_i32)
HARI_DEFINE_GET(f32, float, hari_read_f32)
HARI_DEFINE_GET(f64, double, hari_read_f64)
#undef HARI_DEFINE_GET

hari_table hari_get_table(hari_table table, unsigned slot);
hari_vector hari_get_vector(hari_table table, unsigned slot);

/* The text, or "" when absent. Lives as long as the file. */
const char *hari_get_string(hari_table table, unsigned slot);

/* Elements of a vector; `index` must be below its count. */
hari_table hari_table_of(hari_vector vector, uint32_t index);
const char *hari_string_of(hari_vector vector, uint32_t index);

static inline int32_t hari_i32_of(hari_vector vector, uint32_t index)
{
    return hari_read_i32(vector.bytes + vector.at + 4 * (size_t)index);
}

static inline uint16_t hari_u16_of(hari_vector vector, uint32_t index)
{
    return hari_read_u16(vector.bytes + vector.at + 2 * (size_t)index);
}

static inline double hari_f64_of(hari_vector vector, uint32_t index)
{
    return hari_read_f64(vector.bytes + vector.at + 8 * (size_t)index);
}

static inline float hari_f32_of(hari_vector vector, uint32_t index)
{
    return hari_read_f32(vector.bytes + vector.at + 4 * (size_t)index);
}

#endif /* HARI_MODEL_WIRE_H */
