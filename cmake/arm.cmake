# What the compiler can do for Arm, and with which flags beyond those that are set already:
#   HAR_ARM_NEON, HAR_ARM_NEON_FLAGS   NEON of 64-bit or 32-bit Arm
#   HAR_ARM_DOT, HAR_ARM_DOT_FLAGS     sdot with it, on 64-bit Arm
include(CheckCSourceCompiles)

# Sets `name` to whether `source` compiles, as it is or else with `flags`, and name_FLAGS to the flags that it needs.
function(har_check_arm name flags source)
  check_c_source_compiles("${source}" ${name}_PLAIN)
  set(${name} ${${name}_PLAIN} PARENT_SCOPE)
  set(${name}_FLAGS "" PARENT_SCOPE)
  if(NOT ${name}_PLAIN AND flags)
    set(CMAKE_REQUIRED_FLAGS "${flags}")
    check_c_source_compiles("${source}" ${name}_FLAGGED)
    set(${name} ${${name}_FLAGGED} PARENT_SCOPE)
    set(${name}_FLAGS ${flags} PARENT_SCOPE)
  endif()
endfunction()

set(neon_flags "")
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  set(neon_flags -mfpu=neon)
endif()
har_check_arm(HAR_ARM_NEON "${neon_flags}" "
#if !defined(__ARM_NEON) || defined(__ARM_BIG_ENDIAN)
#error no NEON
#endif
#include <arm_neon.h>
int main(void) { return (int)vgetq_lane_f32(vdupq_n_f32(0.0f), 0); }")

set(HAR_ARM_DOT FALSE)
if(CMAKE_SIZEOF_VOID_P EQUAL 8)
  har_check_arm(HAR_ARM_DOT -march=armv8.2-a+dotprod "
#if !defined(__ARM_FEATURE_DOTPROD)
#error no dot product
#endif
#include <arm_neon.h>
int main(void) { const int8x16_t a = vdupq_n_s8(0); return vgetq_lane_s32(vdotq_s32(vdupq_n_s32(0), a, a), 0); }")
endif()

# GCC orders instructions before it hands out registers, and so far apart that the sums of a tile no longer fit.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND HAR_ARM_NEON_FLAGS -fno-schedule-insns)
  list(APPEND HAR_ARM_DOT_FLAGS -fno-schedule-insns)
endif()
