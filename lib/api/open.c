/* Opening, sharing and releasing models. */
#include <string.h>

#include "api/model.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/system.h"
#include "har/version.h"
#include "model/file.h"
#include "model/verify.h"

uint32_t har_version(void)
{
    return (uint32_t)HAR_VERSION_MAJOR << 16 | (uint32_t)HAR_VERSION_MINOR << 8 |
           (uint32_t)HAR_VERSION_PATCH;
}

void har_model_config_init(har_model_config *config, uint32_t struct_size)
{
    if (!config || struct_size < sizeof *config) return;
    memset(config, 0, sizeof *config);
    config->struct_size = struct_size;
}

/* A model takes at most 1 MiB and 16 times its file: its copy, packed weights and descriptions.
 * What ships takes three times. Packing rounds columns up to a register: only a file whose layers
 * all have one or two of them comes near 16. */
static size_t memory_limit(size_t file_bytes)
{
    const size_t fixed = (size_t)1 << 20;
    const size_t factor = 16;
    return file_bytes > (SIZE_MAX - fixed) / factor ? SIZE_MAX : fixed + factor * file_bytes;
}

/* A model with nothing in it but its pool. Errors: HAR_ERR_MEMORY, HAR_ERR_VALUE (config.backend,
 * HAR_CPU, HAR_BACKEND). */
static int32_t new_model(const har_model_config *config, size_t file_bytes, har_model **out,
                         har_error *error)
{
    uint32_t features;
    int32_t status = hari_cpu_allowed(config ? config->cpu_allowed : 0, &features, error);
    uint32_t backend;
    if (status == HAR_OK)
        status = hari_backend_choose(config ? config->backend : HAR_BACKEND_AUTO, &backend, error);
    if (status != HAR_OK) return status;
    hari_pool pool;
    hari_pool_init(&pool, config ? &config->allocator : NULL, memory_limit(file_bytes));
    har_model *model = hari_pool_alloc(&pool, 1, sizeof *model);
    if (!model) return hari_fail(error, HAR_ERR_MEMORY, "model");
    model->pool = pool;
    model->file_bytes = file_bytes;
    model->features = features;
    model->backend = backend;
    model->hop = config ? config->hop : 0;
    hari_shared_set(&model->references, 1);
    *out = model;
    return HAR_OK;
}

static void free_model(har_model *model)
{
    hari_pool pool = model->pool; /* the pool owns the model itself */
    hari_pool_free(&pool);
}

/* Checks the bytes and builds the model; frees it on error. */
static int32_t finish(har_model *model, const uint8_t *bytes, har_model **out, har_error *error)
{
    hari_pool scratch;
    hari_pool_init(&scratch, &model->pool.allocator, SIZE_MAX);
    int32_t status = hari_file_open(bytes, model->file_bytes, &scratch, &model->root, error);
    hari_pool_free(&scratch);
    if (status == HAR_OK) status = hari_model_build(model, error);
    if (status == HAR_OK)
        *out = model;
    else
        free_model(model);
    return status;
}

static int32_t check_call(const void *source, const har_model_config *config, har_model **out,
                          har_error *error)
{
    if (!out) return hari_fail(error, HAR_ERR_NULL, "model");
    *out = NULL;
    if (!source) return hari_fail(error, HAR_ERR_NULL, "path or bytes");
    if (!config) return HAR_OK;
    return hari_check_config(config->struct_size, sizeof *config, &config->allocator, error);
}

int32_t har_model_open_memory(const void *bytes, size_t size, const har_model_config *config,
                              har_model **out, har_error *error)
{
    int32_t status = check_call(bytes, config, out, error);
    if (status != HAR_OK) return status;
    har_model *model;
    status = new_model(config, size, &model, error);
    if (status != HAR_OK) return status;
    const bool copies = (config && config->copy_bytes) || (uintptr_t)bytes % HARI_ALIGNMENT != 0;
    if (!copies) return finish(model, bytes, out, error);
    uint8_t *copy = hari_pool_alloc_unset(&model->pool, size, 1);
    if (!copy) {
        free_model(model);
        return hari_fail(error, HAR_ERR_MEMORY, "copy of the file");
    }
    memcpy(copy, bytes, size);
    return finish(model, copy, out, error);
}

static int32_t read_file(hari_disk_file *file, const char *path, size_t size,
                         const har_model_config *config, har_model **out, har_error *error)
{
    if (size > HARI_MAX_FILE_BYTES)
        return hari_fail_bound(error, HAR_ERR_FILE_WIRE, (double)size, "at most",
                               HARI_MAX_FILE_BYTES, "file size");
    har_model *model;
    int32_t status = new_model(config, size, &model, error);
    if (status != HAR_OK) return status;
    uint8_t *bytes = hari_pool_alloc_unset(&model->pool, size, 1);
    if (!bytes)
        status = hari_fail(error, HAR_ERR_MEMORY, "file");
    else if (!hari_disk_read(file, bytes, size))
        status = hari_fail(error, HAR_ERR_FILE_READ, "\"%s\"", hari_end_of_path(path));
    if (status == HAR_OK) return finish(model, bytes, out, error);
    free_model(model);
    return status;
}

int32_t har_model_open_file(const char *path, const har_model_config *config, har_model **out,
                            har_error *error)
{
    int32_t status = check_call(path, config, out, error);
    if (status != HAR_OK) return status;
    hari_disk_file *file;
    size_t size;
    status = hari_disk_open(path, &file, &size, error);
    if (status != HAR_OK) return status;
    status = read_file(file, path, size, config, out, error);
    hari_disk_close(file);
    return status;
}

har_model *har_model_retain(har_model *model)
{
    if (model) hari_shared_add(&model->references, 1);
    return model;
}

void har_model_release(har_model *model)
{
    if (!model) return;
    if (hari_shared_drop(&model->references) == 1) free_model(model);
}
