/** @file
 * The version of the library and of the file format it reads. */
#ifndef HAR_VERSION_H
#define HAR_VERSION_H

#include <stdint.h>

#include "har/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HAR_VERSION_MAJOR 0
#define HAR_VERSION_MINOR 1
#define HAR_VERSION_PATCH 0
#define HAR_VERSION_TEXT "0.1.0"

/** Model files of this major and of any minor are read; a newer minor only when the file does not
 * name, in `required_features`, a feature this library lacks. */
#define HAR_FORMAT_MAJOR 1
#define HAR_FORMAT_MINOR 0

/** major << 16 | minor << 8 | patch of the library that is loaded. Any thread. Since 0.1. */
HAR_API uint32_t har_version(void);

#ifdef __cplusplus
}
#endif

#endif /* HAR_VERSION_H */
