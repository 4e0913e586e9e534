/* The true labels of a recording, kept only as long as a window may still need them. */
#ifndef HAR_TOOLS_TRUTH_H
#define HAR_TOOLS_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "har/har.h"

enum {
    TRUTH_MOST_NAMES = 4096, /* labels beside the model's classes */
    TRUTH_NONE = -1
};

/* Samples first .. end - 1 carry the same label. */
typedef struct truth_run {
    uint64_t first;
    uint64_t end;
    int32_t label; /* into `names`, or TRUTH_NONE */
} truth_run;

typedef struct truth {
    char **names;    /* the model's classes, then other labels of the recording */
    uint64_t *votes; /* one for each name, 0 between calls */
    size_t name_count;
    size_t name_most;
    truth_run *runs;
    size_t run_count;
    size_t run_capacity;
    uint64_t sample_count;
} truth;

typedef enum truth_result { TRUTH_DONE, TRUTH_TOO_MANY, TRUTH_NO_MEMORY } truth_result;

/* False when there is no memory; truth_end is due all the same. */
bool truth_begin(truth *self, const har_model *model, uint32_t class_count);
void truth_end(truth *self);

/* The label of the next sample, "" for none. TRUTH_TOO_MANY: more than TRUTH_MOST_NAMES different
 * ones that are no class of the model. */
truth_result truth_add(truth *self, const char *label);

/* The label that most samples of the window carry, the earlier one of two that are equal;
 * TRUTH_NONE when most carry none. Windows are asked for in rising order of `first`. */
int32_t truth_of_window(truth *self, uint64_t first, uint32_t window);

#endif /* HAR_TOOLS_TRUTH_H */
