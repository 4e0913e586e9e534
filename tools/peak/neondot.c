#include <arm_neon.h>

#include "loops.h"

#define DOT(sum, x) vdotq_s32(sum, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(x))

PEAK_DEFINE(peak_int8_neondot, int32x4_t, vdupq_n_s32(0), vdupq_n_s32(0x01010101), DOT)
