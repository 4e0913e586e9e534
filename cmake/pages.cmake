# Android runs on pages of 16 KB, and loads there only what is aligned to them.
if(ANDROID AND CMAKE_SIZEOF_VOID_P EQUAL 8 AND NOT HAR_PAGE_SIZE)
  set(HAR_PAGE_SIZE 16384)
endif()

# Aligns the segments of a shared library to HAR_PAGE_SIZE.
function(har_set_pages target)
  if(HAR_PAGE_SIZE)
    target_link_options(${target} PRIVATE
      "LINKER:-z,max-page-size=${HAR_PAGE_SIZE}" "LINKER:-z,common-page-size=${HAR_PAGE_SIZE}")
  endif()
endfunction()
