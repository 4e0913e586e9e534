#include "har/decision.h"

#include "api/model.h"

int32_t har_decision_config_init(har_decision_config *config, uint32_t struct_size,
                                 const har_model *model)
{
    if (!config || !model) return HAR_ERR_NULL;
    if (struct_size < sizeof *config) return HAR_ERR_STRUCT_SIZE;
    if (!model->recognizer.has_network) return HAR_ERR_NO_NETWORK;
    const hari_decision *decision = &model->recognizer.decision;
    *config = (har_decision_config){.struct_size = struct_size,
                                    .temperature = decision->temperature,
                                    .smoothing = decision->smoothing,
                                    .majority = decision->majority,
                                    .enter_above = decision->enter_above,
                                    .exit_below = decision->exit_below,
                                    .min_duration_ns = decision->min_duration_ns,
                                    .abstain_below = decision->abstain_below};
    return HAR_OK;
}
