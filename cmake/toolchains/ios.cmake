# iOS devices, with Xcode.
if(NOT CMAKE_HOST_APPLE)
  message(FATAL_ERROR "iOS needs Apple's compiler and SDK: run this on a Mac with Xcode")
endif()
set(CMAKE_SYSTEM_NAME iOS)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(CMAKE_OSX_ARCHITECTURES arm64)
set(CMAKE_OSX_DEPLOYMENT_TARGET 13.0)
set(HAR_TOOLS OFF CACHE BOOL "Build the program har")
