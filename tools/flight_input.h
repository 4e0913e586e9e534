/* Flight files as input of the program. */
#ifndef HAR_TOOLS_FLIGHT_INPUT_H
#define HAR_TOOLS_FLIGHT_INPUT_H

#include "../flight/replay.h"

typedef struct flight_input {
    hari_flight_file file;
    uint8_t *bytes;
} flight_input;

/* Reads the file at `path`. EXIT_DONE, or another exit status after saying why. The caller frees
 * `bytes`, whatever was returned. */
int flight_input_open(flight_input *input, const char *command, const char *path);

#endif /* HAR_TOOLS_FLIGHT_INPUT_H */
