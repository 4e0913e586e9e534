# What is installed, and where: libraries, headers, models, licences, the files by which CMake and pkg-config find
# them. Every path in them is relative to the file that says it, so the folder may be moved.
include(CMakePackageConfigHelpers)

set(har_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/har)
set(HAR_MODELS_DESTINATION ${CMAKE_INSTALL_DATADIR}/libhar/models)

install(DIRECTORY include/har DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES bindings/cpp/har.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ DESTINATION ${HAR_MODELS_DESTINATION} FILES_MATCHING PATTERN "*.har")

# A set of targets for each library: the components static and shared.
foreach(library ${HAR_LIBRARIES})
  install(TARGETS ${library} EXPORT ${library}_targets)
  install(EXPORT ${library}_targets NAMESPACE har:: FILE ${library}-targets.cmake DESTINATION ${har_cmake})
endforeach()
configure_package_config_file(cmake/har-config.cmake.in ${PROJECT_BINARY_DIR}/har-config.cmake
  INSTALL_DESTINATION ${har_cmake} PATH_VARS HAR_MODELS_DESTINATION)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/har-config-version.cmake
  COMPATIBILITY SameMinorVersion) # before 1.0 a minor version may change the API
install(FILES ${PROJECT_BINARY_DIR}/har-config.cmake ${PROJECT_BINARY_DIR}/har-config-version.cmake
  DESTINATION ${har_cmake})
if(HAR_XNNPACK_TARGET)
  install(FILES cmake/FindXNNPACK.cmake DESTINATION ${har_cmake})
endif()

# har.pc says what to link beside the static library; also in the build folder.
set(HAR_LINK_STATIC)
if(HAR_XNNPACK_TARGET)
  foreach(library ${XNNPACK_LIBRARIES})
    get_filename_component(library ${library} NAME_WE)
    string(REGEX REPLACE "^lib" "-l" library ${library})
    string(APPEND HAR_LINK_STATIC " ${library}")
  endforeach()
endif()
if(NOT WIN32)
  string(APPEND HAR_LINK_STATIC " -lm")
endif()
file(RELATIVE_PATH HAR_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" HAR_PC_PREFIX "${HAR_PC_PREFIX}")
configure_file(cmake/har.pc.in ${PROJECT_BINARY_DIR}/har.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/har.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

include(cmake/spdx.cmake)
install(FILES LICENSE NOTICE ${PROJECT_BINARY_DIR}/libhar.spdx.json DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libhar)
if(PROJECT_IS_TOP_LEVEL)
  include(cmake/pack.cmake)
endif()
