#include <arm_neon.h>

#include "loops.h"

#if defined(__ARM_FEATURE_FMA)
#define FMA(sum, x) vfmaq_f32(sum, x, x)
#else
#define FMA(sum, x) vmlaq_f32(sum, x, x)
#endif
/* Eight products and their pairwise sums. */
#define DOT(sum, x)                                                 \
    vpadalq_s16(sum, vmull_s8(vget_low_s8(vreinterpretq_s8_s32(x)), \
                              vget_low_s8(vreinterpretq_s8_s32(sum))))

PEAK_DEFINE(peak_f32_neon, float32x4_t, vdupq_n_f32(0.0f), vdupq_n_f32(0.5f), FMA)
PEAK_DEFINE(peak_int8_neon, int32x4_t, vdupq_n_s32(0), vdupq_n_s32(0x01010101), DOT)
