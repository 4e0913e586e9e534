/* The same samples in two ways: all kernels against plain C, what a stream keeps between windows
 * against windows afresh, pushes of many rows against single ones. */
#include <math.h>

#include "models.h"
#include "target.h"

enum { MOST_ROWS = 96 };

/* Scores that differ in their last bits add up over no more than a tiny network. */
static const float FP32_BOUND = 1e-4f;

typedef struct signal {
    size_t rows;
    uint32_t channels;
    float samples[MOST_ROWS * MOST_CHANNELS];
} signal;

typedef struct scores {
    size_t windows;
    uint32_t classes;
    uint64_t first[MOST_ROWS];
    float values[MOST_ROWS][MOST_CLASSES];
} scores;

static har_stream *open_stream(har_model *model, uint32_t hop)
{
    har_stream_config config;
    har_decision_config decision;
    har_stream_config_init(&config, sizeof config);
    PROMISE(har_decision_config_init(&decision, sizeof decision, model) == HAR_OK);
    decision.smoothing = 0.0f; /* each window's own scores */
    config.hop = hop;
    config.decision = &decision;
    har_stream *stream;
    PROMISE(har_stream_create(model, &config, &stream, NULL) == HAR_OK);
    return stream;
}

static void take(har_stream *stream, scores *s)
{
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, NULL) == HAR_OK) {
        PROMISE(s->windows < MOST_ROWS);
        s->classes = event.score_count;
        s->first[s->windows] = event.first_sample;
        memcpy(s->values[s->windows++], event.scores, event.score_count * sizeof(float));
    }
}

/* Pushes of at most `most` rows. */
static void stream_signal(har_model *model, uint32_t hop, const signal *x, size_t most, scores *s)
{
    har_stream *stream = open_stream(model, hop);
    s->windows = 0;
    for (size_t row = 0; row < x->rows;) {
        size_t taken = 0;
        const size_t rows = x->rows - row < most ? x->rows - row : most;
        PROMISE(har_push_samples(stream, x->samples + row * x->channels, rows, x->channels, NULL,
                                 &taken, NULL) >= 0);
        row += taken;
        take(stream, s);
    }
    har_stream_destroy(stream);
}

/* Every window by itself, of the signal steps over the whole recording; those that the steps have
 * not brought out at its end are not asked for. */
static void classify_signal(har_model *model, uint32_t hop, const signal *x, const scores *like,
                            scores *s)
{
    static float rows[MOST_ROWS * MOST_CHANNELS];
    har_model_info info = {.struct_size = sizeof info};
    har_event event = {.struct_size = sizeof event};
    har_model_get_info(model, &info);
    PROMISE(har_preprocess(model, x->samples, x->rows, x->channels, rows, NULL) == HAR_OK);
    har_stream *stream = open_stream(model, hop);
    *s = *like;
    for (size_t w = 0; w < like->windows; w++) {
        const float *window = rows + like->first[w] * info.signal_channel_count;
        PROMISE(har_classify_window(stream, window, info.window, info.signal_channel_count, &event,
                                    NULL) == HAR_OK);
        memcpy(s->values[w], event.scores, event.score_count * sizeof(float));
    }
    har_stream_destroy(stream);
}

static void expect_same(const scores *a, const scores *b, float bound)
{
    PROMISE(a->windows == b->windows);
    for (size_t w = 0; w < a->windows; w++) {
        PROMISE(a->first[w] == b->first[w]);
        for (uint32_t c = 0; c < a->classes; c++)
            PROMISE(bound == 0.0f ? memcmp(&a->values[w][c], &b->values[w][c], sizeof(float)) == 0
                                  : fabsf(a->values[w][c] - b->values[w][c]) <= bound);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static signal x;
    static scores streamed;
    static scores other;
    input in = {data, size};
    const unsigned number = next_byte(&in);
    har_model *model = tiny_model(number, 0);
    har_model_info info = {.struct_size = sizeof info};
    har_model_get_info(model, &info);
    const uint32_t hop = 1 + next_byte(&in) % info.window;
    const size_t most = 1 + next_byte(&in) % 16;
    x.channels = info.channel_count;
    x.rows = in.left / x.channels < MOST_ROWS ? in.left / x.channels : MOST_ROWS;
    for (size_t i = 0; i < x.rows * x.channels; i++) {
        x.samples[i] = next_value(&in);
        if (!(fabsf(x.samples[i]) < 1e4f)) x.samples[i] = 0.0f; /* FP32 differs by the magnitude */
    }
    if (x.rows < info.window) return 0;
    stream_signal(model, hop, &x, MOST_ROWS, &streamed);
    stream_signal(model, hop, &x, most, &other);
    expect_same(&streamed, &other, 0.0f);
    classify_signal(model, hop, &x, &streamed, &other);
    expect_same(&streamed, &other, 0.0f);
    stream_signal(tiny_model(number, HAR_CPU_REF), hop, &x, MOST_ROWS, &other);
    expect_same(&streamed, &other, is_integer(number % TINY_MODELS) ? 0.0f : FP32_BOUND);
    return 0;
}
