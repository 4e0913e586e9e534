/* Between F32 and integer codes. */
#include "kernels/hark.h"
#include "kernels/ref/math.h"

void hark_quantize_u8_ref(const hark_codes *c, const float *x, size_t n, uint8_t *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (uint8_t)hark_code(x[i] * c->inverse_scale, c->zero, c->low, c->high);
}

void hark_quantize_i16_ref(const hark_codes *c, const float *x, size_t n, int16_t *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (int16_t)hark_code(x[i] * c->inverse_scale, c->zero, c->low, c->high);
}

void hark_dequantize_u8_ref(const hark_codes *c, const uint8_t *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = (float)(x[i] - c->zero) * c->scale;
}

void hark_dequantize_i16_ref(const hark_codes *c, const int16_t *x, size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) y[i] = (float)(x[i] - c->zero) * c->scale;
}
