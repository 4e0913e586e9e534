/* The signal steps over any samples: what they say of the first rows does not depend on what comes
 * later than they look ahead, and all of it is what the plain C kernels say. */
#include <math.h>

#include "models.h"
#include "target.h"

enum { MOST_ROWS = 64, LOOKS_AHEAD = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static float samples[MOST_ROWS * MOST_CHANNELS];
    static float whole[MOST_ROWS * MOST_CHANNELS];
    static float part[MOST_ROWS * MOST_CHANNELS];
    input in = {data, size};
    har_model *model = tiny_model(0, 0);
    har_model_info info = {.struct_size = sizeof info};
    har_model_get_info(model, &info);
    const size_t cut = next_byte(&in) % MOST_ROWS;
    size_t rows = 0;
    for (; rows < MOST_ROWS && in.left >= info.channel_count; rows++)
        for (uint32_t c = 0; c < info.channel_count; c++)
            samples[rows * info.channel_count + c] = next_value(&in);
    bool is_finite = true;
    for (size_t i = 0; i < rows * info.channel_count; i++)
        is_finite = is_finite && isfinite(samples[i]);
    har_error error;
    har_error_init(&error, sizeof error);
    const int32_t status = har_preprocess(model, samples, rows, info.channel_count, whole, &error);
    PROMISE(status == (is_finite ? HAR_OK : HAR_ERR_SAMPLE_NOT_FINITE));
    if (status != HAR_OK) return 0;
    const size_t first = cut < rows ? cut : rows;
    PROMISE(har_preprocess(model, samples, first, info.channel_count, part, NULL) == HAR_OK);
    if (first > LOOKS_AHEAD)
        PROMISE(memcmp(whole, part,
                       (first - LOOKS_AHEAD) * info.signal_channel_count * sizeof *whole) == 0);
    PROMISE(har_preprocess(tiny_model(0, HAR_CPU_REF), samples, rows, info.channel_count, part,
                           NULL) == HAR_OK);
    PROMISE(memcmp(whole, part, rows * info.signal_channel_count * sizeof *whole) == 0);
    return 0;
}
