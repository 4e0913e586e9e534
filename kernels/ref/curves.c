/* The curves of activations. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

void hark_sigmoid_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_sigmoid_one(x[i]);
}

void hark_tanh_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_tanh_one(x[i]);
}

void hark_silu_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_silu_one(x[i]);
}

void hark_gelu_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_gelu_one(x[i]);
}

void hark_gelu_tanh_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_gelu_tanh_one(x[i]);
}

void hark_hard_sigmoid_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_hard_sigmoid_one(x[i]);
}

void hark_hard_swish_f32_ref(const float *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = x[i] * hark_hard_sigmoid_one(x[i]);
}

void hark_leaky_relu_f32_ref(const float *x, size_t n, float slope, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = hark_leaky_one(x[i], slope);
}
