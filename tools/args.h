/* The words of a command line: options, which may stand anywhere, and operands. */
#ifndef HAR_TOOLS_ARGS_H
#define HAR_TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A flag sets `*flag`; an option with a whole number from 1 to `most` sets `*number`; one with a
 * text sets `*text`. */
typedef struct arg_option {
    const char *name; /* "--json" */
    bool *flag;
    uint32_t *number;
    uint32_t most;
    const char **text;
} arg_option;

/* What a command takes. */
typedef struct arg_spec {
    const char *command;
    const arg_option *options;
    size_t option_count;
    const char *const *operand_names; /* every one is required */
    size_t operand_count;
} arg_spec;

/* Sorts `words` into options and `operands` (operand_count of them). `--` ends the options, `-` is
 * an operand. On error says so on standard error and returns false. */
bool parse_args(const arg_spec *spec, int count, char **words, const char **operands);

#endif /* HAR_TOOLS_ARGS_H */
