/* Without an operating system: all memory is the caller's, and models lie in memory. */
#include "base/error.h"
#include "base/system.h"

const char *hari_environment(const char *name)
{
    (void)name;
    return NULL;
}

void *hari_heap_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    (void)size;
    (void)alignment;
    return NULL;
}

void hari_heap_release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)memory;
    (void)size;
}

const char *hari_end_of_path(const char *path) { return path; }

int32_t hari_disk_open(const char *path, hari_disk_file **file, size_t *size, har_error *error)
{
    (void)path;
    (void)file;
    (void)size;
    return hari_fail_text(error, HAR_ERR_FILE_OPEN, "was built without files (HAR_SYSTEM)",
                          "this library");
}

bool hari_disk_read(hari_disk_file *file, void *bytes, size_t size)
{
    (void)file;
    (void)bytes;
    (void)size;
    return false;
}

void hari_disk_close(hari_disk_file *file) { (void)file; }
