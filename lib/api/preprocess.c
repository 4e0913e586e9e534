/* The signal steps alone, over a whole recording. */
#include "api/model.h"
#include "base/error.h"
#include "har/stream.h"
#include "stream/stream.h"

static int32_t check_call(const har_model *model, const float *samples, size_t rows,
                          uint32_t channels, const float *output, har_error *error)
{
    if (!model) return hari_fail(error, HAR_ERR_NULL, "model");
    if (!samples && rows > 0) return hari_fail(error, HAR_ERR_NULL, "samples");
    if (!output && rows > 0) return hari_fail(error, HAR_ERR_NULL, "output");
    const uint32_t wanted = model->recognizer.chain.columns_in;
    if (channels != wanted)
        return hari_fail_bound(error, HAR_ERR_CHANNELS, channels, "equal to", wanted, "channels");
    const uint32_t columns_out = model->recognizer.chain.columns_out;
    const uint32_t most = channels > columns_out ? channels : columns_out;
    if (rows > SIZE_MAX / sizeof *samples / most)
        return hari_fail_text(error, HAR_ERR_VALUE, "is more than memory holds", "rows");
    int32_t status = hari_check_finite(samples, rows, channels, "samples", error);
    if (status != HAR_OK || rows == 0) return status;
    return hari_check_aligned(output, sizeof *output, "output", error);
}

int32_t har_preprocess(const har_model *model, const float *samples, size_t rows, uint32_t channels,
                       float *output, har_error *error)
{
    int32_t status = check_call(model, samples, rows, channels, output, error);
    if (status != HAR_OK) return status;
    const hari_chain *chain = &model->recognizer.chain;
    hari_chain_state state;
    hari_layout layout = {0};
    hari_chain_layout(chain, &state, &layout);
    hari_pool pool;
    hari_pool_init(&pool, &model->pool.allocator, SIZE_MAX);
    layout = (hari_layout){.base = hari_pool_alloc(&pool, layout.used, 1)};
    if (!layout.base) return hari_fail(error, HAR_ERR_MEMORY, "signal state");
    hari_chain_layout(chain, &state, &layout);
    hari_chain_reset(chain, &state);
    for (size_t row = 0; row < rows; row++)
        if (hari_chain_push(chain, &state, samples + row * channels, output))
            output += chain->columns_out;
    if (rows > 0)
        while (hari_chain_drain(chain, &state, output)) output += chain->columns_out;
    hari_pool_free(&pool);
    return HAR_OK;
}
