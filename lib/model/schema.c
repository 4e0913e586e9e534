#include "model/schema.h"

#include <stddef.h>

/* Numbers of the tables, for pointers from fields to them. */
#define BEGIN(table) TYPE_##table,
#define SLOT(table, field, kind)
#define END(table)
#define EMPTY(table) TYPE_##table,
enum {
#include "model/schema.inc"
    TYPES
};
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

static const hari_table_type types[TYPES];

#define SCALAR(bytes) HARI_FIELD_SCALAR, 0, bytes, bytes, NULL, 0
#define REQUIRED_STRUCT(bytes, alignment) HARI_FIELD_STRUCT, 1, bytes, alignment, NULL, 0
#define STRING HARI_FIELD_STRING, 0, 1, 1, NULL, 0
#define REQUIRED_STRING HARI_FIELD_STRING, 1, 1, 1, NULL, 0
#define STRINGS HARI_FIELD_VECTOR_STRING, 0, 4, 4, NULL, 0
#define VECTOR(bytes) HARI_FIELD_VECTOR, 0, bytes, bytes, NULL, 0
#define REQUIRED_VECTOR(bytes) HARI_FIELD_VECTOR, 1, bytes, bytes, NULL, 0
#define STRUCTS(bytes, alignment) HARI_FIELD_VECTOR, 0, bytes, alignment, NULL, 0
#define TABLE(type) HARI_FIELD_TABLE, 0, 4, 4, &types[TYPE_##type], 0
#define REQUIRED_TABLE(type) HARI_FIELD_TABLE, 1, 4, 4, &types[TYPE_##type], 0
#define TABLES(type) HARI_FIELD_VECTOR_TABLE, 0, 4, 4, &types[TYPE_##type], 0
#define REQUIRED_TABLES(type) HARI_FIELD_VECTOR_TABLE, 1, 4, 4, &types[TYPE_##type], 0
#define UNION_TYPE HARI_FIELD_UNION_TYPE, 0, 1, 1, NULL, 0
#define UNION(first, members) HARI_FIELD_UNION, 1, 4, 4, &types[TYPE_##first], members

/* The fields of each table. */
#define BEGIN(table) static const hari_field fields_##table[] = {
#define SLOT(table, field, kind) {#field, kind},
#define END(table) \
    }              \
    ;
#define EMPTY(table)
#include "model/schema.inc"
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

/* The tables. */
#define BEGIN(table) [TYPE_##table] = {#table, fields_##table, HARI_##table##_SLOTS},
#define SLOT(table, field, kind)
#define END(table)
#define EMPTY(table) [TYPE_##table] = {#table, NULL, 0},
static const hari_table_type types[TYPES] = {
#include "model/schema.inc"
};

const hari_table_type *const hari_model_type = &types[TYPE_Model];
