# macOS on Apple silicon, with Apple's compiler.
if(NOT CMAKE_HOST_APPLE)
  message(FATAL_ERROR "macOS needs Apple's compiler and SDK: run this on a Mac with the command line tools of Xcode")
endif()
set(CMAKE_OSX_ARCHITECTURES arm64)
set(CMAKE_OSX_DEPLOYMENT_TARGET 11.0)
