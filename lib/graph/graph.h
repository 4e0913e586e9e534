/* The network as plain tensors and nodes, built from the checked file. Constants are used where
 * they lie in the file; everything else is owned by the model's pool. */
#ifndef HARI_GRAPH_GRAPH_H
#define HARI_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "har/status.h"
#include "model/wire.h"

#define HARI_MAX_TENSORS 8192u
#define HARI_MAX_OPS 4096u
#define HARI_MAX_ELEMENTS (1u << 24)
#define HARI_MAX_CONSTANT_BYTES                                      \
    (1u << 28) /* tensors may share buffers; this bounds their check \
                */
#define HARI_MAX_RANK 3u
#define HARI_MAX_OP_INPUTS 64u
#define HARI_NO_NODE UINT32_MAX

/* The numbers of the schema's enums. */
typedef enum hari_dtype { HARI_F32, HARI_I32, HARI_I16, HARI_I8, HARI_U8, HARI_DTYPES } hari_dtype;
typedef enum hari_activation {
    HARI_ACT_NONE,
    HARI_ACT_RELU,
    HARI_ACT_RELU6,
    HARI_ACT_SIGMOID,
    HARI_ACT_TANH,
    HARI_ACT_GELU,
    HARI_ACT_GELU_TANH,
    HARI_ACT_HARD_SIGMOID,
    HARI_ACT_HARD_SWISH,
    HARI_ACT_LEAKY_RELU,
    HARI_ACT_SILU,
    HARI_ACTIVATIONS
} hari_activation;
typedef enum hari_padding {
    HARI_PAD_VALID,
    HARI_PAD_SAME,
    HARI_PAD_EXPLICIT,
    HARI_PADDINGS
} hari_padding;
typedef enum hari_pool_kind {
    HARI_POOL_MAX,
    HARI_POOL_AVERAGE,
    HARI_POOL_SUM,
    HARI_POOL_KINDS
} hari_pool_kind;
typedef enum hari_cell { HARI_CELL_RNN, HARI_CELL_LSTM, HARI_CELL_GRU, HARI_CELLS } hari_cell;
typedef enum hari_op_kind {
    HARI_OP_NONE,
    HARI_OP_CONV1D,
    HARI_OP_DENSE,
    HARI_OP_POOL,
    HARI_OP_ADAPTIVE_POOL,
    HARI_OP_GLOBAL_POOL,
    HARI_OP_ADD,
    HARI_OP_CONCAT,
    HARI_OP_ACTIVATION,
    HARI_OP_AFFINE,
    HARI_OP_SOFTMAX,
    HARI_OP_FLATTEN,
    HARI_OP_QUANTIZE,
    HARI_OP_DEQUANTIZE,
    HARI_OP_MULTIPLY,
    HARI_OP_LAYER_NORM,
    HARI_OP_SLICE,
    HARI_OP_ATTENTION,
    HARI_OP_RECURRENT,
    HARI_OP_KINDS, /* that a file may hold; the others stand in gradients alone (lib/explain) */
    HARI_OP_RESHAPE = HARI_OP_KINDS,
    HARI_OP_SPREAD,
    HARI_OP_MATMUL,
    HARI_OP_SEED,
    HARI_OP_BACK_ACTIVATION,
    HARI_OP_BACK_POOL,
    HARI_OP_BACK_SOFTMAX,
    HARI_OP_BACK_LAYER_NORM,
    HARI_OP_RECURRENT_TRACE,
    HARI_OP_BACK_RECURRENT,
    HARI_OP_ALL_KINDS
} hari_op_kind;

typedef struct hari_tensor {
    const char *name;
    hari_dtype dtype;
    uint32_t rank;
    uint32_t dim[HARI_MAX_RANK];
    uint32_t rows; /* of a computed tensor: [rows, columns], [columns] is one row */
    uint32_t columns;
    size_t elements;
    const void *data; /* of a constant, aligned to 64 bytes; NULL for a computed tensor */
    float *scales;    /* NULL: not quantized */
    uint32_t scale_count;
    int32_t zero_point;
    uint32_t producer; /* node, or HARI_NO_NODE for the input and constants */
    uint32_t uses;     /* by nodes, and by being the output */
} hari_tensor;

/* How rows are taken by a convolution or a pool. */
typedef struct hari_sliding {
    uint32_t kernel;
    uint32_t stride;
    uint32_t dilation;
    hari_padding padding;
    uint32_t pad_left;
    uint32_t pad_right;
} hari_sliding;

/* A recurrent layer; its activation is the node's. */
typedef struct hari_recurrent {
    hari_cell cell;
    bool reset_after;
    bool reverse;
    bool last;
} hari_recurrent;

typedef struct hari_node {
    const char *name;
    hari_op_kind kind;
    uint32_t *inputs; /* tensors */
    uint32_t input_count;
    uint32_t output;
    hari_sliding sliding;       /* conv1d (kernel is the weight's), pool */
    uint32_t groups;            /* conv1d */
    hari_pool_kind pool;        /* pool, global pool */
    bool count_padding;         /* average pool */
    uint32_t rows;              /* adaptive pool */
    uint32_t axis;              /* concat, global pool, softmax, slice */
    hari_activation activation; /* activation, recurrent */
    float slope;                /* activation */
    float epsilon;              /* layer norm */
    uint32_t begin, count;      /* slice */
    uint32_t heads;             /* attention */
    float scale;                /* attention */
    hari_recurrent recurrent;
} hari_node;

typedef struct hari_graph {
    hari_tensor *tensors;
    uint32_t tensor_count;
    hari_node *nodes;
    uint32_t node_count;
    uint32_t input;
    uint32_t output;
} hari_graph;

size_t hari_dtype_size(hari_dtype dtype);

/* Elements times the size of one. */
size_t hari_tensor_bytes(const hari_tensor *tensor);

/* Builds the graph of a Model table. Checked here: counts, indices, enums, shapes against buffers,
 * finite constants, scales, that every tensor is written once and before it is read. What an op
 * accepts is checked by ops/. Errors: HAR_ERR_FILE_MEANING, HAR_ERR_MEMORY. */
int32_t hari_graph_build(hari_graph *graph, hari_table model, hari_pool *pool, har_error *error);

/* Parts of the build. */
int32_t hari_graph_build_tensors(hari_graph *graph, hari_table graph_table, hari_vector buffers,
                                 hari_pool *pool, har_error *error);
int32_t hari_graph_build_nodes(hari_graph *graph, hari_table graph_table, hari_pool *pool,
                               har_error *error);
/* The attributes of a node whose kind is filled in, from the table of its kind. */
int32_t hari_graph_read_params(hari_node *node, hari_table params, uint32_t index,
                               har_error *error);

#endif /* HARI_GRAPH_GRAPH_H */
