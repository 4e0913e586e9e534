set(CMAKE_SYSTEM_PROCESSOR cortex-m4f)
set(HAR_BOARD_CPU "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
