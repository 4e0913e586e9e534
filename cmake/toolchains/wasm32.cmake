# WebAssembly with SIMD128, with Debian's clang, lld and wasi-libc; programs run under Node.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_AR llvm-ar)
set(CMAKE_RANLIB llvm-ranlib)
set(CMAKE_C_FLAGS_INIT -msimd128)
# Fast calls of its WASI crash Node (nodejs/node issue 46777).
set(CMAKE_CROSSCOMPILING_EMULATOR node --no-warnings --no-turbo-fast-api-calls ${CMAKE_CURRENT_LIST_DIR}/../../tests/cross/wasi.mjs)
set(HAR_XNNPACK OFF CACHE STRING "")
