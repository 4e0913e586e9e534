/* A hash of the scores of many windows, to compare machines by. WINDOWS holds windows after the
 * signal steps, binary32 as this machine has it, [windows][samples][columns].
 *
 *     score_hash MODEL WINDOWS [MOST]
 *
 * Prints `windows hash`: 64-bit FNV-1a (Fowler, Noll, Vo) over the bits of all scores in order, the
 * lowest byte first, and the decided class after those of each window. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "har/har.h"

enum { ALIGNMENT = 64 };

/* For libraries without a heap of their own, too. Nothing is given back: the program ends. */
static void *allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    unsigned char *block = malloc(size + alignment);
    if (!block) return NULL;
    return block + (size_t)(-(uintptr_t)block & (uintptr_t)(alignment - 1));
}

static void release(void *user, void *memory, size_t size)
{
    (void)user;
    (void)memory;
    (void)size;
}

static const har_allocator heap = {.user = NULL, .allocate = allocate, .release = release};

static void add_bits(uint64_t *hash, uint32_t bits)
{
    for (int i = 0; i < 4; i++) {
        *hash ^= bits >> 8 * i & 255;
        *hash *= UINT64_C(0x100000001b3);
    }
}

static void add_event(uint64_t *hash, const har_event *event)
{
    for (uint32_t i = 0; i < event->score_count; i++) {
        uint32_t bits;
        memcpy(&bits, &event->scores[i], sizeof bits);
        add_bits(hash, bits);
    }
    add_bits(hash, (uint32_t)event->class_index);
}

/* All bytes of a file, aligned; its length is found by reading, which every C library can. */
static void *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    size_t room = 16384;
    *size = 0;
    while (file) {
        unsigned char *larger = allocate(NULL, room, ALIGNMENT);
        if (!larger) return NULL;
        if (bytes) memcpy(larger, bytes, *size);
        bytes = larger;
        *size += fread(bytes + *size, 1, room - *size, file);
        if (*size < room) break;
        room *= 2;
    }
    if (file) fclose(file);
    return bytes;
}

/* The model of a file, used where it lies. */
static int32_t open_model(const char *path, har_model **model, har_error *error)
{
    size_t size;
    const void *bytes = read_file(path, &size);
    if (!bytes) return HAR_ERR_FILE_READ;
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = heap;
    return har_model_open_memory(bytes, size, &config, model, error);
}

static int32_t create_stream(har_model *model, har_stream **stream, har_error *error)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.allocator = heap;
    config.reuse = HAR_REUSE_OFF;
    return har_stream_create(model, &config, stream, error);
}

static int32_t hash_windows(har_stream *stream, const har_model_info *info, FILE *windows,
                            unsigned long most, har_error *error)
{
    const size_t values = (size_t)info->window * info->signal_channel_count;
    float *window = malloc(values * sizeof *window);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    unsigned long count = 0;
    int32_t status = window ? HAR_OK : HAR_ERR_MEMORY;
    while (status == HAR_OK && count < most &&
           fread(window, sizeof *window, values, windows) == values) {
        har_event event = {.struct_size = sizeof event};
        status = har_classify_window(stream, window, info->window, info->signal_channel_count,
                                     &event, error);
        if (status == HAR_OK) add_event(&hash, &event);
        count++;
    }
    if (status == HAR_OK)
        printf("%lu %08lx%08lx\n", count, (unsigned long)(hash >> 32),
               (unsigned long)(hash & UINT32_MAX));
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: score_hash MODEL WINDOWS [MOST]\n", stderr);
        return 2;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    har_stream *stream = NULL;
    har_model_info info = {.struct_size = sizeof info};
    FILE *windows = fopen(argv[2], "rb");
    int32_t status = windows ? open_model(argv[1], &model, &error) : HAR_ERR_FILE_OPEN;
    if (status == HAR_OK) status = har_model_get_info(model, &info);
    if (status == HAR_OK) status = create_stream(model, &stream, &error);
    const unsigned long most = argc > 3 ? strtoul(argv[3], NULL, 10) : (unsigned long)-1;
    if (status == HAR_OK) status = hash_windows(stream, &info, windows, most, &error);
    if (status != HAR_OK)
        fprintf(stderr, "score_hash: %s: %s\n", har_status_name(status), error.text);
    return status == HAR_OK ? 0 : 1;
}
