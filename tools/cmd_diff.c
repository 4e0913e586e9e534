/* har diff: what two flight files differ in first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "command.h"
#include "flight_input.h"

static bool compare(const hari_flight_file *a, const hari_flight_file *b)
{
    const char *other = hari_flight_other_config(a, b);
    if (other[0] != '\0') printf("%s differs\n", other);
    if (strcmp(a->head.kernels, b->head.kernels) != 0)
        printf("kernels: '%s', '%s'\n", a->head.kernels, b->head.kernels);
    hari_flight_difference input;
    hari_flight_difference event;
    hari_flight_compare(a, b, &input, &event);
    if (input.found)
        printf("the input differs first at sample %" PRId64 ", %s: %.9g, %.9g\n", input.sample,
               input.field, input.first, input.second);
    if (event.found)
        printf("the events differ first at event %" PRIu64 ", window from sample %" PRId64
               ", %s: %.9g, %.9g\n",
               event.event, event.sample, event.field, event.first, event.second);
    const bool same = other[0] == '\0' && !input.found && !event.found;
    if (same) printf("the same input, configuration and events\n");
    return same;
}

int cmd_diff(int count, char **words)
{
    static const char *const operand_names[] = {"FLIGHT", "FLIGHT"};
    const arg_spec spec = {"diff", NULL, 0, operand_names, 2};
    const char *paths[2];
    if (!parse_args(&spec, count, words, paths)) return EXIT_USAGE;
    flight_input inputs[2] = {{.bytes = NULL}, {.bytes = NULL}};
    int exit_status = flight_input_open(&inputs[0], "diff", paths[0]);
    if (exit_status == EXIT_DONE) exit_status = flight_input_open(&inputs[1], "diff", paths[1]);
    if (exit_status == EXIT_DONE) {
        const bool same = compare(&inputs[0].file, &inputs[1].file);
        exit_status = flush_output("diff");
        if (exit_status == EXIT_DONE && !same) exit_status = EXIT_DIFFERS;
    }
    free(inputs[0].bytes);
    free(inputs[1].bytes);
    return exit_status;
}
