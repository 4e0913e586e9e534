/* What an op is: one file per op, with its checks and shapes, its preparation at load, and its run.
 */
#ifndef HARI_OPS_OP_H
#define HARI_OPS_OP_H

#include "graph/graph.h"
#include "kernels/hark.h"

typedef struct hari_step hari_step;

/* Rows of a tensor at its two ends: 0 .. head - 1, and from `tail` on. */
typedef struct hari_ends {
    uint32_t head;
    uint32_t tail;
} hari_ends;

/* What a step takes that computes the ends of its rows, because the rest is there. */
typedef struct hari_again {
    const void *const *inputs;
    void *output;
    void *scratch; /* step->again_bytes */
    void *kept;    /* step->kept_bytes of memory of its own */
    uint32_t rows; /* of what is kept */
    hari_ends ends;
    uint32_t shift; /* rows that the window moved on since the last run; 0: nothing is there */
} hari_again;

typedef struct hari_op {
    /* Checks input counts, types and attributes, and that the declared output is what the op gives.
     * NULL: the op stands in no file. */
    int32_t (*check)(const hari_graph *graph, const hari_node *node, har_error *error);
    /* Packs weights, derives constants and chooses kernels; fills `prepared`, `isa`, `reason`,
     * `macs`, `weight_bytes`, `scratch_bytes` and `halo` of the step. The node was checked, `fused`
     * is filled. */
    int32_t (*prepare)(hari_step *step, const hari_graph *graph, hari_pool *pool, har_error *error);
    /* Computes the output. Constants are in `prepared`; `inputs` are the computed inputs. */
    void (*run)(const hari_step *step, const void *const *inputs, void *output, void *scratch);
    /* The tile of Winograd's that `prepare` takes where it may take none above `largest`; 0: none.
     * NULL: never one. The step was prepared. */
    uint32_t (*tile)(const hari_step *step, uint32_t largest);
    bool in_place;      /* the output may lie where a computed input of the same bytes lay */
    bool moves_nothing; /* the output is the input, seen otherwise (flatten) */
    bool takes_affine;  /* a following affine may be folded into the weights (FP32) */
    bool takes_clamp;   /* a following ReLU or ReLU6 may be done on the way out */
    bool takes_pool;    /* a following max pool of equal kernel and stride, too */
} hari_op;

/* What follows an op and is done inside it. */
typedef struct hari_fused {
    const hari_node *affine;
    hari_activation activation;
    uint32_t pool; /* 1: none */
} hari_fused;

/* What a step needs around its first input: bytes that hold `value` while the step runs. */
typedef struct hari_halo {
    size_t before;
    size_t after;
    size_t input_bytes;
    int32_t value;
} hari_halo;

#define HARI_MAX_HALO_BYTES (1u << 29)

/* Which rows of its inputs a row of output depends on: `unit` rows are computed together, from all
 * rows that any of them needs; row r needs `extent` rows from r * stride - pad on; `pool` of these
 * make one row of output. Stride 0: on all rows, or on others than these. */
typedef struct hari_reach {
    uint32_t stride;
    uint32_t pad;
    uint32_t extent;
    uint32_t unit;
    uint32_t pool;
} hari_reach;

#define HARI_LARGEST_TILE 4u

/* Rows that a window further on has, too: they depend on samples alone, not on where the window
 * begins and ends. */
typedef struct hari_steady {
    uint32_t first;
    uint32_t end;
    uint32_t stride; /* samples from one row to the next */
    uint32_t
        period; /* samples: the windows are a multiple of it apart; 0: there are no such rows */
} hari_steady;

/* One step of a plan. */
struct hari_step {
    const hari_op *op;
    const hari_node *node;
    hari_fused fused;
    uint32_t *inputs; /* computed tensors, in the order of the node's inputs */
    uint32_t input_count;
    uint32_t output; /* tensor, after what is fused */
    const hark_table *kernels;
    void *prepared;
    const char *isa;
    char fused_text[48]; /* "affine relu maxpool2" */
    char reason[64];     /* why this kernel */
    hari_halo halo;
    hari_reach reach;
    /* As op->run, for the ends of the rows; NULL where keeping rows costs what computing them does.
     */
    void (*run_again)(const hari_step *step, const hari_again *again);
    uint32_t largest_tile; /* that `prepare` may take */
    uint64_t macs;
    uint64_t row_work; /* of an op without products: as many of them take as long as a row */
    uint64_t row_macs; /* of them, those that run_again saves with a row it need not compute */
    size_t weight_bytes;
    size_t scratch_bytes;
    size_t again_bytes; /* scratch of run_again */
    size_t
        kept_bytes; /* of memory beside its output that run_again keeps; 0: it keeps the output */
    size_t kept_offset;
    hari_steady steady;    /* rows of what is kept; plan/reuse.c fills it */
    bool keeps;            /* from window to window */
    bool passes;           /* computes the ends as if it kept the rest, which nobody reads */
    size_t *input_offsets; /* in the arena */
    size_t output_offset;
    bool in_place;
};

/* The op of a kind, which is a valid one; NULL where this library was built without it. */
const hari_op *hari_op_of(hari_op_kind kind);

/* Its name, built in or not. */
const char *hari_op_name(hari_op_kind kind);

/* ---- helpers for the checks; each names the op in its error ---- */

/* "graph.ops[3]" for the node. */
typedef struct hari_op_path {
    char text[32];
} hari_op_path;
hari_op_path hari_path_of(const hari_graph *graph, const hari_node *node);

int32_t hari_expect_inputs(const hari_graph *graph, const hari_node *node, uint32_t least,
                           uint32_t most, har_error *error);
/* The output is rows x columns of that type. */
int32_t hari_expect_output(const hari_graph *graph, const hari_node *node, hari_dtype dtype,
                           uint64_t rows, uint64_t columns, har_error *error);
/* Input `position` is computed and of one of two types. */
int32_t hari_expect_computed(const hari_graph *graph, const hari_node *node, uint32_t position,
                             hari_dtype first, hari_dtype second, har_error *error);
/* Input `position` is a constant of `dtype` with `elements` elements. */
int32_t hari_expect_constant(const hari_graph *graph, const hari_node *node, uint32_t position,
                             hari_dtype dtype, uint64_t elements, har_error *error);
/* The codes of `tensor` can be made of values: U8 or I16, and the scale has a normal reciprocal. */
int32_t hari_expect_codes(const hari_graph *graph, const hari_node *node, const hari_tensor *tensor,
                          har_error *error);
/* Input `position` and the output have the same scale and zero point (quantized tensors only). */
int32_t hari_expect_same_codes(const hari_graph *graph, const hari_node *node, uint32_t position,
                               har_error *error);

static inline const hari_tensor *hari_input(const hari_graph *graph, const hari_node *node,
                                            uint32_t position)
{
    return &graph->tensors[node->inputs[position]];
}

static inline const hari_tensor *hari_output(const hari_graph *graph, const hari_node *node)
{
    return &graph->tensors[node->output];
}

/* ---- helpers for the preparation ---- */

/* Every row of output comes from the same row of each input. */
static inline void hari_goes_by_rows(hari_step *step)
{
    step->reach = (hari_reach){.stride = 1, .extent = 1, .unit = 1, .pool = 1};
}

/* Of affine, layer norm and curves: 9 columns of affine take 9 ns where products take 1/120 ns. */
#define HARI_ROW_WORK 1000u

/* Computes the ends of an op that goes by rows: `run` computes `rows` rows from x to y. */
void hari_again_by_rows(const hari_step *step, const hari_again *again, size_t row_bytes_in,
                        size_t row_bytes_out,
                        void (*run)(const hari_step *step, const void *x, uint32_t rows, void *y));

/* Room for `size` bytes in `step->prepared`; NULL with HAR_ERR_MEMORY said in `error`. */
void *hari_prepare(hari_step *step, size_t size, hari_pool *pool, har_error *error);

/* ---- what the ops of gradients share ---- */

#define HARI_MOST_SHAPES 2u

/* The tensors of a step, as its `prepared`. */
typedef struct hari_shapes {
    const hari_tensor *in[HARI_MOST_SHAPES]; /* the computed inputs */
    const hari_tensor *out;
    const void *constant; /* the first constant input, if there is one */
} hari_shapes;
int32_t hari_prepare_shapes(hari_step *step, const hari_graph *graph, hari_pool *pool,
                            har_error *error);

/* How values become codes of that tensor. */
hark_codes hari_codes_of(const hari_tensor *tensor);

/* The bounds of a clamp that an activation means: of values, and of codes of `tensor`. */
typedef struct hari_bounds {
    float low, high;
    int32_t low_code, high_code;
} hari_bounds;
hari_bounds hari_activation_bounds(hari_activation activation, const hari_tensor *tensor);

#endif /* HARI_OPS_OP_H */
