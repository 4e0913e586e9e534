#include "mutate.h"

#include <string.h>

#include "../unit/random.h"
#include "model/schema.h"
#include "seal.h"

/* Where the way through the tables has come. */
typedef struct walk {
    uint8_t *bytes;
    size_t size;
    uint64_t *random;
} walk;

static uint32_t below(const walk *w, uint32_t count)
{
    return (uint32_t)(random_u64(w->random) % count);
}

/* A number of `size` bytes becomes another one: a border of its type, one that is near, its bits
 * with one turned, or any. */
static void change_number(const walk *w, uint32_t at, uint32_t size)
{
    static const uint64_t borders[] = {
        0,          1,          0x7F,       0x80,
        0xFF,       0x7FFF,     0x8000,     0xFFFF,
        0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, /* infinity */
        0x7FC00000,                                     /* NaN */
        0x00800000, 0x00000001, 0x7F7FFFFF, UINT64_C(0x7FF0000000000000),
        UINT64_MAX};
    if (size > 8 || at + size > w->size) return;
    uint64_t value = 0;
    memcpy(&value, w->bytes + at, size); /* little-endian machines alone run the fuzzers */
    switch (below(w, 5)) {
    case 0: value = borders[below(w, sizeof borders / sizeof *borders)]; break;
    case 1: value += (uint64_t)below(w, 9) - 4u; break;
    case 2: value ^= UINT64_C(1) << below(w, 8 * size); break;
    case 3: value = below(w, 300); break;
    default: value = random_u64(w->random);
    }
    memcpy(w->bytes + at, &value, size);
}

static uint32_t read_u32(const walk *w, uint32_t at)
{
    uint32_t value;
    memcpy(&value, w->bytes + at, sizeof value);
    return value;
}

/* The offset at `at` leads to what that at `other` leads to. */
static void redirect(const walk *w, uint32_t at, uint32_t other)
{
    const uint32_t target = other + read_u32(w, other);
    if (target <= at) return; /* offsets lead forward */
    const uint32_t distance = target - at;
    memcpy(w->bytes + at, &distance, sizeof distance);
}

static void change_vector(const walk *w, uint32_t at, const hari_field *field)
{
    const uint32_t start = at + read_u32(w, at);
    const uint32_t count = read_u32(w, start);
    if (count == 0 || below(w, 8) == 0)
        change_number(w, start, 4); /* the count */
    else
        change_number(w, start + 4 + below(w, count) * field->size,
                      field->size <= 8 ? field->size : 8);
}

static void change_table(const walk *w, uint32_t at, const hari_table_type *type);

static void change_target(const walk *w, uint32_t at, uint32_t type)
{
    change_table(w, at + read_u32(w, at), &hari_schema_tables[type]);
}

static void change_tables(const walk *w, uint32_t at, const hari_field *field)
{
    const uint32_t start = at + read_u32(w, at);
    const uint32_t count = read_u32(w, start);
    if (count == 0) return;
    const uint32_t element = start + 4 + 4 * below(w, count);
    if (below(w, 6) == 0)
        redirect(w, element, start + 4 + 4 * below(w, count));
    else if (field->kind == HARI_FIELD_VECTOR_TABLE)
        change_target(w, element, field->table);
}

static void change_field(const walk *w, uint32_t at, uint32_t type_at, const hari_field *field)
{
    switch (field->kind) {
    case HARI_FIELD_STRING:
    case HARI_FIELD_VECTOR: change_vector(w, at, field); break;
    case HARI_FIELD_TABLE: change_target(w, at, field->table); break;
    case HARI_FIELD_VECTOR_STRING:
    case HARI_FIELD_VECTOR_TABLE: change_tables(w, at, field); break;
    case HARI_FIELD_UNION: {
        const unsigned member = type_at ? w->bytes[type_at] : 0;
        if (member >= 1 && member <= field->members)
            change_target(w, at, field->table + member - 1);
        break;
    }
    default: change_number(w, at, field->size);
    }
}

static void change_table(const walk *w, uint32_t at, const hari_table_type *type)
{
    const hari_table table = {w->bytes, at};
    const uint32_t field_count = type->field_count;
    if (field_count == 0) return;
    const uint32_t slot = below(w, field_count);
    const uint32_t field_at = hari_field_at(table, slot);
    if (!field_at) return;
    if (below(w, 24) == 0) { /* the field goes away */
        uint8_t *vtable = w->bytes + at - hari_read_i32(w->bytes + at);
        memset(vtable + 4 + 2 * slot, 0, 2);
        return;
    }
    const uint32_t type_at = slot > 0 ? hari_field_at(table, slot - 1) : 0;
    change_field(w, field_at, type_at, &hari_schema_fields[type->first_field + slot]);
}

bool mutate_model(uint8_t *bytes, size_t size, uint64_t *random)
{
    hari_table root;
    if (!find_root(bytes, size, &root)) return false;
    const walk w = {bytes, size, random};
    change_table(&w, root.at, &hari_schema_tables[hari_model_table]);
    const size_t checksum = find_checksum(bytes, size);
    if (checksum != 0) reseal(bytes, size, checksum);
    return true;
}
