/** @file
 * HAR_API marks what the library exports. */
#ifndef HAR_EXPORT_H
#define HAR_EXPORT_H

#if defined(_WIN32) && defined(HAR_SHARED)
#ifdef HAR_BUILDING
#define HAR_API __declspec(dllexport)
#else
#define HAR_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define HAR_API __attribute__((visibility("default")))
#else
#define HAR_API
#endif

#endif /* HAR_EXPORT_H */
