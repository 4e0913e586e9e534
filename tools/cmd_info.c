/* har info: what a model is. */
#include <stdio.h>

#include "args.h"
#include "command.h"
#include "info_output.h"

int cmd_info(int count, char **words)
{
    bool as_json = false;
    bool with_plan = false;
    uint32_t hop = 0;
    const arg_option accepted[] = {
        {.name = "--json", .flag = &as_json},
        {.name = "--plan", .flag = &with_plan},
        {.name = "--hop", .number = &hop, .most = UINT32_MAX},
    };
    static const char *const operand_names[] = {"MODEL"};
    const arg_spec spec = {"info", accepted, 3, operand_names, 1};
    const char *path;
    if (!parse_args(&spec, count, words, &path)) return EXIT_USAGE;
    har_model_info info;
    int exit_status = EXIT_DONE;
    har_model *model = open_model_for("info", path, hop, &info, &exit_status);
    if (model == NULL) return exit_status;
    if (as_json) {
        write_info_json(model, &info, with_plan, hop);
    } else {
        write_info_text(model, &info, with_plan, hop);
    }
    har_model_release(model);
    return flush_output("info");
}
