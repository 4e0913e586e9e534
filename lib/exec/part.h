/* The parts of a plan that XNNPACK runs, in its terms but without its types: runs of consecutive
 * steps, each an op on tensors of the arena. Owned by the model and shared by its streams. */
#ifndef HARI_EXEC_PART_H
#define HARI_EXEC_PART_H

#include "plan/plan.h"

typedef enum hari_part_kind {
    HARI_PART_CONV,
    HARI_PART_DENSE,
    HARI_PART_MAX_POOL,
    HARI_PART_AVERAGE_POOL,
    HARI_PART_ADD,
    HARI_PART_CLAMP,
    HARI_PART_SIGMOID,
    HARI_PART_SOFTMAX
} hari_part_kind;

/* One op. `inputs` and `output` are numbers of the part's values. */
typedef struct hari_part_op {
    hari_part_kind kind;
    uint32_t inputs[2];
    uint32_t output;
    uint32_t rows; /* of the result, before the fused pool */
    uint32_t columns_in;
    uint32_t columns_out;
    uint32_t kernel; /* conv, pools */
    uint32_t stride;
    uint32_t dilation;
    uint32_t groups;
    uint32_t pad_left;
    uint32_t pad_right;
    uint32_t pool;       /* of a fused max pool of that kernel and stride; 1: none */
    const void *weights; /* conv, dense: [out][kernel][in / groups], an affine folded in */
    const void *bias;    /* [out] */
    const float *scales; /* [out] of codes: of the weights, NULL for FP32 */
    const float *bias_scales;
    float low; /* clamp of the result */
    float high;
} hari_part_op;

/* A tensor, where it lies in the arena. XNNPACK's codes are signed: ours with the highest bit
 * turned over, which hari_part_turn does before and after the part. */
typedef struct hari_part_value {
    uint32_t rows;
    uint32_t columns;
    size_t offset;
    size_t bytes;
    uint32_t last_use; /* the last step that reads it; UINT32_MAX for the output */
    bool is_computed;  /* by the part; else it is read from before it */
    bool is_codes;
    bool is_turned_before; /* codes that are there before the part */
    bool is_turned_after;  /* codes that are there after the part */
    float scale;           /* of codes */
    int32_t zero_point;
} hari_part_value;

typedef struct hari_part {
    uint32_t first_step;
    uint32_t step_count;
    hari_part_op *ops; /* one for each step */
    hari_part_value *values;
    uint32_t value_count;
} hari_part;

/* The longest runs of steps that XNNPACK can compute as docs/design/numbers.md says, in their
 * order: of FP32 ops where the network has no codes, of codes alone where it has. Errors:
 * HAR_ERR_MEMORY. */
int32_t hari_parts_find(const hari_plan *plan, hari_part **parts, uint32_t *count, hari_pool *pool,
                        har_error *error);

/* Turns the codes that the part reads into XNNPACK's, before it runs, or all that stay into ours,
 * after it. */
void hari_part_turn(const hari_part *part, bool is_after, unsigned char *arena);

/* Fills in the op for a step, all but its values; false where XNNPACK cannot take it. */
bool hari_part_take(const hari_graph *graph, const hari_step *step, hari_part_op *op);

/* Weights and bias of a conv, dense or affine step. Errors: HAR_ERR_MEMORY. */
int32_t hari_part_weigh(const hari_graph *graph, const hari_step *step, hari_part_op *op,
                        hari_pool *pool, har_error *error);

#endif /* HARI_EXEC_PART_H */
