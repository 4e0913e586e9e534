# Warnings of every target of ours, and the floating-point rules of docs/design/numbers.md: no contraction, and
# binary32 in registers of that width, which the x87 of 32-bit x86 has not.
function(har_set_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /fp:precise /experimental:c11atomics)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -ffp-contract=off
    $<$<BOOL:${MINGW}>:-Wno-float-conversion> # its isfinite() narrows in the branch that it does not take
    $<$<BOOL:${HAR_WERROR}>:-Werror>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86|i[3-6]86)$")
    target_compile_options(${target} PRIVATE -msse2 -mfpmath=sse)
  endif()
endfunction()
