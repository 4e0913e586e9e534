/** @file
 * Explaining a window: which samples of which channels speak for a class.
 *
 *     har_explainer *explainer;
 *     har_explainer_create(model, NULL, &explainer, NULL);
 *     har_explanation found = {.struct_size = sizeof found};
 *     ...har_poll_label(stream, &event, NULL) == HAR_OK...
 *     har_explain_stream(explainer, stream, NULL, &found, NULL);
 *     for (uint32_t c = 0; c < found.columns; c++) printf("%g\n", found.per_column[c]);
 *
 * An explainer belongs to a model and serves any of its streams, one thread at a time. It has a
 * network of its own, which keeps what the way back needs; streams have nothing of it. After create
 * nothing is allocated and no lock is taken.
 *
 * All is computed in FP32. A model in INT8 is explained through its dequantized weights: its codes
 * are taken for the values that they stand for, without rounding, and `value` may differ from what
 * the stream computed by what the rounding makes.
 */
#ifndef HAR_EXPLAIN_H
#define HAR_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "har/allocator.h"
#include "har/export.h"
#include "har/model.h"
#include "har/status.h"
#include "har/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Explains windows of one model; one thread at a time. */
typedef struct har_explainer har_explainer;

/** How to make an explainer. NULL in place of a config means the defaults. */
typedef struct har_explainer_config {
    uint32_t struct_size; /**< set by har_explainer_config_init */
    uint32_t reserved;
    void *arena; /**< NULL (default): the allocator; else the caller's memory, any alignment,
                      which must stay until the explainer is destroyed */
    uint64_t arena_size;     /**< bytes at `arena` */
    har_allocator allocator; /**< both functions NULL (default): the heap */
} har_explainer_config;

/** Sets the defaults; `struct_size` is sizeof(har_explainer_config) of the caller. Since 0.1. */
HAR_API void har_explainer_config_init(har_explainer_config *config, uint32_t struct_size);

/** What an explainer of a model can do. */
typedef struct har_explainer_info {
    uint32_t struct_size;     /**< set by the caller before the call */
    uint32_t linear_from;     /**< first signal step from which on all are linear: with
                                   HAR_EXPLAIN_AT_SAMPLES gradients are by what goes into it; 0: by
                                   the samples that are pushed */
    uint32_t sample_columns;  /**< of what goes into it */
    uint32_t has_class_map;   /**< 1: HAR_EXPLAIN_CLASS_MAP works */
    uint32_t attention_count; /**< softmaxes inside of the network */
    uint32_t reserved;
    uint64_t bytes;        /**< memory that it takes, in an arena of any alignment */
    uint64_t macs;         /**< multiply-accumulates of a gradient */
    uint64_t forward_macs; /**< of them, those of the network alone: of one window occluded */
} har_explainer_info;

/** Tells `info` about an explainer of `model`, to learn what it takes. Builds one and gives it
 * back, through the model's allocator, for the time of the call. Errors: HAR_ERR_NULL,
 * HAR_ERR_STRUCT_SIZE, HAR_ERR_NO_NETWORK, HAR_ERR_FILE_MEANING (the gradient is too large a
 * graph), HAR_ERR_MEMORY. Any thread. Since 0.1. */
HAR_API int32_t har_explainer_get_info(const har_model *model, har_explainer_info *info,
                                       har_error *error);

/** Makes an explainer, which holds a reference to the model. Besides the memory of the explainer,
 * scratch is taken through the model's allocator for the time of the call. Errors: as
 * har_explainer_get_info, HAR_ERR_ARENA_TOO_SMALL. Since 0.1. */
HAR_API int32_t har_explainer_create(har_model *model, const har_explainer_config *config,
                                     har_explainer **explainer, har_error *error);

/** Gives the memory and the reference back. NULL is allowed. Since 0.1. */
HAR_API void har_explainer_destroy(har_explainer *explainer);

/** How to explain. */
enum {
    /** The gradient (Simonyan, Vedaldi, Zisserman 2013): the derivative of what is asked for by
     * every value, [window][columns], times the unit of the column in the denominator. */
    HAR_EXPLAIN_GRADIENT = 0,
    /** Occlusion (Zeiler, Fergus 2014), which needs no gradient: parts of one column are replaced
     * by the column's mean in the window; how much what is asked for falls is shared among the
     * values of the part. [window][signal columns]. */
    HAR_EXPLAIN_OCCLUSION = 1,
    /** Class activation map (Zhou and others 2016), of networks that end in a mean or a sum over
     * time and linear layers: what each row before it adds to the score, [rows][1]; the sum over
     * the rows is the score less what the biases behind the mean give. */
    HAR_EXPLAIN_CLASS_MAP = 2,
    /** The weights of softmax number `attention` inside of the network, as they are:
     * of attention to rows or columns [rows][columns] as the network has them, of an attention op
     * [queries * heads][keys]. What is asked for does not matter. */
    HAR_EXPLAIN_ATTENTION = 3
};

/** What is asked for. Scores are what the network puts out, before a softmax that ends it. */
enum {
    HAR_EXPLAIN_SCORE = 0,      /**< the score of the class */
    HAR_EXPLAIN_MARGIN = 1,     /**< less that of the largest other class */
    HAR_EXPLAIN_PROBABILITY = 2 /**< of the softmax of scores over the model's temperature; where
                                     the network puts out no logits, the score */
};

/** By what a gradient is. */
enum {
    /** By what goes into the first signal step from which on all are linear (har_explainer_info):
     * where that is 0, the samples as they are pushed, in their units. The window's own samples
     * alone are varied: what the filters hold of samples before it counts as fixed. */
    HAR_EXPLAIN_AT_SAMPLES = 0,
    /** By the network's input, after all signal steps. */
    HAR_EXPLAIN_AT_NETWORK = 1
};

/** NULL in place of options means the defaults. */
typedef struct har_explain_options {
    uint32_t struct_size; /**< set by har_explain_options_init */
    uint32_t method;      /**< HAR_EXPLAIN_GRADIENT (default) or another way */
    uint32_t target;      /**< HAR_EXPLAIN_SCORE (default) or another */
    int32_t class_index;  /**< -1 (default): the class with the largest score */
    uint32_t at;          /**< of a gradient: HAR_EXPLAIN_AT_SAMPLES (default) or _AT_NETWORK */
    uint32_t attention;   /**< of HAR_EXPLAIN_ATTENTION; 0 (default): the first */
    uint64_t macs; /**< of HAR_EXPLAIN_OCCLUSION: the most multiply-accumulates to be spent, at
                        least one window and one for each column; parts of a column are of one
                        length, and as many as fit. 0 (default): eight parts of every column */
} har_explain_options;

/** Sets the defaults. Since 0.1. */
HAR_API void har_explain_options_init(har_explain_options *options, uint32_t struct_size);

/** An explanation. The pointers belong to the explainer and stay valid until its next call. */
typedef struct har_explanation {
    uint32_t struct_size;  /**< set by the caller before the call */
    int32_t class_index;   /**< the class that was asked for */
    int32_t other_index;   /**< the largest of the others; -1: there is none */
    uint32_t signal_steps; /**< signal steps between the samples that are pushed and `values`: 0,
                                the gradient is by the samples themselves */
    uint32_t rows;
    uint32_t columns;
    const char *name;        /**< of the class; owned by the model */
    const float *values;     /**< [rows][columns] */
    const float *per_column; /**< [columns]: the sum over the rows of |values|, saliency; NULL of
                                  class maps and attention */
    float value;             /**< of what was asked for, by the FP32 network */
    uint32_t reserved;
    uint64_t first_sample; /**< of har_explain_stream: number of the window's first sample */
    uint64_t macs;         /**< spent */
} har_explanation;

/** Explains one window of the network's input: `rows` must be the model's window, `columns` its
 * signal_channel_count. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE (an option; a
 * class map or an attention that the network does not have), HAR_ERR_CHANNELS, HAR_ERR_ROWS,
 * HAR_ERR_SAMPLE_NOT_FINITE. Since 0.1. */
HAR_API int32_t har_explain_window(har_explainer *explainer, const float *window, size_t rows,
                                   uint32_t columns, const har_explain_options *options,
                                   har_explanation *explanation, har_error *error);

/** Explains the last window that the stream computed: that of the last event, or, where the still
 * gate repeated it, the one whose scores were. The stream is left as it is. Call it before the next
 * push, which may take the window's place. Errors: as har_explain_window, HAR_ERR_VALUE (a stream
 * of another model), HAR_ERR_NO_WINDOW. Since 0.1. */
HAR_API int32_t har_explain_stream(har_explainer *explainer, const har_stream *stream,
                                   const har_explain_options *options, har_explanation *explanation,
                                   har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_EXPLAIN_H */
