# Arm Cortex-M without an operating system, with Debian's cross compiler and picolibc; included by the files of the processors,
# which set HAR_BOARD_CPU to the flags that name theirs.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_STANDARD 99)
# uint32_t is unsigned long here, as wide as the unsigned int of the formats and passed alike.
set(CMAKE_C_FLAGS_INIT
  "${HAR_BOARD_CPU} -mthumb -mfloat-abi=hard --specs=picolibc.specs -ffunction-sections -fdata-sections -Wno-format")
set(CMAKE_ASM_FLAGS_INIT "${HAR_BOARD_CPU} -mthumb")
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,--gc-sections)
set(HAR_SYSTEM OFF CACHE BOOL "")
set(HAR_TOOLS OFF CACHE BOOL "")
set(HAR_XNNPACK OFF CACHE STRING "")
