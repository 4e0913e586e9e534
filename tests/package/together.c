/* libhar in one program with ONNX Runtime, which brings a cpuinfo of its own, with the system's
 * XNNPACK and cpuinfo, and with a second copy of these two: each does its work, before and after
 * the others.
 *
 *     together NETWORK.onnx XNNPACK_COPY CPUINFO_COPY MODEL.har...
 */
#define _GNU_SOURCE /* RTLD_DEEPBIND */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cpuinfo.h>
#include <har/har.h>
#include <xnnpack.h>

static void need(int holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void use_har(int count, char **models)
{
    har_error error;
    har_error_init(&error, sizeof error);
    for (int i = 0; i < count; i++) {
        har_model *model = NULL;
        har_selftest report = {.struct_size = sizeof report};
        int32_t status = har_model_open_file(models[i], NULL, &model, &error);
        if (status == HAR_OK) status = har_model_selftest(model, &report, &error);
        need(status == HAR_OK && report.checked > 0, error.text);
        har_model_release(model);
    }
}

/* A copy of XNNPACK and cpuinfo: the functions that are used of it. */
typedef struct copy {
    enum xnn_status (*initialize)(const struct xnn_allocator *);
    enum xnn_status (*create_subgraph)(uint32_t, uint32_t, xnn_subgraph_t *);
    enum xnn_status (*define_tensor)(xnn_subgraph_t, enum xnn_datatype, size_t, const size_t *,
                                     const void *, uint32_t, uint32_t, uint32_t *);
    enum xnn_status (*define_clamp)(xnn_subgraph_t, float, float, uint32_t, uint32_t, uint32_t);
    enum xnn_status (*create_runtime)(xnn_subgraph_t, pthreadpool_t, uint32_t, xnn_runtime_t *);
    enum xnn_status (*setup)(xnn_runtime_t, size_t, const struct xnn_external_value *);
    enum xnn_status (*invoke)(xnn_runtime_t);
    enum xnn_status (*delete_runtime)(xnn_runtime_t);
    enum xnn_status (*delete_subgraph)(xnn_subgraph_t);
    bool (*cpuinfo_init)(void);
    uint32_t (*cpuinfo_cores)(void);
} copy;

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    need(found != NULL, name);
    return found;
}

/* ISO C has no cast from an object's pointer to a function's; POSIX says that both are alike. */
#define TAKE(member, library, name) (*(void **)&(functions.member) = symbol(library, name))

static copy functions_of(void *xnnpack, void *cpuinfo)
{
    copy functions;
    TAKE(initialize, xnnpack, "xnn_initialize");
    TAKE(create_subgraph, xnnpack, "xnn_create_subgraph");
    TAKE(define_tensor, xnnpack, "xnn_define_tensor_value");
    TAKE(define_clamp, xnnpack, "xnn_define_clamp");
    TAKE(create_runtime, xnnpack, "xnn_create_runtime_v2");
    TAKE(setup, xnnpack, "xnn_setup_runtime");
    TAKE(invoke, xnnpack, "xnn_invoke_runtime");
    TAKE(delete_runtime, xnnpack, "xnn_delete_runtime");
    TAKE(delete_subgraph, xnnpack, "xnn_delete_subgraph");
    TAKE(cpuinfo_init, cpuinfo, "cpuinfo_initialize");
    TAKE(cpuinfo_cores, cpuinfo, "cpuinfo_get_cores_count");
    return functions;
}

/* Clamps a vector to -1 .. 1. */
static void use_xnnpack(const copy *with)
{
    enum { SIZE = 20 };
    float x[SIZE + XNN_EXTRA_BYTES / sizeof(float)] = {0};
    float y[SIZE + XNN_EXTRA_BYTES / sizeof(float)] = {0};
    for (int i = 0; i < SIZE; i++) x[i] = (float)i - 10.0f;
    const size_t shape[1] = {SIZE};
    uint32_t ids[2];
    xnn_subgraph_t graph = NULL;
    xnn_runtime_t runtime = NULL;
    need(with->cpuinfo_init() && with->cpuinfo_cores() > 0, "cpuinfo");
    need(with->initialize(NULL) == xnn_status_success, "xnn_initialize");
    need(with->create_subgraph(2, 0, &graph) == xnn_status_success, "xnn_create_subgraph");
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t flag = i ? XNN_VALUE_FLAG_EXTERNAL_OUTPUT : XNN_VALUE_FLAG_EXTERNAL_INPUT;
        need(with->define_tensor(graph, xnn_datatype_fp32, 1, shape, NULL, i, flag, &ids[i]) ==
                 xnn_status_success,
             "xnn_define_tensor_value");
    }
    need(with->define_clamp(graph, -1.0f, 1.0f, ids[0], ids[1], 0) == xnn_status_success, "clamp");
    need(with->create_runtime(graph, NULL, 0, &runtime) == xnn_status_success,
         "xnn_create_runtime");
    const struct xnn_external_value values[2] = {{ids[0], x}, {ids[1], y}};
    need(with->setup(runtime, 2, values) == xnn_status_success, "xnn_setup_runtime");
    need(with->invoke(runtime) == xnn_status_success, "xnn_invoke_runtime");
    for (int i = 0; i < SIZE; i++)
        need(y[i] == fmaxf(-1.0f, fminf(1.0f, x[i])), "what XNNPACK has clamped");
    with->delete_runtime(runtime);
    with->delete_subgraph(graph);
}

/* The table of ONNX Runtime's C API by the places of onnxruntime_c_api.h, which grows at its end
 * alone. */
typedef struct ort_base {
    void *const *(*get)(uint32_t version);
    const char *(*version)(void);
} ort_base;
const ort_base *OrtGetApiBase(void);
enum { ORT_API = 17, CREATE_ENV = 3, CREATE_SESSION = 7, RUN = 9, CREATE_OPTIONS = 10 };
enum { CREATE_TENSOR = 49, TENSOR_DATA = 51, CREATE_CPU_MEMORY = 69, FLOAT = 1 };

/* Runs y = max(x, 0). */
static void use_onnxruntime(const char *network)
{
    void *const *api = OrtGetApiBase()->get(ORT_API);
    need(api != NULL, "OrtGetApi");
    void *env = NULL, *options = NULL, *session = NULL, *memory = NULL, *in = NULL, *out = NULL;
    float x[4] = {-1.0f, 2.0f, -3.0f, 4.0f};
    const int64_t shape[1] = {4};
#define ORT(place, ...) \
    need(((void *(*)())api[place])(__VA_ARGS__) == NULL, "ONNX Runtime: " #place)
    ORT(CREATE_ENV, 3, "together", &env);
    ORT(CREATE_OPTIONS, &options);
    ORT(CREATE_SESSION, env, network, options, &session);
    ORT(CREATE_CPU_MEMORY, 0, 0, &memory);
    ORT(CREATE_TENSOR, memory, x, sizeof x, shape, (size_t)1, FLOAT, &in);
    const char *const input[1] = {"x"}, *const output[1] = {"y"};
    const void *const inputs[1] = {in};
    ORT(RUN, session, NULL, input, inputs, (size_t)1, output, (size_t)1, &out);
    float *y = NULL;
    ORT(TENSOR_DATA, out, &y);
    for (int i = 0; i < 4; i++) need(y[i] == fmaxf(0.0f, x[i]), "what ONNX Runtime has computed");
}

int main(int argc, char **argv)
{
    need(argc > 4, "usage: together NETWORK.onnx XNNPACK_COPY CPUINFO_COPY MODEL.har...");
    const copy first = functions_of(RTLD_DEFAULT, RTLD_DEFAULT);
    void *xnnpack = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    void *cpuinfo = dlopen(argv[3], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    need(xnnpack && cpuinfo, "the second copy");
    const copy second = functions_of(xnnpack, cpuinfo);
    need(second.initialize != first.initialize && second.cpuinfo_init != first.cpuinfo_init,
         "the second copy is the first");
    for (int round = 0; round < 2; round++) {
        use_har(argc - 4, argv + 4);
        use_xnnpack(&first);
        use_onnxruntime(argv[1]);
        use_xnnpack(&second);
    }
    use_har(argc - 4, argv + 4);
    printf("all work, ONNX Runtime %s\n", OrtGetApiBase()->version());
    return 0;
}
