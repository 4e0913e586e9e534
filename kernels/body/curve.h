/* exp, sigmoid, tanh of a vector: the formulas of ref/math.h in every lane, operation by operation,
 * so that the bits are the same. */
#ifndef HARK_BODY_CURVE_H
#define HARK_BODY_CURVE_H

#include "kernels/body/tail.h"

/* hark_exp_f32 of a number; NaN stays NaN. */
HARK_INLINE vf v_exp(vf input)
{
    const vf most = v_all(88.72283f);
    const vf least = v_all(-87.33654f);
    const vf x = v_less(most, input, v_all(88.8f), v_less(input, least, v_all(0.0f), input));
    const vi n = v_round(v_mul(x, v_all(1.44269504f)));
    vf r = v_sub(x, v_mul(vi_to_f32(n), v_all(0.693359375f)));
    r = v_sub(r, v_mul(vi_to_f32(n), v_all(-2.12194440e-4f)));
    vf p = v_all(1.0f / 5040.0f);
    p = v_add(v_mul(p, r), v_all(1.0f / 720.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 120.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 24.0f));
    p = v_add(v_mul(p, r), v_all(1.0f / 6.0f));
    p = v_add(v_mul(p, r), v_all(0.5f));
    p = v_add(v_add(v_mul(v_mul(p, r), r), r), v_all(1.0f));
    const vi half = vi_halve(n);
    const vf value = v_mul(v_mul(p, v_power_of_2(half)), v_power_of_2(vi_sub(n, half)));
    return v_or_nan(v_less(input, least, v_all(0.0f), value), input);
}

HARK_INLINE vf v_sigmoid(vf x)
{
    const vf one = v_all(1.0f);
    return v_div(one, v_add(one, v_exp(v_sub(v_all(0.0f), x))));
}

HARK_INLINE vf v_tanh(vf x)
{
    const vf z = v_mul(x, x);
    vf p = v_all(-5.70498872745e-3f);
    p = v_add(v_mul(p, z), v_all(2.06390887954e-2f));
    p = v_add(v_mul(p, z), v_all(-5.37397155531e-2f));
    p = v_add(v_mul(p, z), v_all(1.33314422036e-1f));
    p = v_add(v_mul(p, z), v_all(-3.33332819422e-1f));
    const vf small = v_add(v_mul(v_mul(p, z), x), x);
    const vf two = v_all(2.0f);
    const vf large = v_sub(v_mul(two, v_sigmoid(v_mul(two, x))), v_all(1.0f));
    const vf inside = v_less(v_all(-0.625f), x, small, large);
    return v_less(x, v_all(0.625f), inside, large);
}

#endif /* HARK_BODY_CURVE_H */
