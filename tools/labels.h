/* How `har run` shows labels: a line each for people, or a JSON object a line. */
#ifndef HAR_TOOLS_LABELS_H
#define HAR_TOOLS_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "har/har.h"

/* Counts what it shows. Set to zero but for `json`, `show_truth` and `class_count`. */
typedef struct label_writer {
    bool json;
    bool only_changes; /* shows the windows that enter or leave a class, counts all */
    bool show_truth;   /* the recording has a column of labels */
    uint32_t class_count;
    int name_width;
    int64_t origin_ns; /* time of the recording's first sample */
    uint64_t labels;
    uint64_t known;        /* of these, the windows whose true label is a class of the model */
    uint64_t agreed;       /* of these, the ones that got it */
    uint64_t agreed_alone; /* and those whose own largest score is its, whatever was decided */
} label_writer;

/* For people: what runs, and the heads of the columns. For programs: nothing. */
void labels_begin(label_writer *self, const har_model *model, const har_model_info *info,
                  uint32_t hop);

/* `truth` is the number of the true label (below class_count: the class), and `truth_name` its
 * name, NULL when it is not known. The line is flushed. */
void labels_write(label_writer *self, const har_event *event, int32_t truth,
                  const char *truth_name);

/* For people: how many from `count` of `what`, and how many agree. For programs: nothing. */
void labels_end(const label_writer *self, uint64_t count, const char *what);

#endif /* HAR_TOOLS_LABELS_H */
