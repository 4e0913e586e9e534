/* An explainer at work: a plan of the network with its gradient, its memory, and the ways to
 * explain. */
#ifndef HARI_EXPLAIN_EXPLAINER_H
#define HARI_EXPLAIN_EXPLAINER_H

#include "explain/gradient.h"
#include "ops/seed.h"
#include "plan/plan.h"
#include "stream/recognizer.h"

typedef struct hari_explainer {
    const hari_recognizer *recognizer;
    hari_gradient gradient;
    hari_plan plan;
    unsigned char *arena; /* of the plan */
    uint32_t forward;     /* steps of the network alone: the number of the seed's */
    uint64_t forward_macs;
    hari_seed *seed;
    uint32_t linear_from;    /* signal step */
    uint32_t sample_columns; /* before it */
    hari_chain_state signal;
    float *window; /* [window][signal columns] */
    float *values; /* [window][the larger number of columns] */
    float *sums;   /* [columns], of gradients and occlusion */
} hari_explainer;

/* What was found, as har_explanation has it. */
typedef struct hari_found {
    const float *values;
    uint32_t rows;
    uint32_t columns;
    uint32_t signal_steps;
    uint64_t macs;
} hari_found;

/* Takes memory from `pool`, and from `scratch` for the time of the call. Errors: HAR_ERR_MEMORY,
 * HAR_ERR_FILE_MEANING. */
int32_t hari_explainer_make(hari_explainer *explainer, const hari_recognizer *recognizer,
                            uint32_t features, hari_pool *pool, hari_pool *scratch,
                            har_error *error);

/* Number of softmaxes inside of the network. */
uint32_t hari_explainer_attentions(const hari_explainer *explainer);

/* Each explains explainer->window, for what explainer->seed asks for, and fills in the seed. */
hari_found hari_explain_gradient(hari_explainer *explainer, bool at_samples);
hari_found hari_explain_occlusion(hari_explainer *explainer, uint64_t macs);
hari_found hari_explain_class_map(hari_explainer *explainer);
hari_found hari_explain_attention(hari_explainer *explainer, uint32_t number);

/* The least that occlusion can spend. */
uint64_t hari_explain_least_macs(const hari_explainer *explainer);

/* Fills in explainer->sums: of |values| over the rows. */
void hari_explain_sum(hari_explainer *explainer, const hari_found *found);

#endif /* HARI_EXPLAIN_EXPLAINER_H */
