/* The schema har_model.fbs as data: for each table its slots, in the order of the .fbs file.
 *
 * One list, schema.inc, makes both the slot numbers and the descriptions that the verifier walks; a
 * test compares it with what flatc makes of the .fbs. */
#ifndef HARI_MODEL_SCHEMA_H
#define HARI_MODEL_SCHEMA_H

#include <stdint.h>

typedef enum hari_field_kind {
    HARI_FIELD_SCALAR, /* `size` bytes in the table */
    HARI_FIELD_STRUCT, /* `size` bytes in the table, aligned to `align` */
    HARI_FIELD_STRING,
    HARI_FIELD_TABLE,
    HARI_FIELD_VECTOR, /* of scalars or structs of `size` bytes, aligned to `align` */
    HARI_FIELD_VECTOR_STRING,
    HARI_FIELD_VECTOR_TABLE,
    HARI_FIELD_UNION_TYPE, /* the byte before a union */
    HARI_FIELD_UNION       /* `tables`: one a member, the first for type 1 */
} hari_field_kind;

/* Numbers and names lie in place, so that nothing of it waits for a loader's relocations. */
#define HARI_SCHEMA_NAME 18u

typedef struct hari_field {
    char name[HARI_SCHEMA_NAME];
    uint8_t kind; /* hari_field_kind */
    uint8_t required;
    uint8_t size;
    uint8_t align;
    uint8_t table;   /* number of the table of a field or vector; of the first member of a union */
    uint8_t members; /* of a union */
} hari_field;

typedef struct hari_table_type {
    char name[HARI_SCHEMA_NAME];
    uint8_t first_field; /* number */
    uint8_t field_count;
} hari_table_type;

/* Slot numbers: HARI_Model_name, ... */
#define BEGIN(table) enum {
#define SLOT(table, field, kind) HARI_##table##_##field,
#define END(table)       \
    HARI_##table##_SLOTS \
    }                    \
    ;
#define EMPTY(table)
#include "model/schema.inc"
#undef BEGIN
#undef SLOT
#undef END
#undef EMPTY

/* Types of the unions: the number of a member in the schema. */
enum {
    HARI_SIGNAL_MEDIAN = 1,
    HARI_SIGNAL_FILTER,
    HARI_SIGNAL_GRAVITY_SPLIT,
    HARI_SIGNAL_SCALE,
    HARI_SIGNAL_SELECT,
    HARI_SIGNAL_TYPES
};

/* By their numbers. */
extern const hari_table_type hari_schema_tables[];
extern const hari_field hari_schema_fields[];

/* The root table. */
extern const uint8_t hari_model_table;

#endif /* HARI_MODEL_SCHEMA_H */
