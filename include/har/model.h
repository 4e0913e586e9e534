/** @file
 * A model: one opened *.har file.
 *
 *     har_model *model;
 *     int32_t status = har_model_open_file("walk.har", NULL, &model, NULL);
 *     ...
 *     har_model_release(model);
 *
 * A model never changes after it is opened. Any number of threads and streams may use it at once.
 * It is reference-counted: opening gives one reference, every stream holds one.
 */
#ifndef HAR_MODEL_H
#define HAR_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "har/allocator.h"
#include "har/backend.h"
#include "har/export.h"
#include "har/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An opened model: immutable, counted by reference, shared by any number of threads. */
typedef struct har_model har_model;

/** How to open a model. NULL in place of a config means the defaults. */
typedef struct har_model_config {
    uint32_t struct_size;    /**< set by har_model_config_init */
    uint32_t copy_bytes;     /**< open_memory: 1 copies the bytes, 0 uses them in place (default) */
    har_allocator allocator; /**< both functions NULL (default): the heap; a library that was built
                                  without one (HAR_SYSTEM) has HAR_ERR_MEMORY */
    uint32_t cpu_allowed;    /**< HAR_CPU_* bits that kernels may use; 0 (default): all there are */
    uint32_t backend;        /**< HAR_BACKEND_*; HAR_BACKEND_AUTO (default): what the environment
                                  variable HAR_BACKEND names (auto, native, xnnpack), else the
                                  rule */
    uint32_t hop; /**< samples between windows that the kernels of overlapping windows are chosen
                       for, 1 to the window; 0 (default): the model's. Streams may have any other */
    uint32_t reserved;
} har_model_config;

/** Sets the defaults; `struct_size` is sizeof(har_model_config) of the caller. Since 0.1. */
HAR_API void har_model_config_init(har_model_config *config, uint32_t struct_size);

/** Opens the file at `path`, UTF-8 on Windows. The whole file is read into memory and checked,
 * every byte that is used later; the file is closed again. On success `*model` holds one reference;
 * on error it is NULL. HAR_ERR_VALUE is a backend that is unknown, or XNNPACK where har_backends()
 * lacks it, an unknown name in HAR_CPU or HAR_BACKEND, or a `hop` beyond the window. XNNPACK
 * allocates by itself, not through `allocator`: when a model with parts for it is opened, to try
 * them, and when a stream is made. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE,
 * HAR_ERR_MEMORY, HAR_ERR_FILE_*. Since 0.1. */
HAR_API int32_t har_model_open_file(const char *path, const har_model_config *config,
                                    har_model **model, har_error *error);

/** Opens a model that lies in memory: mapped, in flash, or inside the program. Unless `copy_bytes`
 * is set the bytes must stay, unchanged, until the last reference is gone; weights are used where
 * they lie when `bytes` is 64-byte aligned, else the file is copied once. Errors as
 * har_model_open_file. Since 0.1. */
HAR_API int32_t har_model_open_memory(const void *bytes, size_t size,
                                      const har_model_config *config, har_model **model,
                                      har_error *error);

/** One more reference. Any thread. Returns `model`; NULL stays NULL. Since 0.1. */
HAR_API har_model *har_model_retain(har_model *model);

/** One reference less; the last one frees the model. NULL is allowed. Any thread. Since 0.1. */
HAR_API void har_model_release(har_model *model);

/** What the network computes in. */
enum { HAR_NUMERIC_FP32 = 0, HAR_NUMERIC_INT8 = 1 };

/** What a model is, in numbers. */
typedef struct har_model_info {
    uint32_t struct_size;  /**< set by the caller before the call: sizeof(har_model_info) */
    uint32_t format_major; /**< of the file */
    uint32_t format_minor;
    uint32_t channel_count;        /**< columns that har_push_samples takes */
    uint32_t signal_channel_count; /**< columns after the signal steps */
    uint32_t class_count;          /**< 0: no network */
    uint32_t window;               /**< samples */
    uint32_t hop;                  /**< samples */
    uint32_t latency;              /**< samples by which the signal steps lag behind */
    uint32_t signal_step_count;
    uint32_t plan_step_count;
    uint32_t golden_count;
    uint32_t measurement_count;
    uint32_t numeric; /**< HAR_NUMERIC_*: what the convolutions and dense layers run in */
    double rate_hz;
    uint64_t file_bytes;
    uint64_t model_bytes;  /**< memory owned by the model, the copy of the file included */
    uint64_t stream_bytes; /**< memory of a stream with the default config */
    uint64_t arena_bytes;  /**< of that, the tensors of the network */
    uint64_t parameters;   /**< weights and biases */
    uint64_t macs;         /**< multiply-accumulates of one window */
} har_model_info;

/** Fills `info`. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE. Any thread. Since 0.1. */
HAR_API int32_t har_model_get_info(const har_model *model, har_model_info *info);

/** The texts of a model's card. */
enum {
    HAR_TEXT_NAME = 0,
    HAR_TEXT_VERSION = 1,
    HAR_TEXT_DESCRIPTION = 2,
    HAR_TEXT_TRAINING_DATA = 3,
    HAR_TEXT_SPLIT = 4,
    HAR_TEXT_LICENCE = 5,
    HAR_TEXT_SOURCE = 6,
    HAR_TEXT_DEVICES = 7 /**< what the training data were recorded with */
};

/** A text of the card, "" where the file has none, NULL for an unknown `which` or a NULL model.
 * UTF-8, owned by the model. Any thread. Since 0.1. */
HAR_API const char *har_model_text(const har_model *model, int32_t which);

/** The name of class `index`, NULL when out of range. Owned by the model. Any thread. Since 0.1. */
HAR_API const char *har_model_class_name(const har_model *model, uint32_t index);

/** One sensor channel, in the order har_push_samples takes them. Texts are owned by the model. */
typedef struct har_channel_info {
    uint32_t struct_size; /**< set by the caller before the call */
    uint32_t reserved;
    const char *name;      /**< "acc_x" */
    const char *kind;      /**< "accelerometer" */
    const char *axis;      /**< "x" */
    const char *unit;      /**< "g", "m/s^2", "rad/s" ... */
    const char *placement; /**< "waist" */
} har_channel_info;

/** Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE (index). Any thread. Since 0.1. */
HAR_API int32_t har_model_get_channel(const har_model *model, uint32_t index,
                                      har_channel_info *info);

/** One measured figure of the card. Texts are owned by the model. */
typedef struct har_measurement {
    uint32_t struct_size; /**< set by the caller before the call */
    uint32_t reserved;
    const char *metric; /**< "accuracy", "f1/WALKING" */
    const char *split;  /**< on what it was counted */
    double value;
    double low; /**< of the interval */
    double high;
    const char *interval; /**< "95 %, bootstrap over 9 people", "" where there is none */
} har_measurement;

/** Fills `measurement`, up to its `struct_size` where the caller was compiled with an older header.
 * Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE (index). Any thread. Since 0.1. */
HAR_API int32_t har_model_get_measurement(const har_model *model, uint32_t index,
                                          har_measurement *measurement);

/** A text for signal step `index`, as "lowpass order 10 at 20 Hz on 0-5". Writes at most `size`
 * bytes including the final 0. Errors: HAR_ERR_NULL, HAR_ERR_VALUE (index). Since 0.1. */
HAR_API int32_t har_model_describe_signal_step(const har_model *model, uint32_t index, char *text,
                                               size_t size);

/** One step of the plan: an op of the graph with what was fused into it. Texts are owned by the
 * model. */
typedef struct har_plan_step {
    uint32_t struct_size; /**< set by the caller before the call */
    uint32_t rows;        /**< of the output */
    uint32_t columns;
    uint32_t in_place;   /**< 1: the output takes the place of the input */
    const char *name;    /**< the op's name in the file */
    const char *op;      /**< "conv1d" */
    const char *fused;   /**< "affine relu maxpool2", "" for nothing */
    const char *backend; /**< "native", "xnnpack" */
    const char *kernel;  /**< its instruction set: "avx2", "ref"; "xnnpack" where that chooses */
    uint64_t macs;
    uint64_t weight_bytes;
    uint64_t offset; /**< of the output in the arena */
    const char
        *reason; /**< why this kernel: "Winograd F(4,3): 0.50 of the products", "" for no choice */
} har_plan_step;

/** Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_VALUE (index). Any thread. Since 0.1. */
HAR_API int32_t har_model_get_plan_step(const har_model *model, uint32_t index,
                                        har_plan_step *step);

/** What a step does for a window that overlaps the last one. Texts are owned by the model. */
typedef struct har_overlap_step {
    uint32_t struct_size; /**< set by the caller before the call */
    uint32_t rows;        /**< of the output; of a recurrent layer, of the input */
    uint32_t kept;        /**< of them, those that the last window has left */
    uint32_t reserved;
    uint64_t macs; /**< of the others */
    const char
        *kernel; /**< the instruction set; it may be another kernel's than a fresh window's */
    const char *reason; /**< why that kernel, "" for no choice */
    const char *note;   /**< why nothing is kept, "" where something is */
} har_overlap_step;

/** What plan step `index` does in a stream with windows `hop` samples apart, 1 to the window, from
 * its second window on; hop 0: the model's. Errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE,
 * HAR_ERR_VALUE (index, hop). Any thread. Since 0.1. */
HAR_API int32_t har_model_get_overlap_step(const har_model *model, uint32_t index, uint32_t hop,
                                           har_overlap_step *step);

/** What har_model_selftest found. Texts are owned by the model. */
typedef struct har_selftest {
    uint32_t struct_size; /**< set by the caller before the call */
    uint32_t checked;     /**< golden vectors reproduced before the first that was not */
    const char *golden;   /**< the name of the first that differs, NULL when none does */
    const char *stage;    /**< "signal", "network", "scores" or "label"; NULL when none differs */
    uint32_t index;       /**< first value of that stage outside the tolerance */
    uint32_t reserved;
    double expected;
    double found;
    double tolerance;
    double worst_signal; /**< largest difference over all vectors that were compared */
    double worst_network;
    double worst_scores;
} har_selftest;

/** Runs every golden vector of the file through a fresh stream and compares after the signal steps,
 * after the network and after the decision. Allocates a stream for the time of the call.
 * HAR_OK: all reproduced. HAR_ERR_GOLDEN_MISMATCH: `report` names the first step that differs.
 * Other errors: HAR_ERR_NULL, HAR_ERR_STRUCT_SIZE, HAR_ERR_NO_NETWORK, HAR_ERR_NO_GOLDEN,
 * HAR_ERR_MEMORY. Any thread. Since 0.1. */
HAR_API int32_t har_model_selftest(const har_model *model, har_selftest *report, har_error *error);

#ifdef __cplusplus
}
#endif

#endif /* HAR_MODEL_H */
