/* Which backend a model takes. */
#include <string.h>

#include "base/error.h"
#include "base/system.h"
#include "exec/exec.h"

const char *har_backend_name(uint32_t backend)
{
    switch (backend) {
    case HAR_BACKEND_AUTO: return "auto";
    case HAR_BACKEND_NATIVE: return "native";
    case HAR_BACKEND_XNNPACK: return "xnnpack";
    default: return NULL;
    }
}

uint32_t har_backends(void)
{
    return HAR_BACKEND_NATIVE | (hari_xnnpack_runs() ? HAR_BACKEND_XNNPACK : 0u);
}

/* HAR_BACKEND_AUTO where HAR_BACKEND is not set. */
static int32_t backend_of_environment(uint32_t *backend, har_error *error)
{
    const char *name = hari_environment("HAR_BACKEND");
    *backend = HAR_BACKEND_AUTO;
    if (!name || !*name) return HAR_OK;
    const char *known;
    for (uint32_t b = HAR_BACKEND_AUTO; (known = har_backend_name(b)) != NULL; b++)
        if (strcmp(known, name) == 0) {
            *backend = b;
            return HAR_OK;
        }
    return hari_fail_text(error, HAR_ERR_VALUE, "must be auto, native or xnnpack",
                          "environment variable HAR_BACKEND \"%.32s\"", name);
}

int32_t hari_backend_choose(uint32_t wanted, uint32_t *backend, har_error *error)
{
    if (!har_backend_name(wanted))
        return hari_fail_bound(error, HAR_ERR_VALUE, wanted, "at most", HAR_BACKEND_XNNPACK,
                               "config.backend");
    int32_t status = backend_of_environment(backend, error);
    if (status != HAR_OK) return status;
    const bool is_set = wanted != HAR_BACKEND_AUTO;
    if (is_set) *backend = wanted;
    if (*backend != HAR_BACKEND_XNNPACK || hari_xnnpack_runs()) return HAR_OK;
    return hari_fail_text(error, HAR_ERR_VALUE,
                          "is xnnpack, which this library lacks or this machine cannot run",
                          is_set ? "config.backend" : "environment variable HAR_BACKEND");
}
