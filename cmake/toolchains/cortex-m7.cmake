set(CMAKE_SYSTEM_PROCESSOR cortex-m7)
set(HAR_BOARD_CPU "-mcpu=cortex-m7 -mfpu=fpv5-d16")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
