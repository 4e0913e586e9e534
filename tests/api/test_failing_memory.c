/* In every public call that allocates, for every n, the n-th allocation fails: alone, or with all
 * that follow. The call says so, gives everything back, leaves its outputs as they were, and does
 * its work as ever once there is memory again. Once with an allocator of the caller's, once with
 * the heap, whose malloc and free the linker sends through here (-Wl,--wrap). */
#include "common.h"
#include "failing.h"

#include <errno.h>

void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);

static failing heap;
static failing xnnpack;

void *__wrap_malloc(size_t size)
{
    if (failing_falls(&heap)) return NULL;
    void *memory = __real_malloc(size);
    if (memory) heap.blocks++;
    return memory;
}

void __wrap_free(void *memory)
{
    if (memory) heap.blocks--;
    __real_free(memory);
}

enum { BATCH = 5, MOST_CHANNELS = 9, MOST_CLASSES = 16, MOST_WINDOW = 160, MARK = 0x5A };

/* Stands before the C library's, which XNNPACK takes its memory from. */
int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = failing_falls(&xnnpack)
                  ? NULL
                  : aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    return *memory ? 0 : ENOMEM;
}

/* What a call is given, and what it put out. */
typedef struct scene {
    const char *path;
    unsigned char *file;
    size_t file_size;
    failing memory;
    failing *from;    /* `memory`, or the heap */
    har_model *model; /* of calls that need one; opened with the same memory */
    har_model_info info;
    har_error error;
    float output[BATCH * MOST_WINDOW * MOST_CHANNELS];
    int32_t classes[BATCH];
} scene;

static float samples[BATCH * MOST_WINDOW * MOST_CHANNELS];

static int32_t close_opened(int32_t status, har_model *model)
{
    assert_true((status == HAR_OK) == (model != NULL));
    har_model_release(model);
    return status;
}

static har_allocator allocator_of(scene *s)
{
    return s->from == &heap ? (har_allocator){0} : failing_allocator(&s->memory);
}

static har_model_config config_of(scene *s)
{
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.allocator = allocator_of(s);
    if (s->from == &heap) config.backend = HAR_BACKEND_NATIVE; /* XNNPACK's is below */
    return config;
}

static int32_t open_file(scene *s)
{
    har_model *model = (har_model *)s;
    const har_model_config config = config_of(s);
    const int32_t status = har_model_open_file(s->path, &config, &model, &s->error);
    return close_opened(status, model);
}

static int32_t open_at(scene *s, const unsigned char *bytes, uint32_t copies)
{
    har_model *model = (har_model *)s;
    har_model_config config = config_of(s);
    config.copy_bytes = copies;
    const int32_t status = har_model_open_memory(bytes, s->file_size, &config, &model, &s->error);
    return close_opened(status, model);
}

static int32_t open_in_place(scene *s) { return open_at(s, s->file, 0); }
static int32_t open_copy(scene *s) { return open_at(s, s->file, 1); }

static int32_t open_misaligned(scene *s)
{
    memmove(s->file + 1, s->file, s->file_size);
    const int32_t status = open_at(s, s->file + 1, 0);
    memmove(s->file, s->file + 1, s->file_size);
    return status;
}

static int32_t create_with(scene *s, har_stream_config *config)
{
    config->allocator = allocator_of(s);
    har_stream *stream = (har_stream *)s;
    const int32_t status = har_stream_create(s->model, config, &stream, &s->error);
    assert_true((status == HAR_OK) == (stream != NULL));
    har_stream_destroy(stream);
    return status;
}

static int32_t create(scene *s)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    return create_with(s, &config);
}

static int32_t create_without_reuse(scene *s)
{
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.reuse = HAR_REUSE_OFF;
    config.hop = 1;
    config.queue = 999;
    return create_with(s, &config);
}

static int32_t create_with_source(scene *s)
{
    har_source source;
    har_source_init(&source, sizeof source, HAR_PRESET_ANDROID_SENSOR);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.source = &source;
    config.max_stretch = 4;
    return create_with(s, &config);
}

static int32_t selftest(scene *s)
{
    har_selftest report = {.struct_size = sizeof report};
    return har_model_selftest(s->model, &report, &s->error);
}

static int32_t preprocess(scene *s)
{
    return har_preprocess(s->model, samples, s->info.window, s->info.channel_count, s->output,
                          &s->error);
}

static int32_t classify_on(scene *s, uint32_t threads)
{
    return har_classify_batch(s->model, samples, BATCH, threads, s->output, s->classes, &s->error);
}

static int32_t classify_alone(scene *s) { return classify_on(s, 1); }
static int32_t classify_together(scene *s) { return classify_on(s, 3); }

/* The windows that are due, on three threads: none is lost. */
static int32_t poll_together(scene *s)
{
    /* pthreadpool comes with XNNPACK; without it the calling thread does all, and allocates nothing
     */
    if ((har_backends() & HAR_BACKEND_XNNPACK) == 0) return HAR_ERR_VALUE;
    static har_stream *stream;
    static har_event events[BATCH];
    static float scores[BATCH * MOST_CLASSES];
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = 1;
    config.allocator = allocator_of(s);
    const size_t fail_at = s->from->fail_at;
    s->from->fail_at = 0; /* create has its own turn */
    assert_int_equal(har_stream_create(s->model, &config, &stream, NULL), HAR_OK);
    size_t count = 0;
    size_t taken = 0;
    const size_t rows = (size_t)s->info.window + s->info.latency + 2;
    assert_int_equal(
        har_push_samples(stream, samples, rows, s->info.channel_count, NULL, &taken, NULL), HAR_OK);
    events[0].struct_size = sizeof events[0];
    s->from->calls = 0;
    s->from->fail_at = fail_at;
    const int32_t status = har_poll_labels(stream, 3, events, scores, BATCH, &count, &s->error);
    const size_t calls_made = s->from->calls;
    s->from->fail_at = 0;
    har_event event = {.struct_size = sizeof event};
    while (har_poll_label(stream, &event, NULL) == HAR_OK) count++;
    assert_int_equal(count, 3);
    har_stream_destroy(stream);
    s->from->calls = calls_made;
    return status == HAR_AGAIN ? HAR_OK : status;
}

static int32_t ask_explainer(scene *s)
{
    har_explainer_info info = {.struct_size = sizeof info};
    return har_explainer_get_info(s->model, &info, &s->error);
}

static int32_t create_explainer(scene *s)
{
    har_explainer_config config;
    har_explainer_config_init(&config, sizeof config);
    config.allocator = allocator_of(s);
    har_explainer *explainer = (har_explainer *)s;
    const int32_t status = har_explainer_create(s->model, &config, &explainer, &s->error);
    assert_true((status == HAR_OK) == (explainer != NULL));
    har_explainer_destroy(explainer);
    return status;
}

static const struct {
    const char *name;
    int32_t (*call)(scene *);
    bool needs_model;
    bool needs_network;
} calls[] = {
    {"open_file", open_file, false, false},
    {"open_memory in place", open_in_place, false, false},
    {"open_memory, copy", open_copy, false, false},
    {"open_memory, misaligned", open_misaligned, false, false},
    {"stream_create", create, true, true},
    {"stream_create, no reuse", create_without_reuse, true, true},
    {"stream_create, source", create_with_source, true, true},
    {"selftest", selftest, true, true},
    {"poll_labels, 3 threads", poll_together, true, true},
    {"explainer_get_info", ask_explainer, true, true},
    {"explainer_create", create_explainer, true, true},
    {"preprocess", preprocess, true, false},
    {"classify_batch, 1 thread", classify_alone, true, true},
    {"classify_batch, 3 threads", classify_together, true, true},
};

static void mark_outputs(scene *s)
{
    memset(s->output, MARK, sizeof s->output);
    memset(s->classes, MARK, sizeof s->classes);
    har_error_init(&s->error, sizeof s->error);
}

static bool is_marked(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != MARK) return false;
    return true;
}

/* The call with its n-th allocation failing; false once it has fewer than n. */
static bool fail_one(scene *s, size_t call, size_t n, bool goes_on, const scene *good)
{
    const size_t blocks = s->from->blocks;
    const size_t bytes = s->from->bytes;
    mark_outputs(s);
    s->from->calls = 0;
    s->from->fail_at = n;
    s->from->goes_on = goes_on;
    const int32_t status = calls[call].call(s);
    s->from->fail_at = 0;
    assert_int_equal(s->from->blocks, blocks);
    assert_int_equal(s->from->bytes, bytes);
    if (s->from->calls < n) {
        assert_int_equal(status, HAR_OK);
        assert_memory_equal(s->output, good->output, sizeof s->output);
        assert_memory_equal(s->classes, good->classes, sizeof s->classes);
        return false;
    }
    assert_int_equal(status, HAR_ERR_MEMORY);
    assert_int_equal(s->error.status, HAR_ERR_MEMORY);
    assert_true(strlen(s->error.text) > 10);
    assert_true(is_marked(s->output, sizeof s->output));
    assert_true(is_marked(s->classes, sizeof s->classes));
    return true;
}

static size_t fail_every(scene *s, size_t call)
{
    static scene good;
    size_t failures = 0;
    for (int goes_on = 0; goes_on < 2; goes_on++) {
        mark_outputs(s);
        const int32_t status = calls[call].call(s);
        if (status == HAR_ERR_VALUE) return 1; /* the call says why it cannot be made here */
        assert_int_equal(status, HAR_OK);
        good = *s;
        for (size_t n = 1; fail_one(s, call, n, goes_on != 0, &good); n++) failures++;
    }
    if (failures == 0) fail_msg("%s of %s allocates nothing", calls[call].name, s->path);
    return failures;
}

static void open_scene(scene *s, const char *path, bool on_heap)
{
    memset(s, 0, sizeof *s);
    s->path = path;
    s->from = on_heap ? &heap : &s->memory;
    s->info.struct_size = sizeof s->info;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    s->file_size = (size_t)ftell(file);
    rewind(file);
    s->file = aligned_alloc(64, (s->file_size + 128) / 64 * 64);
    assert_int_equal(fread(s->file, 1, s->file_size, file), s->file_size);
    fclose(file);
    const har_model_config config = config_of(s);
    assert_int_equal(har_model_open_file(path, &config, &s->model, NULL), HAR_OK);
    assert_int_equal(har_model_get_info(s->model, &s->info), HAR_OK);
    assert_true(s->info.window <= MOST_WINDOW && s->info.class_count <= MOST_CLASSES &&
                s->info.channel_count <= MOST_CHANNELS &&
                s->info.signal_channel_count <= MOST_CHANNELS);
}

static void fail_everything(bool on_heap)
{
    static const char *const paths[] = {TINY_F32,
                                        TINY_INT8,
                                        TINY_FRONT,
                                        HAR_GOLDEN "/tiny_recurrent_int8.har",
                                        HAR_GOLDEN "/tiny_attention_f32.har",
                                        HAR_MODELS "/uci_har_student_int8.har"};
    static scene s;
    size_t failures = 0;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        samples[i] = sample_value(1, i, 0);
    for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
        open_scene(&s, paths[p], on_heap);
        for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
            if (calls[c].needs_network && s.info.class_count == 0) continue;
            failures += fail_every(&s, c);
        }
        har_model_release(s.model);
        assert_int_equal(s.memory.blocks, 0);
        free(s.file);
    }
    print_message("%zu allocations failed\n", failures);
}

static void a_callers_allocation_that_fails_is_told_and_changes_nothing(void **state)
{
    (void)state;
    fail_everything(false);
}

static void an_allocation_of_the_heap_that_fails_is_told_and_changes_nothing(void **state)
{
    (void)state;
    fail_everything(true);
}

/* XNNPACK without memory: its parts are native, or there is no stream; nothing else. */
static void xnnpack_without_memory_is_told(void **state)
{
    (void)state;
    if (!(har_backends() & HAR_BACKEND_XNNPACK)) skip();
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.backend = HAR_BACKEND_XNNPACK;
    size_t refused = 0;
    bool goes_on = true;
    for (size_t n = 1; goes_on; n++) {
        har_model *model = NULL;
        har_stream *stream = NULL;
        har_event event = {.struct_size = sizeof event};
        xnnpack = (failing){.fail_at = n, .goes_on = n % 2 == 0};
        assert_int_equal(har_model_open_file(TINY_F32, &config, &model, NULL), HAR_OK);
        const int32_t status = har_stream_create(model, NULL, &stream, NULL);
        goes_on = xnnpack.calls >= n;
        xnnpack.fail_at = 0;
        assert_true(status == HAR_OK || (status == HAR_ERR_MEMORY && !stream));
        refused += status != HAR_OK;
        if (stream)
            assert_int_equal(har_classify_window(stream, samples, WINDOW, CHANNELS, &event, NULL),
                             HAR_OK);
        har_stream_destroy(stream);
        har_model_release(model);
    }
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callers_allocation_that_fails_is_told_and_changes_nothing),
        cmocka_unit_test(an_allocation_of_the_heap_that_fails_is_told_and_changes_nothing),
        cmocka_unit_test(xnnpack_without_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
