set(CMAKE_SYSTEM_PROCESSOR cortex-m55)
set(HAR_BOARD_CPU "-mcpu=cortex-m55")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
