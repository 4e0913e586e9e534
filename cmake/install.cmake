install(DIRECTORY include/har DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS har_static har_shared)
