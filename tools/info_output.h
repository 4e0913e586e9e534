/* How `har info` shows a model. */
#ifndef HAR_TOOLS_INFO_OUTPUT_H
#define HAR_TOOLS_INFO_OUTPUT_H

#include <stdbool.h>

#include "har/har.h"

enum { STEP_TEXT_BYTES = 256 };

/* Both write to standard output. With the plan they show what windows `hop` samples apart share; 0:
 * the model's hop. */
void write_info_text(const har_model *model, const har_model_info *info, bool with_plan,
                     uint32_t hop);
void write_info_json(const har_model *model, const har_model_info *info, bool with_plan,
                     uint32_t hop);

#endif /* HAR_TOOLS_INFO_OUTPUT_H */
