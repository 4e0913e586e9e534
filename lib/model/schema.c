#include "model/schema.h"

#include "base/static_assert.h"

/* Numbers of the tables. */
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

/* Numbers of the fields: that of a table's first is FIRST_<table>. */
#define BEGIN(table) FIRST_##table, BEFORE_##table = FIRST_##table - 1,
#define SLOT(table, field, kind) FIELD_##table##_##field,
#define END(table)
#define EMPTY(table)
enum {
#include "model/schema.inc"
    FIELDS
};
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

/* Numbers fit in a byte, names with their final zero in their places. */
HARI_STATIC_ASSERT(TYPES < 256 && FIELDS < 256, "numbers of tables and fields are bytes");
#define BEGIN(table) HARI_STATIC_ASSERT(sizeof #table <= HARI_SCHEMA_NAME, #table);
#define SLOT(table, field, kind) HARI_STATIC_ASSERT(sizeof #field <= HARI_SCHEMA_NAME, #field);
#define END(table)
#define EMPTY(table) HARI_STATIC_ASSERT(sizeof #table <= HARI_SCHEMA_NAME, #table);
#include "model/schema.inc"
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

#define SCALAR(bytes) HARI_FIELD_SCALAR, 0, bytes, bytes, 0, 0
#define REQUIRED_STRUCT(bytes, alignment) HARI_FIELD_STRUCT, 1, bytes, alignment, 0, 0
#define STRING HARI_FIELD_STRING, 0, 1, 1, 0, 0
#define REQUIRED_STRING HARI_FIELD_STRING, 1, 1, 1, 0, 0
#define STRINGS HARI_FIELD_VECTOR_STRING, 0, 4, 4, 0, 0
#define VECTOR(bytes) HARI_FIELD_VECTOR, 0, bytes, bytes, 0, 0
#define REQUIRED_VECTOR(bytes) HARI_FIELD_VECTOR, 1, bytes, bytes, 0, 0
#define STRUCTS(bytes, alignment) HARI_FIELD_VECTOR, 0, bytes, alignment, 0, 0
#define TABLE(type) HARI_FIELD_TABLE, 0, 4, 4, TYPE_##type, 0
#define REQUIRED_TABLE(type) HARI_FIELD_TABLE, 1, 4, 4, TYPE_##type, 0
#define TABLES(type) HARI_FIELD_VECTOR_TABLE, 0, 4, 4, TYPE_##type, 0
#define REQUIRED_TABLES(type) HARI_FIELD_VECTOR_TABLE, 1, 4, 4, TYPE_##type, 0
#define UNION_TYPE HARI_FIELD_UNION_TYPE, 0, 1, 1, 0, 0
#define UNION(first, members) HARI_FIELD_UNION, 1, 4, 4, TYPE_##first, members

#define BEGIN(table)
#define SLOT(table, field, kind) {#field, kind},
#define END(table)
#define EMPTY(table)
const hari_field hari_schema_fields[FIELDS] = {
#include "model/schema.inc"
};
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

#define BEGIN(table) {#table, FIRST_##table, HARI_##table##_SLOTS},
#define SLOT(table, field, kind)
#define END(table)
#define EMPTY(table) {#table, 0, 0},
const hari_table_type hari_schema_tables[TYPES] = {
#include "model/schema.inc"
};

const uint8_t hari_model_table = TYPE_Model;
