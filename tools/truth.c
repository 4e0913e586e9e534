#include "truth.h"

#include <stdlib.h>
#include <string.h>

static bool append_name(truth *self, const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (copy == NULL) return false;
    memcpy(copy, name, size);
    self->names[self->name_count++] = copy;
    return true;
}

bool truth_begin(truth *self, const har_model *model, uint32_t class_count)
{
    *self = (truth){0};
    size_t most = (size_t)class_count + TRUTH_MOST_NAMES;
    self->name_most = most;
    self->names = calloc(most, sizeof *self->names);
    self->votes = calloc(most, sizeof *self->votes);
    if (self->names == NULL || self->votes == NULL) return false;
    for (uint32_t i = 0; i < class_count; i++) {
        const char *name = har_model_class_name(model, i);
        if (!append_name(self, name != NULL ? name : "")) return false;
    }
    return true;
}

void truth_end(truth *self)
{
    for (size_t i = 0; i < self->name_count; i++) free(self->names[i]);
    free(self->names);
    free(self->votes);
    free(self->runs);
    *self = (truth){0};
}

/* The number of `label`, which is added when it is new. */
static truth_result name_label(truth *self, const char *label, int32_t *number)
{
    *number = TRUTH_NONE;
    if (*label == '\0') return TRUTH_DONE;
    size_t i = 0;
    while (i < self->name_count && strcmp(self->names[i], label) != 0) i++;
    if (i == self->name_count) {
        if (i == self->name_most) return TRUTH_TOO_MANY;
        if (!append_name(self, label)) return TRUTH_NO_MEMORY;
    }
    *number = (int32_t)i;
    return TRUTH_DONE;
}

static bool begin_run(truth *self, int32_t label)
{
    if (self->run_count == self->run_capacity) {
        size_t capacity = self->run_capacity == 0 ? 64 : self->run_capacity * 2;
        truth_run *runs = realloc(self->runs, capacity * sizeof *runs);
        if (runs == NULL) return false;
        self->runs = runs;
        self->run_capacity = capacity;
    }
    self->runs[self->run_count++] =
        (truth_run){.first = self->sample_count, .end = self->sample_count, .label = label};
    return true;
}

truth_result truth_add(truth *self, const char *label)
{
    truth_run *last = self->run_count > 0 ? &self->runs[self->run_count - 1] : NULL;
    const char *last_name =
        last == NULL || last->label == TRUTH_NONE ? "" : self->names[last->label];
    if (last == NULL || strcmp(last_name, label) != 0) {
        int32_t number;
        truth_result result = name_label(self, label, &number);
        if (result != TRUTH_DONE) return result;
        if (!begin_run(self, number)) return TRUTH_NO_MEMORY;
        last = &self->runs[self->run_count - 1];
    }
    last->end = ++self->sample_count;
    return TRUTH_DONE;
}

/* Forgets the runs that end before sample `first`. */
static void forget_before(truth *self, uint64_t first)
{
    size_t gone = 0;
    while (gone < self->run_count && self->runs[gone].end <= first) gone++;
    if (gone == 0) return;
    self->run_count -= gone;
    memmove(self->runs, self->runs + gone, self->run_count * sizeof *self->runs);
}

/* How many samples of the run lie in the window first .. end - 1. */
static uint64_t overlap(const truth_run *run, uint64_t first, uint64_t end)
{
    uint64_t from = run->first > first ? run->first : first;
    uint64_t to = run->end < end ? run->end : end;
    return to > from ? to - from : 0;
}

int32_t truth_of_window(truth *self, uint64_t first, uint32_t window)
{
    uint64_t end = first + window;
    uint64_t none = 0;
    forget_before(self, first);
    for (size_t i = 0; i < self->run_count; i++) {
        const truth_run *run = &self->runs[i];
        *(run->label == TRUTH_NONE ? &none : &self->votes[run->label]) += overlap(run, first, end);
    }
    int32_t winner = TRUTH_NONE;
    uint64_t most = 0;
    for (size_t i = 0; i < self->run_count; i++) { /* in order of time, so the earlier one wins */
        int32_t label = self->runs[i].label;
        uint64_t votes = label == TRUTH_NONE ? none : self->votes[label];
        if (votes > most) {
            most = votes;
            winner = label;
        }
    }
    for (size_t i = 0; i < self->run_count; i++) {
        if (self->runs[i].label != TRUTH_NONE) self->votes[self->runs[i].label] = 0;
    }
    return winner;
}
