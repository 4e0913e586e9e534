# Android, by the toolchain file of the NDK that ANDROID_NDK_HOME names. No C++ runtime.
set(ndk "$ENV{ANDROID_NDK_HOME}")
if(NOT ndk)
  message(FATAL_ERROR "ANDROID_NDK_HOME is not set: install the Android NDK (r26 or later) and set ANDROID_NDK_HOME to its folder")
endif()
if(NOT EXISTS "${ndk}/build/cmake/android.toolchain.cmake")
  message(FATAL_ERROR "ANDROID_NDK_HOME is ${ndk}, which holds no build/cmake/android.toolchain.cmake: it is not an NDK")
endif()
include("${ndk}/build/cmake/android.toolchain.cmake")
