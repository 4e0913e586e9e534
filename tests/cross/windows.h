/* What the tests take from C11 and POSIX and Windows has under other names; included before all
 * else in each of their files. */
#ifndef CROSS_WINDOWS_H
#define CROSS_WINDOWS_H

#include <stdlib.h>

#include <malloc.h>
#include <string.h>

static inline void *zeroed_memory(size_t size)
{
    void *memory = _aligned_malloc(size, 16);
    if (memory) memset(memory, 0, size);
    return memory;
}

static inline int aligned_memory(void **memory, size_t alignment, size_t size)
{
    *memory = _aligned_malloc(size, alignment);
    return *memory ? 0 : 12; /* ENOMEM */
}

/* Memory that any of these gives goes back by the same free. */
#define malloc(size) _aligned_malloc(size, 16)
#define calloc(count, size) zeroed_memory((count) * (size))
#define aligned_alloc(alignment, size) _aligned_malloc(size, alignment)
#define posix_memalign aligned_memory
#define free(memory) _aligned_free(memory)

#define setenv(name, value, overwrite) _putenv_s(name, value)
#define unsetenv(name) _putenv_s(name, "")

#endif /* CROSS_WINDOWS_H */
