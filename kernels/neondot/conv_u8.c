/* sdot multiplies 4 I8 by 4 I8 in every lane and adds them to the sum at once; the input's four can
 * be any lane of a register, so one load of input serves four units. */
#if !defined(__ARM_FEATURE_DOTPROD)
#error "compile with -march=armv8.2-a+dotprod"
#endif

#define HARK_ISA neondot
#define HARK_OWN_DOT
#include "kernels/neon/vec.h"

#define HARK_UNITS 4u
#define HARK_ROW_SUMS_Q 2u

typedef int8x16_t vis;

HARK_INLINE vis vis_input_u8(const void *p)
{
    return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(p), vdupq_n_u8(0x80)));
}
HARK_INLINE int8x16_t v_weights(vi w) { return vreinterpretq_s8_s32(w); }
HARK_INLINE vi vis_dot_u8(vi sum, vis x, const vi *w)
{
    sum = vdotq_laneq_s32(sum, v_weights(w[0]), x, 0);
    sum = vdotq_laneq_s32(sum, v_weights(w[1]), x, 1);
    sum = vdotq_laneq_s32(sum, v_weights(w[2]), x, 2);
    return vdotq_laneq_s32(sum, v_weights(w[3]), x, 3);
}
HARK_INLINE vi vi_dot_u8(vi sum, vi x, vi w)
{
    return vdotq_s32(sum, v_weights(w), vreinterpretq_s8_s32(x));
}

/* After the operations. */
#include "kernels/body/conv_u8.h"
