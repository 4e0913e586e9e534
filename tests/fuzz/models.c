#include "models.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const NAMES[TINY_MODELS] = {"tiny_f32",           "tiny_int8",
                                               "tiny_recurrent_f32", "tiny_recurrent_int8",
                                               "tiny_attention_f32", "tiny_attention_int8"};

har_model *tiny_model(unsigned number, uint32_t cpu)
{
    static har_model *opened[TINY_MODELS][2];
    har_model **model = &opened[number % TINY_MODELS][cpu == HAR_CPU_REF];
    if (*model) return *model;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.har", HAR_GOLDEN, NAMES[number % TINY_MODELS]);
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.cpu_allowed = cpu;
    config.backend = HAR_BACKEND_NATIVE;
    if (har_model_open_file(path, &config, model, NULL) != HAR_OK) abort();
    har_model_info info = {.struct_size = sizeof info};
    if (har_model_get_info(*model, &info) != HAR_OK || info.channel_count > MOST_CHANNELS ||
        info.signal_channel_count > MOST_CHANNELS || info.window > MOST_WINDOW ||
        info.class_count > MOST_CLASSES)
        abort();
    return *model;
}

int is_integer(unsigned number) { return number % 2 == 1; }
