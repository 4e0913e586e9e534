/** @file
 * What runs the network: the library's own kernels, or XNNPACK where the library was built with it.
 */
#ifndef HAR_BACKEND_H
#define HAR_BACKEND_H

#include <stdint.h>

#include "har/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** AUTO: the native kernels wherever this processor has one of their vector instruction sets;
 * XNNPACK where only the plain C kernels would run. XNNPACK takes the steps it can and the native
 * kernels the rest. FP32 scores of the two agree to 1e-5 in every probability; INT8 scores have the
 * same bits. */
enum { HAR_BACKEND_AUTO = 0, HAR_BACKEND_NATIVE = 1, HAR_BACKEND_XNNPACK = 2 };

/** The backends of this library and machine: HAR_BACKEND_NATIVE, with HAR_BACKEND_XNNPACK added
 * where the library was built with XNNPACK and XNNPACK can run here. Any thread. Since 0.1. */
HAR_API uint32_t har_backends(void);

/** "auto", "native" or "xnnpack"; NULL for anything else. Since 0.1. */
HAR_API const char *har_backend_name(uint32_t backend);

#ifdef __cplusplus
}
#endif

#endif /* HAR_BACKEND_H */
