/* The natives of org.libhar.HarModel. */
#include "har_jni.h"

static jlong opened(JNIEnv *env, int32_t status, har_model *model, const har_error *error)
{
    if (status != HAR_OK) harj_throw(env, status, error);
    return HARJ_HANDLE(model);
}

static jlong open_file(JNIEnv *env, jclass type, jbyteArray path)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    jbyte *text = (*env)->GetByteArrayElements(env, path, NULL); /* ends with 0 */
    if (!text) return 0;
    const int32_t status = har_model_open_file((const char *)text, NULL, &model, &error);
    (*env)->ReleaseByteArrayElements(env, path, text, JNI_ABORT);
    return opened(env, status, model, &error);
}

static jlong open_bytes(JNIEnv *env, jclass type, jbyteArray bytes)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_model_config config;
    har_model_config_init(&config, sizeof config);
    config.copy_bytes = 1;
    har_model *model = NULL;
    const jsize size = (*env)->GetArrayLength(env, bytes);
    jbyte *at = (*env)->GetByteArrayElements(env, bytes, NULL);
    if (!at) return 0;
    const int32_t status = har_model_open_memory(at, (size_t)size, &config, &model, &error);
    (*env)->ReleaseByteArrayElements(env, bytes, at, JNI_ABORT);
    return opened(env, status, model, &error);
}

static jlong open_buffer(JNIEnv *env, jclass type, jobject buffer, jint offset, jint size)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_model *model = NULL;
    const char *at = (*env)->GetDirectBufferAddress(env, buffer);
    const int32_t status =
        har_model_open_memory(at ? at + offset : NULL, (size_t)size, NULL, &model, &error);
    return opened(env, status, model, &error);
}

static void release(JNIEnv *env, jclass type, jlong model)
{
    (void)env;
    (void)type;
    har_model_release(HARJ_POINTER(har_model, model));
}

static void info(JNIEnv *env, jclass type, jlong model, jlongArray numbers, jdoubleArray rate_hz)
{
    (void)type;
    har_model_info found = {.struct_size = sizeof found};
    har_model_get_info(HARJ_POINTER(har_model, model), &found);
    const jlong values[] = {found.channel_count,
                            found.signal_channel_count,
                            found.class_count,
                            found.window,
                            found.hop,
                            found.latency,
                            found.numeric,
                            (jlong)found.file_bytes,
                            (jlong)found.model_bytes,
                            (jlong)found.stream_bytes,
                            (jlong)found.parameters,
                            (jlong)found.macs};
    (*env)->SetLongArrayRegion(env, numbers, 0, (jsize)(sizeof values / sizeof *values), values);
    (*env)->SetDoubleArrayRegion(env, rate_hz, 0, 1, &found.rate_hz);
}

static jbyteArray text(JNIEnv *env, jclass type, jlong model, jint which)
{
    (void)type;
    return harj_bytes_of(env, har_model_text(HARJ_POINTER(har_model, model), which));
}

static jbyteArray class_name(JNIEnv *env, jclass type, jlong model, jint index)
{
    (void)type;
    const har_model *opened_model = HARJ_POINTER(har_model, model);
    return harj_bytes_of(env, har_model_class_name(opened_model, (uint32_t)index));
}

/* Which: name, kind, axis, unit, placement. */
static jbyteArray channel_text(JNIEnv *env, jclass type, jlong model, jint index, jint which)
{
    (void)type;
    har_channel_info channel = {.struct_size = sizeof channel};
    if (har_model_get_channel(HARJ_POINTER(har_model, model), (uint32_t)index, &channel) != HAR_OK)
        return NULL;
    const char *const texts[] = {channel.name, channel.kind, channel.axis, channel.unit,
                                 channel.placement};
    return harj_bytes_of(env, texts[which]);
}

static jint selftest(JNIEnv *env, jclass type, jlong model)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_selftest report = {.struct_size = sizeof report};
    const int32_t status = har_model_selftest(HARJ_POINTER(har_model, model), &report, &error);
    if (status != HAR_OK) harj_throw(env, status, &error);
    return (jint)report.checked;
}

static jdoubleArray decision(JNIEnv *env, jclass type, jlong model)
{
    (void)type;
    har_decision_config found;
    const int32_t status =
        har_decision_config_init(&found, sizeof found, HARJ_POINTER(har_model, model));
    if (status != HAR_OK) {
        harj_throw(env, status, NULL);
        return NULL;
    }
    double numbers[HARJ_DECISION_NUMBERS];
    harj_numbers_of_decision(&found, numbers);
    jdoubleArray made = (*env)->NewDoubleArray(env, HARJ_DECISION_NUMBERS);
    if (made) (*env)->SetDoubleArrayRegion(env, made, 0, HARJ_DECISION_NUMBERS, numbers);
    return made;
}

static jdoubleArray preset(JNIEnv *env, jclass type, jint number)
{
    (void)type;
    har_source source;
    har_source_init(&source, sizeof source, (uint32_t)number);
    return harj_numbers_of_source(env, &source);
}

static jbyteArray reason_name(JNIEnv *env, jclass type, jint reason)
{
    (void)type;
    return harj_bytes_of(env, har_reason_name((uint32_t)reason));
}

static jint version(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
    return (jint)har_version();
}

const JNINativeMethod harj_model_methods[] = {
    HARJ_METHOD("openFile", "([B)J", open_file),
    HARJ_METHOD("openBytes", "([B)J", open_bytes),
    HARJ_METHOD("openBuffer", "(Ljava/nio/ByteBuffer;II)J", open_buffer),
    HARJ_METHOD("releaseModel", "(J)V", release),
    HARJ_METHOD("info", "(J[J[D)V", info),
    HARJ_METHOD("text", "(JI)[B", text),
    HARJ_METHOD("className", "(JI)[B", class_name),
    HARJ_METHOD("channelText", "(JII)[B", channel_text),
    HARJ_METHOD("selftest", "(J)I", selftest),
    HARJ_METHOD("decision", "(J)[D", decision),
    HARJ_METHOD("preset", "(I)[D", preset),
    HARJ_METHOD("reasonName", "(I)[B", reason_name),
    HARJ_METHOD("version", "()I", version),
};
const jint harj_model_method_count = (jint)(sizeof harj_model_methods / sizeof *harj_model_methods);
