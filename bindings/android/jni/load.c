/* Registers the natives. JNI_OnLoad is all that the library exports. */
#include "har_jni.h"

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved);

static int registered(JNIEnv *env, jclass natives, const JNINativeMethod *methods, jint count)
{
    return (*env)->RegisterNatives(env, natives, methods, count) == JNI_OK;
}

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
    (void)reserved;
    void *env_found = NULL;
    if ((*vm)->GetEnv(vm, &env_found, JNI_VERSION_1_6) != JNI_OK) return JNI_ERR;
    JNIEnv *env = env_found;
    jclass natives = (*env)->FindClass(env, "org/libhar/HarNative");
    if (!natives) return JNI_ERR;
    if (!registered(env, natives, harj_model_methods, harj_model_method_count)) return JNI_ERR;
    if (!registered(env, natives, harj_stream_methods, harj_stream_method_count)) return JNI_ERR;
    return JNI_VERSION_1_6;
}
