/* The model handle: the file, everything built from it, and the number of its users. */
#ifndef HARI_API_MODEL_H
#define HARI_API_MODEL_H

#include "base/memory.h"
#include "base/shared.h"
#include "har/model.h"
#include "model/wire.h"
#include "stream/recognizer.h"

struct har_model {
    hari_shared references;
    hari_pool pool; /* owns this struct too */
    hari_table root;
    size_t file_bytes;
    uint32_t features; /* HAR_CPU_* that kernels may use */
    uint32_t backend;  /* HAR_BACKEND_* that was asked for */
    uint32_t hop;      /* of the config */
    hari_recognizer recognizer;
};

/* Builds the recognizer of an opened file; `model->root` and `model->pool` are there.
 * Errors: HAR_ERR_FILE_MEANING, HAR_ERR_MEMORY. */
int32_t hari_model_build(har_model *model, har_error *error);

#endif /* HARI_API_MODEL_H */
