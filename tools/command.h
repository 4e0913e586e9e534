/* The subcommands of `har` and what the program's exit status says. */
#ifndef HAR_TOOLS_COMMAND_H
#define HAR_TOOLS_COMMAND_H

#include <stdint.h>

#include "har/har.h"

enum {
    EXIT_DONE = 0,
    EXIT_DIFFERS = 1, /* selftest: a golden vector was not reproduced; replay, diff: they differ */
    EXIT_USAGE = 2,   /* the command line */
    EXIT_RECORDING = 3, /* the recording: missing, unreadable, or not of the documented layout */
    EXIT_MODEL = 4,     /* the model: missing, damaged, or without what the command needs */
    EXIT_SYSTEM = 5     /* no memory, or the output cannot be written */
};

/* Each gets the words after its own name and returns an exit status. */
int cmd_bench(int count, char **words);
int cmd_diff(int count, char **words);
int cmd_info(int count, char **words);
int cmd_replay(int count, char **words);
int cmd_run(int count, char **words);
int cmd_selftest(int count, char **words);

/* Opens the model for `command`. On error says why on standard error, sets `*exit_status` and
 * returns NULL. The caller releases the model. */
har_model *open_model(const char *command, const char *path, har_model_info *info,
                      int *exit_status);

/* The same with kernels for windows `hop` samples apart; 0: the model's hop. */
har_model *open_model_for(const char *command, const char *path, uint32_t hop, har_model_info *info,
                          int *exit_status);

/* Says on standard error that a call of the library failed; returns the exit status for it. */
int report_error(const char *command, const char *subject, int32_t status, const har_error *error);

/* Says on standard error that there was no memory; returns EXIT_SYSTEM. */
int report_no_memory(const char *command);

/* Writes out what is buffered for standard output. EXIT_DONE, or EXIT_SYSTEM after saying so. */
int flush_output(const char *command);

#endif /* HAR_TOOLS_COMMAND_H */
