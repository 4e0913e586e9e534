/* Errors, texts, sources and decisions between C and Java. */
#include <string.h>

#include "har_jni.h"

jbyteArray harj_bytes_of(JNIEnv *env, const char *text)
{
    if (!text) return NULL;
    const jsize size = (jsize)strlen(text);
    jbyteArray bytes = (*env)->NewByteArray(env, size);
    if (bytes) (*env)->SetByteArrayRegion(env, bytes, 0, size, (const jbyte *)text);
    return bytes;
}

void harj_throw(JNIEnv *env, int32_t status, const har_error *error)
{
    const int filled = error && error->status == status;
    jclass type = (*env)->FindClass(env, "org/libhar/HarException");
    if (!type) return; /* NoClassDefFoundError is thrown */
    jmethodID make = (*env)->GetMethodID(env, type, "<init>", "(I[B[B[BDDJ)V");
    if (!make) return;
    jbyteArray name = harj_bytes_of(env, har_status_name(status));
    jbyteArray text = harj_bytes_of(env, filled ? error->text : har_status_text(status));
    jbyteArray field = harj_bytes_of(env, filled ? error->field : "");
    const double value = filled ? error->value : 0.0;
    const double bound = filled ? error->bound : 0.0;
    const jlong at = filled && error->byte != HAR_NO_BYTE ? (jlong)error->byte : -1;
    jobject thrown =
        (*env)->NewObject(env, type, make, (jint)status, name, text, field, value, bound, at);
    if (thrown) (*env)->Throw(env, thrown);
}

static void numbers_of_sensor(const har_source_sensor *sensor, double *numbers)
{
    numbers[0] = sensor->kind;
    numbers[1] = sensor->unit;
    numbers[2] = sensor->placement;
    numbers[3] = sensor->columns;
    for (int i = 0; i < 3; i++) {
        numbers[4 + i] = sensor->axis[i];
        numbers[7 + i] = sensor->sign[i];
    }
    numbers[10] = sensor->rate_hz;
    numbers[11] = sensor->range;
}

static har_source_sensor sensor_of_numbers(const double *numbers)
{
    har_source_sensor sensor = {.kind = (uint32_t)numbers[0],
                                .unit = (uint32_t)numbers[1],
                                .placement = (uint32_t)numbers[2],
                                .columns = (uint32_t)numbers[3],
                                .rate_hz = numbers[10],
                                .range = numbers[11]};
    for (int i = 0; i < 3; i++) {
        sensor.axis[i] = (int32_t)numbers[4 + i];
        sensor.sign[i] = (int32_t)numbers[7 + i];
    }
    return sensor;
}

jdoubleArray harj_numbers_of_source(JNIEnv *env, const har_source *source)
{
    double numbers[HARJ_SOURCE_SENSORS + HAR_MAX_SENSORS * HARJ_SENSOR_NUMBERS] = {0};
    numbers[HARJ_SOURCE_MOUNT] = source->mount;
    memcpy(numbers + HARJ_SOURCE_MATRIX, source->matrix, sizeof source->matrix);
    double *at = numbers + HARJ_SOURCE_SENSORS;
    for (uint32_t i = 0; i < source->sensor_count; i++, at += HARJ_SENSOR_NUMBERS)
        numbers_of_sensor(&source->sensors[i], at);
    const jsize count = (jsize)(at - numbers);
    jdoubleArray made = (*env)->NewDoubleArray(env, count);
    if (made) (*env)->SetDoubleArrayRegion(env, made, 0, count, numbers);
    return made;
}

int32_t harj_source_of_numbers(const double *numbers, jsize count, har_source *source)
{
    const jsize sensors = (count - HARJ_SOURCE_SENSORS) / HARJ_SENSOR_NUMBERS;
    if (count < HARJ_SOURCE_SENSORS || sensors > HAR_MAX_SENSORS ||
        count != HARJ_SOURCE_SENSORS + sensors * HARJ_SENSOR_NUMBERS)
        return HAR_ERR_VALUE;
    har_source_init(source, sizeof *source, HAR_PRESET_CUSTOM);
    source->mount = (uint32_t)numbers[HARJ_SOURCE_MOUNT];
    memcpy(source->matrix, numbers + HARJ_SOURCE_MATRIX, sizeof source->matrix);
    source->sensor_count = (uint32_t)sensors;
    for (jsize i = 0; i < sensors; i++)
        source->sensors[i] =
            sensor_of_numbers(numbers + HARJ_SOURCE_SENSORS + i * HARJ_SENSOR_NUMBERS);
    return HAR_OK;
}

void harj_numbers_of_decision(const har_decision_config *decision, double *numbers)
{
    numbers[0] = decision->temperature;
    numbers[1] = decision->smoothing;
    numbers[2] = decision->majority;
    numbers[3] = decision->enter_above;
    numbers[4] = decision->exit_below;
    numbers[5] = (double)decision->min_duration_ns; /* at most an hour: exact */
    numbers[6] = decision->abstain_below;
}

void harj_decision_of_numbers(const double *numbers, har_decision_config *decision)
{
    *decision = (har_decision_config){.struct_size = sizeof *decision,
                                      .temperature = (float)numbers[0],
                                      .smoothing = (float)numbers[1],
                                      .majority = (uint32_t)numbers[2],
                                      .enter_above = (float)numbers[3],
                                      .exit_below = (float)numbers[4],
                                      .min_duration_ns = (int64_t)numbers[5],
                                      .abstain_below = (float)numbers[6]};
}
