/* Scalar functions that give the same bits on every machine: only +, -, *, / and exponent bits, in
 * binary32, without contraction. docs/design/numbers.md. */
#ifndef HARK_REF_MATH_H
#define HARK_REF_MATH_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/static_assert.h"

HARI_STATIC_ASSERT(FLT_EVAL_METHOD == 0, "binary32 expressions must be rounded to binary32");

/* Round to nearest, ties to even, of |x| < 2^22: adding 1.5 * 2^23 leaves no fraction bits. */
static inline int32_t hark_rne(float x)
{
    const float shift = 12582912.0f;
    return (int32_t)((x + shift) - shift);
}

static inline float hark_min_f32(float a, float b) { return a < b ? a : b; }

static inline float hark_max_f32(float a, float b) { return a > b ? a : b; }

/* A value to its code: clamp first, so that the rounding sees a small number and NaN gives `low`.
 */
static inline int32_t hark_code(float value, int32_t zero, int32_t low, int32_t high)
{
    float floor = (float)(low - zero);
    float ceiling = (float)(high - zero);
    float clamped = value > floor ? value : floor;
    return hark_rne(hark_min_f32(clamped, ceiling)) + zero;
}

/* exp(x): x = n ln 2 + r, |r| <= ln 2 / 2, ln 2 in two parts (Cody and Waite 1980); exp(r) by its
 * Taylor polynomial of degree 7, whose remainder is below 6e-9; scaled by 2^n in two steps. Below
 * -87.3 it is 0, above 88.7 it is infinite. */
static inline float hark_exp_f32(float x)
{
    if (x != x) return x;
    if (x < -87.33654f) return 0.0f;
    if (x > 88.72283f) x = 88.8f;
    int32_t n = hark_rne(x * 1.44269504f);
    float r = x - (float)n * 0.693359375f;
    r = r - (float)n * -2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1.0f;
    uint32_t half_bits = (uint32_t)(n / 2 + 127) << 23;
    uint32_t rest_bits = (uint32_t)(n - n / 2 + 127) << 23;
    float half;
    float rest;
    memcpy(&half, &half_bits, sizeof half);
    memcpy(&rest, &rest_bits, sizeof rest);
    return p * half * rest;
}

static inline float hark_sigmoid_one(float x) { return 1.0f / (1.0f + hark_exp_f32(-x)); }

/* tanh(x) = 2 sigmoid(2x) - 1 loses digits near 0: below 0.625 an odd polynomial, the minimax one
 * of the Cephes library (S. Moshier), relative error 1.3e-7. */
static inline float hark_tanh_one(float x)
{
    if (x > -0.625f && x < 0.625f) {
        float z = x * x;
        float p = -5.70498872745e-3f;
        p = p * z + 2.06390887954e-2f;
        p = p * z + -5.37397155531e-2f;
        p = p * z + 1.33314422036e-1f;
        p = p * z + -3.33332819422e-1f;
        return p * z * x + x;
    }
    return 2.0f * hark_sigmoid_one(2.0f * x) - 1.0f;
}

/* The sigmoid of what is multiplied with it: 0 before it leaves the normal numbers, so that it is
 * the same where those below them are taken for 0. */
static inline float hark_sigmoid_or_0(float x) { return x < -87.0f ? 0.0f : hark_sigmoid_one(x); }

static inline float hark_silu_one(float x) { return x * hark_sigmoid_or_0(x); }

static inline float hark_gelu_tanh_one(float x)
{
    return x * hark_sigmoid_or_0(1.5957691f * x * (1.0f + 0.044715f * x * x));
}

static inline float hark_hard_sigmoid_one(float x)
{
    return hark_min_f32(hark_max_f32(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f);
}

static inline float hark_leaky_one(float x, float slope) { return x < 0.0f ? slope * x : x; }

/* erf(x): below 1 an odd polynomial, above it 1 - exp of one. Both are minimax fits of our own; the
 * error is below 2e-7, and from 4 on the result is 1. */
static inline float hark_erf_one(float x)
{
    const float a = hark_max_f32(x, -x);
    if (a < 1.0f) {
        const float z = x * x;
        float p = -0.000565706461f;
        p = p * z + 0.00492526498f;
        p = p * z + -0.0267193578f;
        p = p * z + 0.112805195f;
        p = p * z + -0.376123786f;
        p = p * z + 1.12837911f;
        return x * p;
    }
    const float b = hark_min_f32(a, 4.0f);
    float q = -0.00110632973f;
    q = q * b + 0.0144509682f;
    q = q * b + -0.0876814649f;
    q = q * b + -0.655851424f;
    q = q * b + -1.11648095f;
    q = q * b + -0.00293648452f;
    const float far = 1.0f - hark_exp_f32(q);
    return x < 0.0f ? -far : far;
}

static inline float hark_gelu_one(float x)
{
    return x * (0.5f + 0.5f * hark_erf_one(x * 0.70710678f));
}

/* What (n x - sum) of a row of n codes is multiplied with to be normalized: sum, and the sum of
 * squares, are exact. n * n * deviation^2 = n * squares - sum * sum. */
static inline float hark_norm_factor(uint64_t sum, uint64_t squares, uint32_t n, float scale,
                                     float epsilon)
{
    const double spread = (double)(n * squares - sum * sum);
    const double codes = spread * ((double)scale * (double)scale);
    const double floor = (double)n * (double)n * (double)epsilon;
    return (float)(1.0 / sqrt(codes + floor) * (double)scale);
}

/* 2^t for the gates of recurrent layers, |t| <= 126: n is the nearest integer, 2^(t - n) a
 * polynomial of degree 6 fitted by the least largest relative error, 2e-9, with 2^0 = 1. NaN counts
 * as 126. */
static inline float hark_gate_power(float t)
{
    const float bounded = hark_max_f32(hark_min_f32(t, 126.0f), -126.0f);
    const int32_t n = hark_rne(bounded);
    const float r = bounded - (float)n;
    float p = 1.5345811916e-4f;
    p = p * r + 1.3399931219e-3f;
    p = p * r + 9.6184889574e-3f;
    p = p * r + 5.5503287770e-2f;
    p = p * r + 2.4022646891e-1f;
    p = p * r + 6.9314720574e-1f;
    p = p * r + 1.0f;
    const uint32_t bits = (uint32_t)(n + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

#define HARK_LOG2_E 1.44269504f

/* The gates' own curves, half the work of those above: 1e-7 and 1.4e-7 from the true values, not
 * relative to them. */
static inline float hark_gate_sigmoid(float x)
{
    return 1.0f / (1.0f + hark_gate_power(x * -HARK_LOG2_E));
}

static inline float hark_gate_tanh(float x)
{
    const float e = hark_gate_power(x * (-2.0f * HARK_LOG2_E));
    return (1.0f - e) / (1.0f + e);
}

#endif /* HARK_REF_MATH_H */
