/* The schema har_model.fbs as data: for each table its slots, in the order of the .fbs file.
 *
 * One list makes both the slot numbers (HARI_Model_name, ...) and the descriptions that the
 * verifier walks. tests/unit/test_schema.c compares them with what flatc makes of the .fbs. */
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

typedef struct hari_field {
    const char *name;
    uint8_t kind; /* hari_field_kind */
    uint8_t required;
    uint8_t size;
    uint8_t align;
    const struct hari_table_type *table; /* table fields and vectors; the members of a union */
    uint8_t members;                     /* of a union */
} hari_field;

typedef struct hari_table_type {
    const char *name;
    const hari_field *fields;
    uint32_t field_count;
} hari_table_type;

#define HARI_SLOTS_Version(S) S(Version, major, SCALAR(2)) S(Version, minor, SCALAR(2))
#define HARI_SLOTS_Measurement(S) \
    S(Measurement, metric, STRING) S(Measurement, split, STRING) S(Measurement, value, SCALAR(8))
#define HARI_SLOTS_Card(S)                                                         \
    S(Card, description, STRING)                                                   \
    S(Card, training_data, STRING) S(Card, split, STRING) S(Card, licence, STRING) \
        S(Card, source, STRING) S(Card, measurements, TABLES(Measurement))
#define HARI_SLOTS_Channel(S)                                                           \
    S(Channel, name, STRING)                                                            \
    S(Channel, kind, SCALAR(1)) S(Channel, axis, SCALAR(1)) S(Channel, unit, SCALAR(1)) \
        S(Channel, placement, SCALAR(1))
#define HARI_SLOTS_Median(S) S(Median, channels, VECTOR(2)) S(Median, width, SCALAR(2))
#define HARI_SLOTS_Filter(S)                                                               \
    S(Filter, channels, VECTOR(2))                                                         \
    S(Filter, kind, SCALAR(1)) S(Filter, order, SCALAR(2)) S(Filter, cutoff_hz, SCALAR(8)) \
        S(Filter, sections, STRUCTS(40, 8))
#define HARI_SLOTS_GravitySplit(S)                                          \
    S(GravitySplit, channels, VECTOR(2))                                    \
    S(GravitySplit, order, SCALAR(2)) S(GravitySplit, cutoff_hz, SCALAR(8)) \
        S(GravitySplit, sections, STRUCTS(40, 8))
#define HARI_SLOTS_Scale(S) \
    S(Scale, channels, VECTOR(2)) S(Scale, scale, VECTOR(8)) S(Scale, offset, VECTOR(8))
#define HARI_SLOTS_Select(S) S(Select, channels, VECTOR(2))
#define HARI_SLOTS_SignalStep(S) \
    S(SignalStep, params_type, UNION_TYPE) S(SignalStep, params, UNION(SignalParams))
#define HARI_SLOTS_Signal(S)                                                             \
    S(Signal, channels, REQUIRED_TABLES(Channel))                                        \
    S(Signal, rate_hz, SCALAR(8)) S(Signal, window, SCALAR(4)) S(Signal, hop, SCALAR(4)) \
        S(Signal, steps, TABLES(SignalStep))
#define HARI_SLOTS_Quantization(S) \
    S(Quantization, scales, REQUIRED_VECTOR(4)) S(Quantization, zero_point, SCALAR(4))
#define HARI_SLOTS_Tensor(S)                                         \
    S(Tensor, name, STRING)                                          \
    S(Tensor, dtype, SCALAR(1)) S(Tensor, shape, REQUIRED_VECTOR(4)) \
        S(Tensor, quantization, TABLE(Quantization)) S(Tensor, buffer, SCALAR(4))
#define HARI_SLOTS_Conv1d(S)                                                                  \
    S(Conv1d, stride, SCALAR(4))                                                              \
    S(Conv1d, dilation, SCALAR(4)) S(Conv1d, groups, SCALAR(4)) S(Conv1d, padding, SCALAR(1)) \
        S(Conv1d, pad_left, SCALAR(4)) S(Conv1d, pad_right, SCALAR(4))
#define HARI_SLOTS_Dense(S)
#define HARI_SLOTS_Pool(S)                                                            \
    S(Pool, kind, SCALAR(1))                                                          \
    S(Pool, kernel, SCALAR(4)) S(Pool, stride, SCALAR(4)) S(Pool, padding, SCALAR(1)) \
        S(Pool, pad_left, SCALAR(4)) S(Pool, pad_right, SCALAR(4))                    \
            S(Pool, count_padding, SCALAR(1))
#define HARI_SLOTS_AdaptivePool(S) S(AdaptivePool, rows, SCALAR(4))
#define HARI_SLOTS_GlobalPool(S) S(GlobalPool, kind, SCALAR(1))
#define HARI_SLOTS_Add(S)
#define HARI_SLOTS_Concat(S) S(Concat, axis, SCALAR(4))
#define HARI_SLOTS_Activation(S) S(Activation, kind, SCALAR(1))
#define HARI_SLOTS_Affine(S)
#define HARI_SLOTS_Softmax(S)
#define HARI_SLOTS_Flatten(S)
#define HARI_SLOTS_Quantize(S)
#define HARI_SLOTS_Dequantize(S)
#define HARI_SLOTS_Op(S)                                          \
    S(Op, name, STRING)                                           \
    S(Op, params_type, UNION_TYPE) S(Op, params, UNION(OpParams)) \
        S(Op, inputs, REQUIRED_VECTOR(4)) S(Op, outputs, REQUIRED_VECTOR(4))
#define HARI_SLOTS_Graph(S)                    \
    S(Graph, tensors, REQUIRED_TABLES(Tensor)) \
    S(Graph, ops, REQUIRED_TABLES(Op)) S(Graph, input, SCALAR(4)) S(Graph, output, SCALAR(4))
#define HARI_SLOTS_Buffer(S) S(Buffer, data, STRUCTS(1, 64))
#define HARI_SLOTS_Decision(S)                                            \
    S(Decision, output, SCALAR(1))                                        \
    S(Decision, temperature, SCALAR(4)) S(Decision, smoothing, SCALAR(4)) \
        S(Decision, abstain_below, SCALAR(4))
#define HARI_SLOTS_Golden(S)                                                                      \
    S(Golden, name, STRING)                                                                       \
    S(Golden, raw, REQUIRED_VECTOR(4)) S(Golden, signal, VECTOR(4)) S(Golden, network, VECTOR(4)) \
        S(Golden, scores, VECTOR(4)) S(Golden, label, SCALAR(4))                                  \
            S(Golden, tolerance_signal, SCALAR(4)) S(Golden, tolerance_network, SCALAR(4))        \
                S(Golden, tolerance_scores, SCALAR(4))
#define HARI_SLOTS_Model(S)                                                              \
    S(Model, format_version, REQUIRED_TABLE(Version))                                    \
    S(Model, required_features, STRINGS) S(Model, name, REQUIRED_STRING)                 \
        S(Model, model_version, STRING) S(Model, card, TABLE(Card))                      \
            S(Model, signal, REQUIRED_TABLE(Signal)) S(Model, graph, TABLE(Graph))       \
                S(Model, buffers, TABLES(Buffer)) S(Model, labels, STRINGS)              \
                    S(Model, decision, TABLE(Decision)) S(Model, golden, TABLES(Golden)) \
                        S(Model, checksum, REQUIRED_STRUCT(4, 4))

/* Tables whose slots are read by name, members before the tables that hold them. */
#define HARI_TABLES(T)                                                                           \
    T(Version)                                                                                   \
    T(Measurement) T(Card) T(Channel) T(Median) T(Filter) T(GravitySplit) T(Scale) T(Select)     \
        T(SignalStep) T(Signal) T(Quantization) T(Tensor) T(Conv1d) T(Pool) T(AdaptivePool)      \
            T(GlobalPool) T(Concat) T(Activation) T(Op) T(Graph) T(Buffer) T(Decision) T(Golden) \
                T(Model)

#define HARI_SLOT_NUMBER(table, field, kind) HARI_##table##_##field,
#define HARI_SLOT_ENUM(table) enum { HARI_SLOTS_##table(HARI_SLOT_NUMBER) HARI_##table##_SLOTS };
HARI_TABLES(HARI_SLOT_ENUM)

/* Types of the unions: the number of a member in the schema. */
enum {
    HARI_SIGNAL_MEDIAN = 1,
    HARI_SIGNAL_FILTER,
    HARI_SIGNAL_GRAVITY_SPLIT,
    HARI_SIGNAL_SCALE,
    HARI_SIGNAL_SELECT,
    HARI_SIGNAL_TYPES
};

extern const hari_table_type hari_model_type;

#endif /* HARI_MODEL_SCHEMA_H */
