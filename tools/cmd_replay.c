/* har replay: a flight file again, and whether the labels are the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "command.h"
#include "flight_input.h"

static void say_difference(const hari_flight_head *head, const hari_flight_head *here,
                           const hari_flight_difference *difference)
{
    printf("event %" PRIu64 ", window from sample %" PRId64 ": %s is %.9g, was %.9g\n",
           difference->event, difference->sample, difference->field, difference->second,
           difference->first);
    if (strcmp(head->kernels, here->kernels) == 0) return;
    printf("recorded with the kernels '%s', run with '%s'%s\n", head->kernels, here->kernels,
           head->numeric == HAR_NUMERIC_INT8
               ? ""
               : ": FP32 has the same bits on the same instruction set alone (HAR_CPU)");
}

static int replay(const hari_flight_file *file, har_model *model, const char *path)
{
    const char *other = hari_flight_other_model(&file->head, model);
    if (other[0] != '\0') {
        fprintf(stderr, "har replay: %s: was recorded with another model: %s differs (%s %s)\n",
                path, other, file->head.name, file->head.version);
        return EXIT_MODEL;
    }
    har_error error;
    har_error_init(&error, sizeof error);
    uint64_t events;
    hari_flight_difference difference;
    const int32_t status = hari_flight_replay(file, model, &events, &difference, &error);
    if (status != HAR_OK) return report_error("replay", path, status, &error);
    hari_flight_head here;
    hari_flight_head_of(&here, model, NULL);
    printf("%s: %" PRIu64 " events reproduced, bit for bit\n", path, events);
    if (difference.found) say_difference(&file->head, &here, &difference);
    const int exit_status = flush_output("replay");
    return exit_status == EXIT_DONE && difference.found ? EXIT_DIFFERS : exit_status;
}

int cmd_replay(int count, char **words)
{
    static const char *const operand_names[] = {"MODEL", "FLIGHT"};
    const arg_spec spec = {"replay", NULL, 0, operand_names, 2};
    const char *paths[2];
    if (!parse_args(&spec, count, words, paths)) return EXIT_USAGE;
    har_model_info info;
    int exit_status = EXIT_DONE;
    har_model *model = open_model("replay", paths[0], &info, &exit_status);
    if (model == NULL) return exit_status;
    flight_input input = {.bytes = NULL};
    exit_status = flight_input_open(&input, "replay", paths[1]);
    if (exit_status == EXIT_DONE) exit_status = replay(&input.file, model, paths[1]);
    free(input.bytes);
    har_model_release(model);
    return exit_status;
}
