#include "flight_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"

/* The whole file; NULL where it cannot be read, or is longer than any flight file. */
static uint8_t *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    uint8_t *bytes = NULL;
    const long length = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (length >= 0 && length < INT32_MAX && fseek(file, 0, SEEK_SET) == 0) {
        *size = (size_t)length;
        bytes = malloc(*size + 1);
        if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(file);
    return bytes;
}

int flight_input_open(flight_input *input, const char *command, const char *path)
{
    size_t size = 0;
    errno = 0;
    input->bytes = read_whole(path, &size);
    if (input->bytes == NULL) {
        fprintf(stderr, "har %s: %s: cannot be read: %s\n", command, path,
                errno != 0 ? strerror(errno) : "it is no file, or longer than any flight");
        return EXIT_RECORDING;
    }
    const char *problem = hari_flight_open(&input->file, input->bytes, size);
    if (problem == NULL) return EXIT_DONE;
    fprintf(stderr, "har %s: %s: %s\n", command, path, problem);
    return EXIT_RECORDING;
}
