/* What the library takes from the operating system: files, environment variables, the heap.
 * system_absent.c has none of them, for boards without one. */
#ifndef HARI_BASE_SYSTEM_H
#define HARI_BASE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "har/status.h"

/* The value of an environment variable, NULL where it is not set. */
const char *hari_environment(const char *name);

/* As the functions of har_allocator; `user` is not read. */
void *hari_heap_allocate(void *user, size_t size, size_t alignment);
void hari_heap_release(void *user, void *memory, size_t size);

/* An open file: a FILE of the C library. */
typedef struct hari_disk_file hari_disk_file;

/* `path` is UTF-8. Errors: HAR_ERR_FILE_OPEN, HAR_ERR_FILE_READ (its length cannot be told). */
int32_t hari_disk_open(const char *path, hari_disk_file **file, size_t *size, har_error *error);

/* The first `size` bytes; false when there are fewer. */
bool hari_disk_read(hari_disk_file *file, void *bytes, size_t size);

void hari_disk_close(hari_disk_file *file);

/* The end of a path, which names the file, as long as an error's field can show it. */
const char *hari_end_of_path(const char *path);

#endif /* HARI_BASE_SYSTEM_H */
