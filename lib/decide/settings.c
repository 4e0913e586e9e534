/* The settings of the decision: of the file, of the caller, and their bounds. */
#include "base/error.h"
#include "decide/decide.h"
#include "model/schema.h"

#include <math.h>

enum { OUTPUT_LOGITS = 0, OUTPUT_PROBABILITIES = 1, MOST_VOTES = 63 };

static const int64_t NS_PER_MS = 1000000;
static const int64_t LONGEST_NS = INT64_C(3600000000000); /* one hour */

/* Where a wrong setting stands, for the error. */
typedef struct place {
    const char *table;
    int32_t status;
    har_error *error;
} place;

static int32_t check(bool is_inside, double value, const char *relation, double bound,
                     const char *field, const place *where)
{
    if (is_inside) return HAR_OK;
    return hari_fail_bound(where->error, where->status, value, relation, bound, "%s.%s",
                           where->table, field);
}

static int32_t check_share(float value, const char *field, const place *where)
{
    return check(value >= 0.0f && value <= 1.0f, (double)value, "from 0 to", 1, field, where);
}

static int32_t check_settings(const hari_decision *d, const place *where)
{
    const bool is_normal = isnormal(d->temperature) && d->temperature > 0.0f;
    int32_t status =
        check(is_normal, (double)d->temperature, "finite and above", 0, "temperature", where);
    if (status == HAR_OK)
        status = check(d->smoothing >= 0.0f && d->smoothing < 1.0f, (double)d->smoothing,
                       "from 0 to below", 1, "smoothing", where);
    if (status == HAR_OK) status = check_share(d->abstain_below, "abstain_below", where);
    if (status == HAR_OK)
        status = check(d->majority == 0 || (d->majority % 2 == 1 && d->majority <= MOST_VOTES),
                       d->majority, "0 or odd and at most", MOST_VOTES, "majority", where);
    if (status == HAR_OK) status = check_share(d->enter_above, "enter_above", where);
    const float enter = d->enter_above > d->abstain_below ? d->enter_above : d->abstain_below;
    if (status == HAR_OK)
        status = check(d->exit_below >= 0.0f && d->exit_below <= enter, (double)d->exit_below,
                       "0 to the larger of enter_above and abstain_below,", (double)enter,
                       "exit_below", where);
    if (status == HAR_OK)
        status = check(d->min_duration_ns >= 0 && d->min_duration_ns <= LONGEST_NS,
                       (double)d->min_duration_ns, "nanoseconds from 0 to", (double)LONGEST_NS,
                       "min_duration", where);
    return status;
}

int32_t hari_decision_build(hari_decision *decision, hari_table table, uint32_t class_count,
                            har_error *error)
{
    const unsigned output = hari_get_u8(table, HARI_Decision_output, OUTPUT_LOGITS);
    if (output > OUTPUT_PROBABILITIES)
        return hari_fail_bound(error, HAR_ERR_FILE_MEANING, output, "at most", OUTPUT_PROBABILITIES,
                               "decision.output");
    *decision = (hari_decision){
        .from_logits = output == OUTPUT_LOGITS,
        .class_count = class_count,
        .temperature = hari_get_f32(table, HARI_Decision_temperature, 1.0f),
        .smoothing = hari_get_f32(table, HARI_Decision_smoothing, 0.0f),
        .majority = hari_get_u32(table, HARI_Decision_majority, 0),
        .enter_above = hari_get_f32(table, HARI_Decision_enter_above, 0.0f),
        .exit_below = hari_get_f32(table, HARI_Decision_exit_below, 0.0f),
        .abstain_below = hari_get_f32(table, HARI_Decision_abstain_below, 0.0f),
        .min_duration_ns = NS_PER_MS * hari_get_u32(table, HARI_Decision_min_duration_ms, 0)};
    const place where = {"decision", HAR_ERR_FILE_MEANING, error};
    return check_settings(decision, &where);
}

int32_t hari_decision_configure(hari_decision *decision, const hari_decision *model,
                                const har_decision_config *config, har_error *error)
{
    *decision = *model;
    if (!config) return HAR_OK;
    if (config->struct_size < sizeof *config)
        return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, config->struct_size, "at least",
                               (double)sizeof *config, "config.decision.struct_size");
    decision->temperature = config->temperature;
    decision->smoothing = config->smoothing;
    decision->majority = config->majority;
    decision->enter_above = config->enter_above;
    decision->exit_below = config->exit_below;
    decision->abstain_below = config->abstain_below;
    decision->min_duration_ns = config->min_duration_ns;
    const place where = {"config.decision", HAR_ERR_VALUE, error};
    return check_settings(decision, &where);
}
