# Warnings of every target of ours, and the floating-point rule of docs/design/numbers.md: no contraction.
function(har_set_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /fp:precise)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -ffp-contract=off
    $<$<BOOL:${MINGW}>:-Wno-float-conversion> # its isfinite() narrows in the branch that it does not take
    $<$<BOOL:${HAR_WERROR}>:-Werror>)
endfunction()
