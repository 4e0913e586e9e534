/* Streams the same noise through each model named and prints a hash of its labels and scores, to
 * the bit: whoever computes the same prints the same.
 *
 *     label_hash models/uci_har_cnn.har...
 */
#include <stdio.h>
#include <string.h>

#include HAR_H

enum { WINDOWS = 6, MOST_CHANNELS = 64 };

/* FNV-1a of 64 bits. */
static uint64_t add(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

/* The next of -2 to 2: Knuth's MMIX generator. */
static float noise(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)(*state >> 40) / (float)(1 << 22) - 2.0f;
}

static int32_t stream_noise(har_model *model, uint64_t *hash, har_error *error)
{
    har_model_info info = {.struct_size = sizeof info};
    har_stream *stream = NULL;
    int32_t status = har_model_get_info(model, &info);
    if (status == HAR_OK) status = har_stream_create(model, NULL, &stream, error);
    uint64_t state = 1;
    float sample[MOST_CHANNELS];
    for (uint32_t row = 0; status >= 0 && row < WINDOWS * info.window; row++) {
        for (uint32_t i = 0; i < info.channel_count; i++) sample[i] = noise(&state);
        size_t taken;
        status = har_push_samples(stream, sample, 1, info.channel_count, NULL, &taken, error);
        har_event event = {.struct_size = sizeof event};
        if (status >= 0) status = har_poll_label(stream, &event, error);
        if (status != HAR_OK) continue;
        *hash = add(*hash, &event.class_index, sizeof event.class_index);
        *hash = add(*hash, event.scores, event.score_count * sizeof *event.scores);
    }
    har_stream_destroy(stream);
    return status < 0 ? status : HAR_OK;
}

int main(int argc, char **argv)
{
    har_error error;
    har_error_init(&error, sizeof error);
    for (int i = 1; i < argc; i++) {
        har_model *model = NULL;
        uint64_t hash = 0xcbf29ce484222325u;
        int32_t status = har_model_open_file(argv[i], NULL, &model, &error);
        if (status == HAR_OK) status = stream_noise(model, &hash, &error);
        if (status != HAR_OK) {
            fprintf(stderr, "%s\n", error.text);
            return 1;
        }
        const char *name = strrchr(argv[i], '/');
        printf("%s %016llx\n", name ? name + 1 : argv[i], (unsigned long long)hash);
        har_model_release(model);
    }
    return 0;
}
