/* Where a gradient begins: what is asked about the network's output. */
#ifndef HARI_OPS_SEED_H
#define HARI_OPS_SEED_H

#include <stdint.h>

/* The numbers of HAR_EXPLAIN_* targets. */
typedef enum hari_target {
    HARI_TARGET_SCORE,
    HARI_TARGET_MARGIN,
    HARI_TARGET_PROBABILITY,
    HARI_TARGETS
} hari_target;

/* The `prepared` of a seed step: filled in before a run, and by it. */
typedef struct hari_seed {
    uint32_t classes;
    hari_target target;
    int32_t wanted;    /* class; -1: the largest */
    float temperature; /* that the scores are divided by before a softmax; 0: they are none's */
    int32_t class_index;
    int32_t other_index; /* the largest of the others, -1: there is none */
    float value;         /* what the gradient is of */
} hari_seed;

/* Fills in the class, the other and the value, of the network's output; `scratch` has room for as
 * many values. */
void hari_seed_judge(hari_seed *seed, const float *scores, float *scratch);

#endif /* HARI_OPS_SEED_H */
