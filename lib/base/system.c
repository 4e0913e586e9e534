/* madvise is not C11. */
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE
#endif

#include "base/system.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

#include "base/checked.h"
#include "base/error.h"

const char *hari_environment(const char *name) { return getenv(name); }

/* Weights are megabytes that every window reads from end to end: in huge pages, where the system
 * gives them, they take few entries of the address cache, and few faults at load. Only whole huge
 * pages are asked for, so no memory is spent on it. */
enum { HUGE_PAGE = 1 << 21 };

static void ask_for_huge_pages(unsigned char *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
    const size_t skip = (size_t)(-(uintptr_t)memory & (uintptr_t)(HUGE_PAGE - 1));
    if (size < skip) return;
    const size_t whole = (size - skip) & ~(size_t)(HUGE_PAGE - 1);
    if (whole > 0) (void)madvise(memory + skip, whole, MADV_HUGEPAGE); /* a wish, no more */
#else
    (void)memory;
    (void)size;
#endif
}

/* malloc aligns to no more than max_align_t: take more and keep the real address just before. */
void *hari_heap_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    size_t total;
    if (size >= HUGE_PAGE) alignment = HUGE_PAGE;
    if (!hari_add_size(size, alignment + sizeof(void *), &total)) return NULL;
    unsigned char *block = malloc(total);
    if (!block) return NULL;
    uintptr_t start = (uintptr_t)block + sizeof(void *);
    size_t skip = (size_t)(-start & (uintptr_t)(alignment - 1));
    unsigned char *aligned = block + sizeof(void *) + skip;
    memcpy(aligned - sizeof(void *), &block, sizeof block);
    if (size >= HUGE_PAGE) ask_for_huge_pages(aligned, size);
    return aligned;
}

void hari_heap_release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)size;
    if (!memory) return;
    void *block;
    memcpy(&block, (unsigned char *)memory - sizeof(void *), sizeof block);
    free(block);
}

#if defined(_WIN32)
enum { MOST_PATH = 4096 }; /* UTF-16 units */

/* fopen of Windows takes the path in the code page of the user; this one in UTF-8. */
static FILE *open_to_read(const char *path)
{
    wchar_t wide[MOST_PATH];
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, MOST_PATH) == 0)
        return NULL;
    return _wfopen(wide, L"rb");
}
#else
static FILE *open_to_read(const char *path) { return fopen(path, "rb"); }
#endif

const char *hari_end_of_path(const char *path)
{
    const size_t most = 80;
    const size_t length = strlen(path);
    if (length <= most) return path;
    const char *end = path + length - most;
    while (((unsigned char)*end & 0xC0) == 0x80) end++; /* not in the middle of a UTF-8 sequence */
    return end;
}

/* The length of an open file, -1 when it cannot be told: a folder ends at LONG_MAX on Linux. */
static long length_of(FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0) return -1;
    long length = ftell(file);
    return length < LONG_MAX && fseek(file, 0, SEEK_SET) == 0 ? length : -1;
}

int32_t hari_disk_open(const char *path, hari_disk_file **file, size_t *size, har_error *error)
{
    FILE *opened = open_to_read(path);
    if (!opened) return hari_fail(error, HAR_ERR_FILE_OPEN, "\"%s\"", hari_end_of_path(path));
    const long length = length_of(opened);
    if (length < 0) {
        fclose(opened);
        return hari_fail(error, HAR_ERR_FILE_READ, "\"%s\"", hari_end_of_path(path));
    }
    *file = (hari_disk_file *)(void *)opened;
    *size = (size_t)length;
    return HAR_OK;
}

bool hari_disk_read(hari_disk_file *file, void *bytes, size_t size)
{
    return fread(bytes, 1, size, (FILE *)(void *)file) == size;
}

void hari_disk_close(hari_disk_file *file) { fclose((FILE *)(void *)file); }
