# XNNPACK with pthreadpool and cpuinfo, as Linux distributions ship them: headers and libraries alone.
#   XNNPACK::XNNPACK  all three of them
#   XNNPACK_FOUND  XNNPACK_INCLUDE_DIRS  XNNPACK_LIBRARIES
#   XNNPACK_RESHAPES  the version of 2024 or later, where a runtime is reshaped before it is set up
include(FindPackageHandleStandardArgs)
include(CheckSymbolExists)
include(CMakePushCheckState)

set(_required)
foreach(_part XNNPACK:xnnpack pthreadpool:pthreadpool cpuinfo:cpuinfo)
  string(REPLACE ":" ";" _part ${_part})
  list(GET _part 0 _library)
  list(GET _part 1 _header)
  find_path(XNNPACK_${_header}_HEADER ${_header}.h)
  find_library(XNNPACK_${_header}_LIBRARY ${_library})
  mark_as_advanced(XNNPACK_${_header}_HEADER XNNPACK_${_header}_LIBRARY)
  list(APPEND _required XNNPACK_${_header}_HEADER XNNPACK_${_header}_LIBRARY)
endforeach()
find_package_handle_standard_args(XNNPACK REQUIRED_VARS ${_required})

if(XNNPACK_FOUND)
  set(XNNPACK_INCLUDE_DIRS
    ${XNNPACK_xnnpack_HEADER} ${XNNPACK_pthreadpool_HEADER} ${XNNPACK_cpuinfo_HEADER})
  list(REMOVE_DUPLICATES XNNPACK_INCLUDE_DIRS)
  set(XNNPACK_LIBRARIES
    ${XNNPACK_xnnpack_LIBRARY} ${XNNPACK_pthreadpool_LIBRARY} ${XNNPACK_cpuinfo_LIBRARY})
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_INCLUDES ${XNNPACK_INCLUDE_DIRS})
  set(CMAKE_REQUIRED_LIBRARIES ${XNNPACK_LIBRARIES} m)
  set(CMAKE_REQUIRED_QUIET ON)
  check_symbol_exists(xnn_create_runtime_v2 xnnpack.h XNNPACK_LINKS)
  check_symbol_exists(xnn_reshape_runtime xnnpack.h XNNPACK_RESHAPES)
  cmake_pop_check_state()
  if(NOT TARGET XNNPACK::XNNPACK)
    add_library(XNNPACK::XNNPACK INTERFACE IMPORTED)
    target_include_directories(XNNPACK::XNNPACK INTERFACE ${XNNPACK_INCLUDE_DIRS})
    target_link_libraries(XNNPACK::XNNPACK INTERFACE ${XNNPACK_LIBRARIES})
  endif()
endif()
