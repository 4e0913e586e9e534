/* The explainer's entry points: its memory, checks of arguments, and which way to explain. */
#include "har/explain.h"

#include <string.h>

#include "api/stream.h"
#include "base/checked.h"
#include "base/error.h"
#include "explain/explainer.h"

struct har_explainer {
    hari_explainer core;
    har_model *model;
    hari_pool pool; /* owns this struct too */
    bool in_arena;
};

/* An allocator that counts what it gives, from an arena or, where `base` is NULL, from another. */
typedef struct counter {
    unsigned char *base;
    size_t size;
    size_t used;
    har_allocator under;
} counter;

static void *count(void *user, size_t size, size_t alignment)
{
    counter *c = user;
    size_t start;
    size_t end;
    if (!hari_align_size(c->used, HARI_ALIGNMENT, &start) || !hari_add_size(start, size, &end))
        return NULL;
    if (c->base && end > c->size) return NULL;
    c->used = end;
    return c->base ? c->base + start : c->under.allocate(c->under.user, size, alignment);
}

static void give_back(void *user, void *memory, size_t size)
{
    counter *c = user;
    if (!c->base) c->under.release(c->under.user, memory, size);
}

void har_explainer_config_init(har_explainer_config *config, uint32_t struct_size)
{
    if (!config || struct_size < sizeof *config) return;
    memset(config, 0, sizeof *config);
    config->struct_size = struct_size;
}

void har_explain_options_init(har_explain_options *options, uint32_t struct_size)
{
    if (!options || struct_size < sizeof *options) return;
    memset(options, 0, sizeof *options);
    options->struct_size = struct_size;
    options->class_index = -1;
}

static int32_t check_size(uint32_t found, size_t wanted, const char *field, har_error *error)
{
    if (found >= wanted) return HAR_OK;
    return hari_fail_bound(error, HAR_ERR_STRUCT_SIZE, found, "at least", (double)wanted,
                           "%s.struct_size", field);
}

/* An explainer in memory of `allocator`; on error that is given back. */
static int32_t make(const har_model *model, const har_allocator *allocator,
                    har_explainer **explainer, har_error *error)
{
    hari_pool pool;
    hari_pool scratch;
    hari_pool_init(&pool, allocator, SIZE_MAX);
    hari_pool_init(&scratch, &model->pool.allocator, SIZE_MAX);
    har_explainer *e = hari_pool_alloc(&pool, 1, sizeof *e);
    int32_t status = e ? hari_explainer_make(&e->core, &model->recognizer, model->features, &pool,
                                             &scratch, error)
                       : hari_fail(error, HAR_ERR_MEMORY, "explainer");
    hari_pool_free(&scratch);
    if (status != HAR_OK) {
        hari_pool_free(&pool);
        return status;
    }
    e->pool = pool;
    *explainer = e;
    return HAR_OK;
}

int32_t har_explainer_get_info(const har_model *model, har_explainer_info *info, har_error *error)
{
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!info) return hari_fail(error, HAR_ERR_NULL, "info");
    int32_t status = check_size(info->struct_size, sizeof *info, "info", error);
    if (status != HAR_OK) return status;
    if (!model->recognizer.has_network) return hari_fail(error, HAR_ERR_NO_NETWORK, "model");
    counter c = {.under = model->pool.allocator};
    const har_allocator counted = {&c, count, give_back};
    har_explainer *e;
    status = make(model, &counted, &e, error);
    if (status != HAR_OK) return status;
    *info = (har_explainer_info){.struct_size = info->struct_size,
                                 .linear_from = e->core.linear_from,
                                 .sample_columns = e->core.sample_columns,
                                 .has_class_map = e->core.gradient.map != HARI_NO_TENSOR,
                                 .attention_count = hari_explainer_attentions(&e->core),
                                 .bytes = (uint64_t)c.used + HARI_ALIGNMENT - 1,
                                 .macs = e->core.plan.macs,
                                 .forward_macs = e->core.forward_macs};
    hari_pool pool = e->pool; /* which owns the explainer */
    hari_pool_free(&pool);
    return HAR_OK;
}

/* In the caller's arena. */
static int32_t make_in_arena(const har_model *model, const har_explainer_config *config,
                             har_explainer **explainer, har_error *error)
{
    const size_t skip = (size_t)(-(uintptr_t)config->arena & (uintptr_t)(HARI_ALIGNMENT - 1));
    har_explainer_info info = {.struct_size = sizeof info};
    int32_t status = har_explainer_get_info(model, &info, error);
    if (status != HAR_OK) return status;
    const uint64_t wanted = info.bytes - (HARI_ALIGNMENT - 1) + skip;
    if (config->arena_size < wanted)
        return hari_fail_bound(error, HAR_ERR_ARENA_TOO_SMALL, (double)config->arena_size,
                               "at least", (double)wanted, "config.arena_size");
    counter c = {.base = (unsigned char *)config->arena + skip, .size = (size_t)(wanted - skip)};
    const har_allocator counted = {&c, count, give_back};
    status = make(model, &counted, explainer, error);
    if (status == HAR_OK) (*explainer)->in_arena = true;
    return status;
}

int32_t har_explainer_create(har_model *model, const har_explainer_config *config,
                             har_explainer **explainer, har_error *error)
{
    if (!explainer) return hari_fail(error, HAR_ERR_NULL, "explainer");
    *explainer = NULL;
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!model->recognizer.has_network) return hari_fail(error, HAR_ERR_NO_NETWORK, "model");
    int32_t status = HAR_OK;
    if (config)
        status = hari_check_config(config->struct_size, sizeof *config, &config->allocator, error);
    if (status != HAR_OK) return status;
    if (config && config->arena)
        status = make_in_arena(model, config, explainer, error);
    else
        status = make(model, config ? &config->allocator : NULL, explainer, error);
    if (status == HAR_OK) (*explainer)->model = har_model_retain(model);
    return status;
}

void har_explainer_destroy(har_explainer *explainer)
{
    if (!explainer) return;
    har_model *model = explainer->model;
    hari_pool pool = explainer->pool;
    if (!explainer->in_arena) hari_pool_free(&pool);
    har_model_release(model);
}

static int32_t check(int64_t value, int64_t least, int64_t most, const char *name, har_error *error)
{
    if (value >= least && value <= most) return HAR_OK;
    const bool is_low = value < least;
    return hari_fail_bound(error, HAR_ERR_VALUE, (double)value, is_low ? "at least" : "at most",
                           (double)(is_low ? least : most), "options.%s", name);
}

static int32_t check_options(const har_explainer *e, const har_explain_options *o, har_error *error)
{
    int32_t status = check_size(o->struct_size, sizeof *o, "options", error);
    if (status == HAR_OK) status = check(o->method, 0, HAR_EXPLAIN_ATTENTION, "method", error);
    if (status == HAR_OK) status = check(o->target, 0, HAR_EXPLAIN_PROBABILITY, "target", error);
    if (status == HAR_OK) status = check(o->at, 0, HAR_EXPLAIN_AT_NETWORK, "at", error);
    if (status == HAR_OK)
        status = check(o->class_index, -1, (int64_t)e->model->recognizer.class_count - 1,
                       "class_index", error);
    if (status != HAR_OK) return status;
    if (o->method == HAR_EXPLAIN_ATTENTION)
        return check(o->attention, 0, (int64_t)hari_explainer_attentions(&e->core) - 1, "attention",
                     error);
    if (o->method == HAR_EXPLAIN_OCCLUSION && o->macs > 0 && o->macs < INT64_MAX)
        return check((int64_t)o->macs, (int64_t)hari_explain_least_macs(&e->core), INT64_MAX,
                     "macs", error);
    if (o->method == HAR_EXPLAIN_CLASS_MAP && e->core.gradient.map == HARI_NO_TENSOR)
        return hari_fail_text(error, HAR_ERR_VALUE, "is the class map, which the network lacks",
                              "options.method");
    return HAR_OK;
}

/* Checks what both calls take; `chosen` are the options or the defaults. */
static int32_t check_call(const har_explainer *e, const har_explain_options *options,
                          har_explain_options *chosen, const har_explanation *explanation,
                          har_error *error)
{
    if (!e) return hari_fail(error, HAR_ERR_NULL, "explainer");
    if (!explanation) return hari_fail(error, HAR_ERR_NULL, "explanation");
    int32_t status =
        check_size(explanation->struct_size, sizeof *explanation, "explanation", error);
    har_explain_options_init(chosen, sizeof *chosen);
    if (status != HAR_OK || !options) return status;
    status = check_options(e, options, error);
    if (status == HAR_OK) *chosen = *options;
    return status;
}

static hari_found find(har_explainer *e, const har_explain_options *o)
{
    switch (o->method) {
    case HAR_EXPLAIN_OCCLUSION: return hari_explain_occlusion(&e->core, o->macs);
    case HAR_EXPLAIN_CLASS_MAP: return hari_explain_class_map(&e->core);
    case HAR_EXPLAIN_ATTENTION: return hari_explain_attention(&e->core, o->attention);
    default: return hari_explain_gradient(&e->core, o->at == HAR_EXPLAIN_AT_SAMPLES);
    }
}

/* Explains the window that lies in the explainer. */
static void explain(har_explainer *e, const har_explain_options *o, uint64_t first_sample,
                    har_explanation *explanation)
{
    hari_seed *seed = e->core.seed;
    seed->wanted = o->class_index;
    seed->target = (hari_target)o->target;
    const hari_found found = find(e, o);
    const bool is_by_column = o->method <= HAR_EXPLAIN_OCCLUSION;
    if (is_by_column) hari_explain_sum(&e->core, &found);
    *explanation = (har_explanation){.struct_size = explanation->struct_size,
                                     .class_index = seed->class_index,
                                     .other_index = seed->other_index,
                                     .signal_steps = found.signal_steps,
                                     .rows = found.rows,
                                     .columns = found.columns,
                                     .name = e->model->recognizer.class_names[seed->class_index],
                                     .values = found.values,
                                     .per_column = is_by_column ? e->core.sums : NULL,
                                     .value = seed->value,
                                     .first_sample = first_sample,
                                     .macs = found.macs};
}

int32_t har_explain_window(har_explainer *explainer, const float *window, size_t rows,
                           uint32_t columns, const har_explain_options *options,
                           har_explanation *explanation, har_error *error)
{
    har_explain_options chosen;
    int32_t status = check_call(explainer, options, &chosen, explanation, error);
    if (status != HAR_OK) return status;
    if (!window) return hari_fail(error, HAR_ERR_NULL, "window");
    status = hari_check_window(&explainer->model->recognizer, window, rows, columns, error);
    if (status != HAR_OK) return status;
    memcpy(explainer->core.window, window, rows * columns * sizeof *window);
    explain(explainer, &chosen, 0, explanation);
    return HAR_OK;
}

int32_t har_explain_stream(har_explainer *explainer, const har_stream *stream,
                           const har_explain_options *options, har_explanation *explanation,
                           har_error *error)
{
    har_explain_options chosen;
    int32_t status = check_call(explainer, options, &chosen, explanation, error);
    if (status != HAR_OK) return status;
    if (!stream) return hari_fail(error, HAR_ERR_NULL, "stream");
    if (stream->model != explainer->model)
        return hari_fail_text(error, HAR_ERR_VALUE, "is of another model", "stream");
    uint64_t first;
    if (!hari_stream_held_window(&stream->core, explainer->core.window, &first))
        return hari_fail(error, HAR_ERR_NO_WINDOW, "stream");
    explain(explainer, &chosen, first, explanation);
    return HAR_OK;
}
