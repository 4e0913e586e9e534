#include "model/verify.h"

#include <string.h>

#include "base/error.h"
#include "model/schema.h"
#include "model/utf8.h"

typedef struct verifier {
    const uint8_t *bytes;
    uint32_t size;
    har_error *error;
} verifier;

/* Says which table and field are broken, where, and how. */
static int32_t broken(const verifier *v, uint32_t at, const hari_table_type *type,
                      const hari_field *field, const char *problem)
{
    hari_fail_text(v->error, HAR_ERR_FILE_WIRE, problem, "%s%s%s", type->name, field ? "." : "",
                   field ? field->name : "");
    hari_at_byte(v->error, at, HAR_ERR_FILE_WIRE);
    return HAR_ERR_FILE_WIRE;
}

/* `count` elements of `size` bytes at `at` lie inside the file. */
static bool inside(const verifier *v, uint32_t at, uint64_t count, uint32_t size)
{
    return at <= v->size && count * size <= v->size - at;
}

/* Follows the offset that stands at `at`; the target holds at least 4 aligned bytes. */
static int32_t follow(const verifier *v, uint32_t at, const hari_table_type *type,
                      const hari_field *field, uint32_t *target)
{
    uint32_t distance = hari_read_u32(v->bytes + at);
    if (distance == 0 || distance > v->size - at)
        return broken(v, at, type, field, "points outside the file");
    *target = at + distance;
    if (*target % 4 != 0) return broken(v, at, type, field, "points to an unaligned place");
    if (!inside(v, *target, 1, 4)) return broken(v, at, type, field, "points past the end");
    return HAR_OK;
}

static int32_t verify_string(const verifier *v, uint32_t at, const hari_table_type *type,
                             const hari_field *field)
{
    uint32_t start;
    int32_t status = follow(v, at, type, field, &start);
    if (status != HAR_OK) return status;
    uint32_t length = hari_read_u32(v->bytes + start);
    if (length > HARI_MAX_STRING_BYTES)
        return broken(v, start, type, field, "is a text of more than 4096 bytes");
    if (!inside(v, start + 4, (uint64_t)length + 1, 1))
        return broken(v, start, type, field, "is a text that runs past the end");
    if (v->bytes[start + 4 + length] != 0)
        return broken(v, start, type, field, "is a text without its final zero");
    if (!hari_utf8_is_valid(v->bytes + start + 4, length))
        return broken(v, start, type, field, "is not valid UTF-8 without zeros");
    return HAR_OK;
}

/* Checks the count and the place of a vector; `*first` is its first element. */
static int32_t verify_vector(const verifier *v, uint32_t at, const hari_table_type *type,
                             const hari_field *field, uint32_t *first, uint32_t *count)
{
    uint32_t start;
    int32_t status = follow(v, at, type, field, &start);
    if (status != HAR_OK) return status;
    *count = hari_read_u32(v->bytes + start);
    *first = start + 4;
    if (!inside(v, *first, *count, field->size))
        return broken(v, start, type, field, "is a vector that runs past the end");
    if (*count > 0 && *first % field->align != 0)
        return broken(v, start, type, field, "is a vector whose elements are not aligned");
    return HAR_OK;
}

static int32_t verify_table(const verifier *v, uint32_t at, const hari_table_type *type);

static const hari_table_type *table_of(const hari_field *field)
{
    return &hari_schema_tables[field->table];
}

static int32_t verify_table_at(const verifier *v, uint32_t at, const hari_table_type *type,
                               const hari_field *field, const hari_table_type *target)
{
    uint32_t start;
    int32_t status = follow(v, at, type, field, &start);
    return status == HAR_OK ? verify_table(v, start, target) : status;
}

static int32_t verify_elements(const verifier *v, uint32_t at, const hari_table_type *type,
                               const hari_field *field)
{
    uint32_t first;
    uint32_t count;
    int32_t status = verify_vector(v, at, type, field, &first, &count);
    if (status != HAR_OK || field->kind == HARI_FIELD_VECTOR) return status;
    if (count > HARI_MAX_TABLES)
        return broken(v, first, type, field, "has more than 16384 elements");
    for (uint32_t i = 0; i < count && status == HAR_OK; i++)
        status = field->kind == HARI_FIELD_VECTOR_STRING
                     ? verify_string(v, first + 4 * i, type, field)
                     : verify_table_at(v, first + 4 * i, type, field, table_of(field));
    return status;
}

/* A union of a type this schema does not know is left to the check of the meaning. */
static int32_t verify_union(const verifier *v, uint32_t at, uint32_t type_at,
                            const hari_table_type *type, const hari_field *field)
{
    unsigned member = type_at ? v->bytes[type_at] : 0;
    if (member == 0) return broken(v, at, type, field, "is a union without its type");
    if (member > field->members) return HAR_OK;
    return verify_table_at(v, at, type, field, &hari_schema_tables[field->table + member - 1]);
}

/* Bytes and alignment that the field takes inside its table: its own, or those of an offset. */
static uint32_t inline_size(const hari_field *field)
{
    if (field->kind == HARI_FIELD_UNION_TYPE) return 1;
    return field->kind <= HARI_FIELD_STRUCT ? field->size : 4;
}

static uint32_t inline_alignment(const hari_field *field)
{
    return field->kind == HARI_FIELD_STRUCT ? field->align : inline_size(field);
}

static int32_t verify_field(const verifier *v, uint32_t at, uint32_t previous_at,
                            const hari_table_type *type, const hari_field *field)
{
    if (!at) return field->required ? broken(v, at, type, field, "is required but absent") : HAR_OK;
    if (!inside(v, at, 1, inline_size(field)))
        return broken(v, at, type, field, "lies past the end");
    if (at % inline_alignment(field) != 0) return broken(v, at, type, field, "is not aligned");
    switch (field->kind) {
    case HARI_FIELD_STRING: return verify_string(v, at, type, field);
    case HARI_FIELD_TABLE: return verify_table_at(v, at, type, field, table_of(field));
    case HARI_FIELD_VECTOR:
    case HARI_FIELD_VECTOR_STRING:
    case HARI_FIELD_VECTOR_TABLE: return verify_elements(v, at, type, field);
    case HARI_FIELD_UNION: return verify_union(v, at, previous_at, type, field);
    default: return HAR_OK;
    }
}

/* The vtable: inside the file, an even size, every field inside the table. */
static int32_t verify_vtable(const verifier *v, uint32_t at, const hari_table_type *type,
                             uint32_t *vtable, uint32_t *slots)
{
    if (!inside(v, at, 1, 4)) return broken(v, at, type, NULL, "is a table past the end");
    int64_t start = (int64_t)at - hari_read_i32(v->bytes + at);
    if (start < 0 || start % 2 != 0 || start > (int64_t)v->size - 4)
        return broken(v, at, type, NULL, "has its vtable outside the file");
    *vtable = (uint32_t)start;
    uint32_t vtable_size = hari_read_u16(v->bytes + *vtable);
    uint32_t table_size = hari_read_u16(v->bytes + *vtable + 2);
    if (vtable_size < 4 || vtable_size % 2 != 0 || !inside(v, *vtable, 1, vtable_size))
        return broken(v, *vtable, type, NULL, "has a vtable of a wrong size");
    if (table_size < 4 || !inside(v, at, 1, table_size))
        return broken(v, *vtable, type, NULL, "is a table that runs past the end");
    *slots = (vtable_size - 4) / 2;
    for (uint32_t slot = 0; slot < *slots; slot++) {
        uint32_t distance = hari_read_u16(v->bytes + *vtable + 4 + 2 * slot);
        if (distance != 0 && (distance < 4 || distance >= table_size))
            return broken(v, *vtable, type, NULL, "has a field outside its table");
    }
    return HAR_OK;
}

/* Checks the first `field_count` fields. Recursion ends: the schema's tables do not contain
 * themselves. */
static int32_t verify_fields(const verifier *v, uint32_t at, const hari_table_type *type,
                             uint32_t field_count)
{
    uint32_t vtable = 0;
    uint32_t slots = 0;
    int32_t status = verify_vtable(v, at, type, &vtable, &slots);
    uint32_t previous_at = 0;
    for (uint32_t slot = 0; slot < field_count && status == HAR_OK; slot++) {
        uint32_t distance = slot < slots ? hari_read_u16(v->bytes + vtable + 4 + 2 * slot) : 0;
        uint32_t field_at = distance ? at + distance : 0;
        status = verify_field(v, field_at, previous_at, type,
                              &hari_schema_fields[type->first_field + slot]);
        previous_at = field_at;
    }
    return status;
}

static int32_t verify_table(const verifier *v, uint32_t at, const hari_table_type *type)
{
    return verify_fields(v, at, type, type->field_count);
}

int32_t hari_verify_head(const uint8_t *bytes, size_t size, hari_table *root, har_error *error)
{
    const size_t smallest = 16; /* root offset, identifier, an empty table and its vtable */
    if (size < smallest)
        return hari_fail_bound(error, HAR_ERR_FILE_TRUNCATED, (double)size, "at least",
                               (double)smallest, "file size");
    if (size > HARI_MAX_FILE_BYTES)
        return hari_fail_bound(error, HAR_ERR_FILE_WIRE, (double)size, "at most",
                               HARI_MAX_FILE_BYTES, "file size");
    if (memcmp(bytes + 4, "HARM", 4) != 0) {
        int32_t status = hari_fail(error, HAR_ERR_FILE_IDENTIFIER, "file identifier");
        return hari_at_byte(error, 4, status);
    }
    const verifier v = {bytes, (uint32_t)size, error};
    const hari_table_type *model = &hari_schema_tables[hari_model_table];
    uint32_t start;
    int32_t status = follow(&v, 0, model, NULL, &start);
    if (status == HAR_OK) status = verify_fields(&v, start, model, 1);
    if (status == HAR_OK) *root = (hari_table){bytes, start};
    return status;
}

int32_t hari_verify(hari_table root, size_t size, har_error *error)
{
    const verifier v = {root.bytes, (uint32_t)size, error};
    return verify_table(&v, root.at, &hari_schema_tables[hari_model_table]);
}
