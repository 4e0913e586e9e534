# Android with the NDK that the environment variable ANDROID_NDK_HOME names. No C++ runtime; pages of 16 KB, which
# 64-bit devices may have.
if(NOT EXISTS "$ENV{ANDROID_NDK_HOME}/build/cmake/android.toolchain.cmake")
  message(FATAL_ERROR "Android needs its NDK, r27 or later: set ANDROID_NDK_HOME to its folder "
    "(it is '$ENV{ANDROID_NDK_HOME}', which holds no build/cmake/android.toolchain.cmake)")
endif()
set(ANDROID_PLATFORM android-21)
set(ANDROID_STL none)
set(ANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES ON)
include("$ENV{ANDROID_NDK_HOME}/build/cmake/android.toolchain.cmake")
