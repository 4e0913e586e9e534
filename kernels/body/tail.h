/* Vectors that are not full, and codes of full ones. */
#ifndef HARK_BODY_TAIL_H
#define HARK_BODY_TAIL_H

#include "kernels/body/isa.h"
#include "kernels/ref/math.h"

/* 1 where a mask costs nothing, so that one load does for full vectors and others. */
#ifndef HARK_ALWAYS_MASKS
#define HARK_ALWAYS_MASKS 0
#endif

HARK_INLINE uint32_t lanes_left(uint32_t n) { return n < HARK_LANES ? n : HARK_LANES; }

HARK_INLINE vf load_lanes(const float *p, uint32_t n)
{
    return HARK_ALWAYS_MASKS || n < HARK_LANES ? v_load_n(p, n) : v_load(p);
}

HARK_INLINE void store_lanes(float *p, vf a, uint32_t n)
{
    if (HARK_ALWAYS_MASKS || n < HARK_LANES)
        v_store_n(p, a, n);
    else
        v_store(p, a);
}

#ifndef HARK_OWN_LANES /* codes and sums of less than a vector, by way of a buffer */
HARK_INLINE vi vi_load_n(const int32_t *p, uint32_t n)
{
    int32_t whole[HARK_LANES] = {0};
    memcpy(whole, p, n * sizeof *p);
    return vi_load(whole);
}
HARK_INLINE vi vi_load_u8_n(const uint8_t *p, uint32_t n)
{
    uint8_t whole[HARK_LANES] = {0};
    for (uint32_t i = 0; i < n; i++) whole[i] = p[i];
    return vi_load_u8(whole);
}
HARK_INLINE vi vi_load_i8_n(const int8_t *p, uint32_t n)
{
    int8_t whole[HARK_LANES] = {0};
    for (uint32_t i = 0; i < n; i++) whole[i] = p[i];
    return vi_load_i8(whole);
}
HARK_INLINE void vi_store_u8_n(uint8_t *p, vi a, uint32_t n)
{
    uint8_t whole[HARK_LANES];
    vi_store_u8(whole, a);
    for (uint32_t i = 0; i < n; i++) p[i] = whole[i];
}
#endif

HARK_INLINE vi load_sums(const int32_t *p, uint32_t n)
{
    return HARK_ALWAYS_MASKS || n < HARK_LANES ? vi_load_n(p, n) : vi_load(p);
}

HARK_INLINE vi load_u8(const uint8_t *p, uint32_t n)
{
    return HARK_ALWAYS_MASKS || n < HARK_LANES ? vi_load_u8_n(p, n) : vi_load_u8(p);
}

HARK_INLINE vi load_i8(const int8_t *p, uint32_t n)
{
    return HARK_ALWAYS_MASKS || n < HARK_LANES ? vi_load_i8_n(p, n) : vi_load_i8(p);
}

HARK_INLINE void store_u8(uint8_t *p, vi a, uint32_t n)
{
    if (HARK_ALWAYS_MASKS || n < HARK_LANES)
        vi_store_u8_n(p, a, n);
    else
        vi_store_u8(p, a);
}

/* hark_code of every lane; low and high are the code's bounds less its zero point. NaN gives low:
 * v_max takes its second argument then. */
HARK_INLINE vi v_code(vf value, vf low, vf high, int32_t zero)
{
    return vi_add(v_round(v_min(v_max(value, low), high)), vi_all(zero));
}

#endif /* HARK_BODY_TAIL_H */
