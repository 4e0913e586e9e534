#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int exit_status_of(int32_t status)
{
    switch (status) {
    case HAR_ERR_MEMORY: return EXIT_SYSTEM;
    case HAR_ERR_SAMPLE_NOT_FINITE:
    case HAR_ERR_TIME_BACKWARDS:
    case HAR_ERR_TIME_MIXED: return EXIT_RECORDING;
    default: return EXIT_MODEL;
    }
}

int report_error(const char *command, const char *subject, int32_t status, const har_error *error)
{
    const char *text = error->text[0] != '\0' ? error->text : har_status_text(status);
    fprintf(stderr, "har %s: %s: %s (%s)\n", command, subject, text, har_status_name(status));
    return exit_status_of(status);
}

int report_no_memory(const char *command)
{
    fprintf(stderr, "har %s: not enough memory\n", command);
    return EXIT_SYSTEM;
}

har_model *open_model(const char *command, const char *path, har_model_info *info, int *exit_status)
{
    return open_model_for(command, path, 0, info, exit_status);
}

har_model *open_model_for(const char *command, const char *path, uint32_t hop, har_model_info *info,
                          int *exit_status)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.hop = hop;
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    int32_t status = har_model_open_file(path, &config, &model, &error);
    if (status == HAR_OK) {
        info->struct_size = sizeof *info;
        status = har_model_get_info(model, info);
    }
    if (status == HAR_OK) return model;
    if (status == HAR_ERR_VALUE && strcmp(error.field, "config.hop") == 0) {
        fprintf(stderr, "har %s: --hop %.0f: the window of the model is %.0f\n", command,
                error.value, error.bound);
        *exit_status = EXIT_USAGE;
    } else {
        *exit_status = report_error(command, path, status, &error);
    }
    har_model_release(model);
    return NULL;
}

int flush_output(const char *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return EXIT_DONE;
    fprintf(stderr, "har %s: the output cannot be written: %s\n", command, strerror(errno));
    return EXIT_SYSTEM;
}
