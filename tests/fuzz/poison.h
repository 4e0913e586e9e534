/* Marks bytes as not to be read, where AddressSanitizer watches. */
#ifndef TESTS_FUZZ_POISON_H
#define TESTS_FUZZ_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define HAS_ASAN 0
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

#endif /* TESTS_FUZZ_POISON_H */
