/* The JNI layer: what its files share. Arrays of numbers and bytes pass between Java and C, no
 * objects: what the numbers are is said in org.libhar.HarNative. */
#ifndef HAR_JNI_H
#define HAR_JNI_H

#include <jni.h>
#include <stdint.h>

#include "har/har.h"

/* The natives of one file, for RegisterNatives. */
extern const JNINativeMethod harj_model_methods[];
extern const jint harj_model_method_count;
extern const JNINativeMethod harj_stream_methods[];
extern const jint harj_stream_method_count;

/* An entry of those; JNI takes functions as void *. */
#define HARJ_METHOD(name, signature, function) \
    {                                          \
        name, signature, (void *)(function)    \
    }

/* Throws org.libhar.HarException for `status`, with what `error` says where it was filled. */
void harj_throw(JNIEnv *env, int32_t status, const har_error *error);

/* The bytes of a text in UTF-8, null for NULL. Strings of JNI have another encoding. */
jbyteArray harj_bytes_of(JNIEnv *env, const char *text);

/* What `handle` of Java is: pointers travel as long. */
#define HARJ_POINTER(type, handle) ((type *)(intptr_t)(handle))
#define HARJ_HANDLE(pointer) ((jlong)(intptr_t)(pointer))

/* The layout of a source in doubles: mount, matrix, then each sensor. */
enum {
    HARJ_SOURCE_MOUNT = 0,
    HARJ_SOURCE_MATRIX = 1,
    HARJ_SOURCE_SENSORS = 10,
    HARJ_SENSOR_NUMBERS = 12
};

/* Java's numbers from a source, and back; sensor_count follows from `count`. The second one returns
 * HAR_ERR_VALUE for a count that no source has. */
jdoubleArray harj_numbers_of_source(JNIEnv *env, const har_source *source);
int32_t harj_source_of_numbers(const double *numbers, jsize count, har_source *source);

enum { HARJ_DECISION_NUMBERS = 7 };

void harj_numbers_of_decision(const har_decision_config *decision, double *numbers);
void harj_decision_of_numbers(const double *numbers, har_decision_config *decision);

#endif /* HAR_JNI_H */
