/* har selftest: does this machine compute what was trained? */
#include <inttypes.h>
#include <stdio.h>

#include "args.h"
#include "command.h"
#include "json.h"

static void write_text(const char *path, const har_model_info *info, const har_selftest *found)
{
    printf("%s: %" PRIu32 " of %" PRIu32 " golden vectors reproduced\n", path, found->checked,
           info->golden_count);
    if (found->golden != NULL) {
        printf("golden vector '%s' differs first at stage %s, value %" PRIu32
               ": expected %.9g, found %.9g, off by %.3g, allowed %.3g\n",
               found->golden, found->stage, found->index, found->expected, found->found,
               found->found - found->expected, found->tolerance);
    }
    printf("largest differences: signal %.3g, network %.3g, scores %.3g\n", found->worst_signal,
           found->worst_network, found->worst_scores);
}

static void write_first_difference(json_writer *json, const har_selftest *found)
{
    if (found->golden == NULL) {
        json_text(json, "first_difference", NULL);
        return;
    }
    json_open(json, "first_difference", '{');
    json_text(json, "golden", found->golden);
    json_text(json, "stage", found->stage);
    json_uint(json, "index", found->index);
    json_double(json, "expected", found->expected);
    json_double(json, "found", found->found);
    json_double(json, "tolerance", found->tolerance);
    json_close(json, '}');
}

static void write_json(const har_model *model, const har_model_info *info,
                       const har_selftest *found)
{
    json_writer json = json_begin(stdout);
    json_open(&json, NULL, '{');
    json_text(&json, "model", har_model_text(model, HAR_TEXT_NAME));
    json_bool(&json, "reproduced", found->golden == NULL);
    json_uint(&json, "golden_count", info->golden_count);
    json_uint(&json, "checked", found->checked);
    json_open(&json, "largest_difference", '{');
    json_double(&json, "signal", found->worst_signal);
    json_double(&json, "network", found->worst_network);
    json_double(&json, "scores", found->worst_scores);
    json_close(&json, '}');
    write_first_difference(&json, found);
    json_close(&json, '}');
    json_end_line(&json);
}

static int selftest(const har_model *model, const har_model_info *info, const char *path,
                    bool as_json)
{
    har_error error;
    har_error_init(&error, sizeof error);
    har_selftest found = {.struct_size = sizeof found};
    int32_t status = har_model_selftest(model, &found, &error);
    if (status != HAR_OK && status != HAR_ERR_GOLDEN_MISMATCH)
        return report_error("selftest", path, status, &error);
    if (as_json) {
        write_json(model, info, &found);
    } else {
        write_text(path, info, &found);
    }
    int exit_status = flush_output("selftest");
    return exit_status == EXIT_DONE && status != HAR_OK ? EXIT_DIFFERS : exit_status;
}

int cmd_selftest(int count, char **words)
{
    bool as_json = false;
    const arg_option accepted[] = {{.name = "--json", .flag = &as_json}};
    static const char *const operand_names[] = {"MODEL"};
    const arg_spec spec = {"selftest", accepted, 1, operand_names, 1};
    const char *path;
    if (!parse_args(&spec, count, words, &path)) return EXIT_USAGE;
    har_model_info info;
    int exit_status = EXIT_DONE;
    har_model *model = open_model("selftest", path, &info, &exit_status);
    if (model == NULL) return exit_status;
    exit_status = selftest(model, &info, path, as_json);
    har_model_release(model);
    return exit_status;
}
