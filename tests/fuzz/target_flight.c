/* Flight files from anywhere; and a recorder in its smallest ring, called in any order, whose file
 * must be reproduced. The first byte chooses. */
#include "../../flight/har_flight.h"
#include "../../flight/replay.h"
#include "models.h"
#include "target.h"

enum { MOST_ROWS = 200 };

static uint8_t *file_bytes;
static size_t file_size;

static int32_t keep(void *user, const void *bytes, size_t size)
{
    (void)user;
    file_bytes = realloc(file_bytes, file_size + size + 1);
    PROMISE(file_bytes != NULL);
    if (size > 0) memcpy(file_bytes + file_size, bytes, size);
    file_size += size;
    return 0;
}

/* The hash at the end is made right, so that what it guards is reached. */
static void read_any(const uint8_t *data, size_t size, har_model *model)
{
    uint8_t *copy = malloc(size + 1);
    PROMISE(copy != NULL);
    memcpy(copy, data, size);
    if (size >= 8) {
        uint64_t hash = hari_flight_hash(FLIGHT_HASH, copy, size - 8);
        hari_flight_codec c = {.out = copy + size - 8, .size = 8};
        hari_flight_u64(&c, &hash);
    }
    hari_flight_file file;
    const char *problem = hari_flight_open(&file, copy, size);
    PROMISE(!problem || strlen(problem) > 5);
    if (!problem) {
        hari_flight_difference difference;
        hari_flight_difference event;
        uint64_t events;
        hari_flight_compare(&file, &file, &difference, &event);
        PROMISE(!difference.found && !event.found);
        PROMISE(hari_flight_replay(&file, model, &events, &difference, NULL) <= 0);
    }
    free(copy);
}

typedef struct live {
    har_flight *flight;
    har_model_info info;
    bool has_source;
    bool has_times;
    int64_t now;
    uint64_t next_sample; /* windows begin at it or later */
} live;

static void poll(live *l, unsigned most)
{
    har_event event = {.struct_size = sizeof event};
    for (unsigned i = 0; i < most && har_flight_poll_label(l->flight, &event, NULL) == HAR_OK;
         i++) {
        PROMISE(event.score_count == l->info.class_count && event.t_end_ns >= event.t_start_ns);
        if (l->has_source) continue;
        PROMISE(event.first_sample >= l->next_sample); /* also after a restart */
        l->next_sample = event.first_sample + 1;
    }
}

static void push(live *l, input *in)
{
    static float values[MOST_ROWS * MOST_CHANNELS];
    int64_t times[MOST_ROWS];
    const size_t rows = next_byte(in) % MOST_ROWS;
    const uint8_t how = next_byte(in);
    const uint32_t columns = l->has_source ? 3 : l->info.channel_count;
    int64_t time = l->now;
    for (size_t row = 0; row < rows; row++) {
        time += how % 16 == 5 && row == 7 ? INT64_C(5000000000) : INT64_C(20000000);
        times[row] = time;
        for (uint32_t i = 0; i < columns; i++)
            values[row * columns + i] = how % 2 ? next_value(in) : (float)((row * 7 + i) % 9) / 4;
    }
    const uint32_t sensor = how / 16 % 2;
    size_t done = 0;
    for (int tries = 0; done < rows && tries < 40; tries++) { /* the rest, as the header wants it */
        const float *from = values + done * columns;
        const int64_t *when = l->has_source || l->has_times ? times + done : NULL;
        size_t taken = 0;
        const int32_t status = l->has_source
                                   ? har_flight_push_sensor(l->flight, sensor, from, rows - done,
                                                            columns, when, &taken, NULL)
                                   : har_flight_push_samples(l->flight, from, rows - done, columns,
                                                             when, &taken, NULL);
        if (status < 0) break;
        PROMISE(status != HAR_OK || taken == rows - done);
        done += taken;
        if (done < rows) poll(l, 1000);
    }
    if (done > 0) l->now = times[done - 1];
}

static void call(live *l, input *in)
{
    const uint8_t which = next_byte(in) % 32;
    if (which == 0) PROMISE(har_flight_flush(l->flight, NULL) >= 0);
    if (which == 1 || which == 0) {
        PROMISE(har_flight_reset(l->flight, NULL) == HAR_OK);
        l->next_sample = 0;
    }
    if (which < 16)
        push(l, in);
    else
        poll(l, which < 20 ? 1 : 1000);
}

static void record_and_replay(input *in, har_model *model)
{
    live l = {.info = {.struct_size = sizeof l.info}};
    har_model_get_info(model, &l.info);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    const uint8_t how = next_byte(in);
    config.hop = next_byte(in) % (l.info.window + 1);
    config.reuse = how & 1;
    config.max_stretch = (how & 4) ? 4 : 0;
    l.has_times = (how & 8) != 0;
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_UCI_HAR);
    l.has_source = (how & 16) != 0;
    if (l.has_source) config.source = &source;
    uint64_t size = 0;
    if (har_flight_memory_needed(model, &config, &size, NULL) != HAR_OK) return;
    void *memory = malloc((size_t)size);
    PROMISE(memory != NULL);
    if (har_flight_begin(model, &config, memory, (size_t)size, &l.flight, NULL) == HAR_OK) {
        while (in->left > 0) call(&l, in);
        file_size = 0;
        PROMISE(har_flight_write(l.flight, keep, NULL) == 0);
        hari_flight_file file;
        hari_flight_difference difference;
        uint64_t events;
        PROMISE(hari_flight_open(&file, file_bytes, file_size) == NULL);
        PROMISE(hari_flight_replay(&file, model, &events, &difference, NULL) == HAR_OK);
        if (difference.found)
            fprintf(stderr, "event %llu of sample %lld: %s is %g, was %g\n",
                    (unsigned long long)difference.event, (long long)difference.sample,
                    difference.field, difference.second, difference.first);
        PROMISE(!difference.found);
        har_flight_end(l.flight);
    }
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    const uint8_t first = next_byte(&in);
    har_model *model = tiny_model(first / 2, 0);
    if (first == 'H') /* of the file's own first letter */
        read_any(data, size, tiny_model(0, 0));
    else
        record_and_replay(&in, model);
    return 0;
}
