/* Vectors that are not full, and codes of full ones. */
#ifndef HARK_BODY_TAIL_H
#define HARK_BODY_TAIL_H

#include "kernels/body/isa.h"
#include "kernels/ref/math.h"

HARK_INLINE uint32_t lanes_left(uint32_t n) { return n < HARK_LANES ? n : HARK_LANES; }

HARK_INLINE vf load_lanes(const float *p, uint32_t n)
{
    return n < HARK_LANES ? v_load_n(p, n) : v_load(p);
}

HARK_INLINE void store_lanes(float *p, vf a, uint32_t n)
{
    if (n < HARK_LANES)
        v_store_n(p, a, n);
    else
        v_store(p, a);
}

/* hark_code of every lane; low and high are the code's bounds less its zero point. NaN gives low:
 * v_max takes its second argument then. */
HARK_INLINE vi v_code(vf value, vf low, vf high, int32_t zero)
{
    return vi_add(v_round(v_min(v_max(value, low), high)), vi_all(zero));
}

#endif /* HARK_BODY_TAIL_H */
