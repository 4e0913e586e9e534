# har_jni, the JNI layer of bindings/android beside the shared library. Exports JNI_OnLoad alone. On Android jni.h is the
# system's; elsewhere HAR_JNI_INCLUDE names the JDK's folder of it, by default that of JAVA_HOME or of javac.
if(NOT ANDROID)
  find_program(HAR_JAVAC javac HINTS ENV JAVA_HOME PATH_SUFFIXES bin)
  file(REAL_PATH "${HAR_JAVAC}" javac)
  cmake_path(GET javac PARENT_PATH java_bin)
  find_path(HAR_JNI_INCLUDE jni.h HINTS ENV JAVA_HOME ${java_bin}/.. PATH_SUFFIXES include
    REQUIRED NO_CMAKE_FIND_ROOT_PATH)
  file(GLOB java_system ${HAR_JNI_INCLUDE}/*/jni_md.h)
  cmake_path(GET java_system PARENT_PATH java_system)
endif()

set(jni bindings/android/jni)
add_library(har_jni SHARED ${jni}/convert.c ${jni}/load.c ${jni}/model.c ${jni}/stream.c)
target_include_directories(har_jni SYSTEM PRIVATE ${HAR_JNI_INCLUDE} ${java_system})
target_link_libraries(har_jni PRIVATE har_shared)
set_target_properties(har_jni PROPERTIES C_VISIBILITY_PRESET hidden BUILD_WITH_INSTALL_RPATH ON)
har_set_warnings(har_jni)
target_compile_options(har_jni PRIVATE -Wno-pedantic) # JNI takes functions as void *
har_set_pages(har_jni)
if(HAR_LINKER_JOINS)
  target_link_options(har_jni PRIVATE "-Wl,-z,noseparate-code")
endif()
install(TARGETS har_jni)
