#include "model/schema.h"

#include <stddef.h>

#define SCALAR(bytes) HARI_FIELD_SCALAR, 0, bytes, bytes, NULL, 0
#define STRUCT(bytes, alignment) HARI_FIELD_STRUCT, 0, bytes, alignment, NULL, 0
#define REQUIRED_STRUCT(bytes, alignment) HARI_FIELD_STRUCT, 1, bytes, alignment, NULL, 0
#define STRING HARI_FIELD_STRING, 0, 1, 1, NULL, 0
#define REQUIRED_STRING HARI_FIELD_STRING, 1, 1, 1, NULL, 0
#define STRINGS HARI_FIELD_VECTOR_STRING, 0, 4, 4, NULL, 0
#define VECTOR(bytes) HARI_FIELD_VECTOR, 0, bytes, bytes, NULL, 0
#define REQUIRED_VECTOR(bytes) HARI_FIELD_VECTOR, 1, bytes, bytes, NULL, 0
#define STRUCTS(bytes, alignment) HARI_FIELD_VECTOR, 0, bytes, alignment, NULL, 0
#define TABLE(type) HARI_FIELD_TABLE, 0, 4, 4, &type_##type, 0
#define REQUIRED_TABLE(type) HARI_FIELD_TABLE, 1, 4, 4, &type_##type, 0
#define TABLES(type) HARI_FIELD_VECTOR_TABLE, 0, 4, 4, &type_##type, 0
#define REQUIRED_TABLES(type) HARI_FIELD_VECTOR_TABLE, 1, 4, 4, &type_##type, 0
#define UNION_TYPE HARI_FIELD_UNION_TYPE, 0, 1, 1, NULL, 0
#define UNION(members)                            \
    HARI_FIELD_UNION, 1, 4, 4, members_##members, \
        sizeof members_##members / sizeof members_##members[0]

#define FIELD(table, name, kind) {#name, kind},
/* A member of a union needs its fields alone, every other table a type to point to. */
#define DEFINE_FIELDS(table) static const hari_field fields_##table[] = {HARI_SLOTS_##table(FIELD)};
#define DEFINE(table)    \
    DEFINE_FIELDS(table) \
    static const hari_table_type type_##table = TYPE(table);
#define TYPE(table)                                                              \
    {                                                                            \
#table, fields_##table, sizeof fields_##table / sizeof fields_##table[0] \
    }
#define EMPTY(table)    \
    {                   \
#table, NULL, 0 \
    }

DEFINE(Version)
DEFINE(Measurement)
DEFINE(Card)
DEFINE(Channel)
DEFINE_FIELDS(Median)
DEFINE_FIELDS(Filter)
DEFINE_FIELDS(GravitySplit)
DEFINE_FIELDS(Scale)
DEFINE_FIELDS(Select)
static const hari_table_type members_SignalParams[] = {
    TYPE(Median), TYPE(Filter), TYPE(GravitySplit), TYPE(Scale), TYPE(Select)};
DEFINE(SignalStep)
DEFINE(Signal)
DEFINE(Quantization)
DEFINE(Tensor)
DEFINE_FIELDS(Conv1d)
DEFINE_FIELDS(Pool)
DEFINE_FIELDS(AdaptivePool)
DEFINE_FIELDS(GlobalPool)
DEFINE_FIELDS(Concat)
DEFINE_FIELDS(Activation)
static const hari_table_type members_OpParams[] = {
    TYPE(Conv1d),   EMPTY(Dense),    TYPE(Pool),       TYPE(AdaptivePool), TYPE(GlobalPool),
    EMPTY(Add),     TYPE(Concat),    TYPE(Activation), EMPTY(Affine),      EMPTY(Softmax),
    EMPTY(Flatten), EMPTY(Quantize), EMPTY(Dequantize)};
DEFINE(Op)
DEFINE(Graph)
DEFINE(Buffer)
DEFINE(Decision)
DEFINE(Golden)
DEFINE_FIELDS(Model)
const hari_table_type hari_model_type = TYPE(Model);
