# Objects for Apple's systems with the clang and the headers of the package ziglang, for tests on machines without Xcode. The
# environment variable HAR_APPLE_TRIPLE names the target, e.g. arm64-apple-ios12.0, HAR_ZIG the folder of that package.
set(CMAKE_SYSTEM_NAME Darwin)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "$ENV{HAR_APPLE_TRIPLE}")
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_OSX_ARCHITECTURES "")
set(CMAKE_C_COMPILER "${CMAKE_CURRENT_LIST_DIR}/apple-zig-cc")
set(CMAKE_AR llvm-ar)
set(CMAKE_RANLIB llvm-ranlib)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # nothing links without Apple's libraries
