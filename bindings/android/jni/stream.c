/* The natives of org.libhar.HarStream. */
#include <string.h>

#include "har_jni.h"

enum { CONFIG_NUMBERS = 7 };

/* Fills `source` and `decision` where Java gave numbers for them; 0 where it gave wrong ones. */
static int32_t parts_of_config(JNIEnv *env, har_stream_config *config, jdoubleArray source_numbers,
                               har_source *source, jdoubleArray decision_numbers,
                               har_decision_config *decision)
{
    if (source_numbers) {
        double numbers[HARJ_SOURCE_SENSORS + HAR_MAX_SENSORS * HARJ_SENSOR_NUMBERS];
        const jsize count = (*env)->GetArrayLength(env, source_numbers);
        if (count > (jsize)(sizeof numbers / sizeof *numbers)) return HAR_ERR_VALUE;
        (*env)->GetDoubleArrayRegion(env, source_numbers, 0, count, numbers);
        if (harj_source_of_numbers(numbers, count, source) != HAR_OK) return HAR_ERR_VALUE;
        config->source = source;
    }
    if (decision_numbers) {
        double numbers[HARJ_DECISION_NUMBERS];
        (*env)->GetDoubleArrayRegion(env, decision_numbers, 0, HARJ_DECISION_NUMBERS, numbers);
        harj_decision_of_numbers(numbers, decision);
        config->decision = decision;
    }
    return HAR_OK;
}

static jlong create(JNIEnv *env, jclass type, jlong model, jlongArray config_numbers,
                    jdoubleArray source_numbers, jdoubleArray decision_numbers)
{
    (void)type;
    jlong numbers[CONFIG_NUMBERS];
    (*env)->GetLongArrayRegion(env, config_numbers, 0, CONFIG_NUMBERS, numbers);
    har_stream_config config;
    har_stream_config_init(&config, sizeof config);
    config.hop = (uint32_t)numbers[0];
    config.queue = (uint32_t)numbers[1];
    config.max_gap_ns = numbers[2];
    config.max_wait_ns = numbers[3];
    config.reuse = (uint32_t)numbers[4];
    config.still_gate = (uint32_t)numbers[5];
    config.max_stretch = (uint32_t)numbers[6];
    har_source source;
    har_decision_config decision;
    har_error error;
    har_error_init(&error, sizeof error);
    har_stream *stream = NULL;
    int32_t status =
        parts_of_config(env, &config, source_numbers, &source, decision_numbers, &decision);
    if (status == HAR_OK)
        status = har_stream_create(HARJ_POINTER(har_model, model), &config, &stream, &error);
    if (status != HAR_OK) harj_throw(env, status, &error);
    return HARJ_HANDLE(stream);
}

static void destroy(JNIEnv *env, jclass type, jlong stream)
{
    (void)env;
    (void)type;
    har_stream_destroy(HARJ_POINTER(har_stream, stream));
}

/* One push. Java has checked that the ranges lie in the arrays. `sensor` is -1 for whole samples.
 * The arrays are not copied: a push takes microseconds and calls nothing of Java. */
static jint push(JNIEnv *env, jclass type, jlong stream, jint sensor, jfloatArray values,
                 jint first, jint rows, jint columns, jlongArray times, jint first_time)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    float *at = (*env)->GetPrimitiveArrayCritical(env, values, NULL);
    if (!at) return 0; /* OutOfMemoryError is thrown */
    jlong *times_at = times ? (*env)->GetPrimitiveArrayCritical(env, times, NULL) : NULL;
    size_t taken = 0;
    int32_t status = HAR_OK;
    har_stream *to = HARJ_POINTER(har_stream, stream);
    const int64_t *times_ns = times_at ? (const int64_t *)times_at + first_time : NULL;
    if (times_at || !times)
        status = sensor < 0 ? har_push_samples(to, at + first, (size_t)rows, (uint32_t)columns,
                                               times_ns, &taken, &error)
                            : har_push_sensor(to, (uint32_t)sensor, at + first, (size_t)rows,
                                              (uint32_t)columns, times_ns, &taken, &error);
    if (times_at) (*env)->ReleasePrimitiveArrayCritical(env, times, times_at, JNI_ABORT);
    (*env)->ReleasePrimitiveArrayCritical(env, values, at, JNI_ABORT);
    if (status < 0) harj_throw(env, status, &error);
    return (jint)taken;
}

static void give(JNIEnv *env, const har_event *event, jfloatArray scores, jlongArray numbers)
{
    uint32_t confidence;
    memcpy(&confidence, &event->confidence, sizeof confidence);
    const jlong values[] = {event->class_index,
                            event->flags,
                            event->t_start_ns,
                            event->t_end_ns,
                            (jlong)event->first_sample,
                            event->left_index,
                            event->raw_index,
                            event->since_ns,
                            event->reasons,
                            confidence};
    (*env)->SetLongArrayRegion(env, numbers, 0, (jsize)(sizeof values / sizeof *values), values);
    (*env)->SetFloatArrayRegion(env, scores, 0, (jsize)event->score_count, event->scores);
}

static jboolean poll(JNIEnv *env, jclass type, jlong stream, jfloatArray scores, jlongArray numbers)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_event event = {.struct_size = sizeof event};
    const int32_t status = har_poll_label(HARJ_POINTER(har_stream, stream), &event, &error);
    if (status < 0) harj_throw(env, status, &error);
    if (status != HAR_OK) return JNI_FALSE;
    give(env, &event, scores, numbers);
    return JNI_TRUE;
}

static void classify(JNIEnv *env, jclass type, jlong stream, jfloatArray window, jint rows,
                     jint columns, jfloatArray scores, jlongArray numbers)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    har_event event = {.struct_size = sizeof event};
    jfloat *at = (*env)->GetFloatArrayElements(env, window, NULL);
    if (!at) return;
    const int32_t status = har_classify_window(HARJ_POINTER(har_stream, stream), at, (size_t)rows,
                                               (uint32_t)columns, &event, &error);
    (*env)->ReleaseFloatArrayElements(env, window, at, JNI_ABORT);
    if (status == HAR_OK)
        give(env, &event, scores, numbers);
    else
        harj_throw(env, status, &error);
}

static jboolean flush(JNIEnv *env, jclass type, jlong stream)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    const int32_t status = har_stream_flush(HARJ_POINTER(har_stream, stream), &error);
    if (status < 0) harj_throw(env, status, &error);
    return status == HAR_OK;
}

static void reset(JNIEnv *env, jclass type, jlong stream)
{
    (void)type;
    har_error error;
    har_error_init(&error, sizeof error);
    const int32_t status = har_stream_reset(HARJ_POINTER(har_stream, stream), &error);
    if (status < 0) harj_throw(env, status, &error);
}

static void counters(JNIEnv *env, jclass type, jlong stream, jlongArray numbers, jdoubleArray rates)
{
    (void)type;
    har_stream_counters found = {.struct_size = sizeof found};
    har_stream_get_counters(HARJ_POINTER(har_stream, stream), &found);
    const jlong values[] = {
        found.reasons_now,      (jlong)found.samples,         (jlong)found.gaps,
        (jlong)found.windows,   (jlong)found.windows_skipped, (jlong)found.windows_stretched,
        (jlong)found.macs,      (jlong)found.macs_fresh,      (jlong)found.rows,
        (jlong)found.rows_lost, (jlong)found.duplicates};
    (*env)->SetLongArrayRegion(env, numbers, 0, (jsize)(sizeof values / sizeof *values), values);
    (*env)->SetDoubleArrayRegion(env, rates, 0, HAR_MAX_SENSORS, found.rate_hz);
}

const JNINativeMethod harj_stream_methods[] = {
    HARJ_METHOD("createStream", "(J[J[D[D)J", create),
    HARJ_METHOD("destroyStream", "(J)V", destroy),
    HARJ_METHOD("push", "(JI[FIII[JI)I", push),
    HARJ_METHOD("poll", "(J[F[J)Z", poll),
    HARJ_METHOD("classify", "(J[FII[F[J)V", classify),
    HARJ_METHOD("flush", "(J)Z", flush),
    HARJ_METHOD("reset", "(J)V", reset),
    HARJ_METHOD("counters", "(J[J[D)V", counters),
};
const jint harj_stream_method_count =
    (jint)(sizeof harj_stream_methods / sizeof *harj_stream_methods);
