/* Between F32 and integer codes: whole vectors here, the rest by the reference. */
#include "kernels/body/tail.h"

HARK_INLINE vi codes_of(const hark_codes *c, const float *x)
{
    const vf low = v_all((float)(c->low - c->zero));
    const vf high = v_all((float)(c->high - c->zero));
    return v_code(v_mul(v_load(x), v_all(c->inverse_scale)), low, high, c->zero);
}

HARK_INLINE vf value_of(const hark_codes *c, vi code)
{
    return v_mul(vi_to_f32(vi_sub(code, vi_all(c->zero))), v_all(c->scale));
}

void HARK_NAME(quantize_u8)(const hark_codes *c, const float *x, size_t n, uint8_t *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) vi_store_u8(y + i, codes_of(c, x + i));
    hark_quantize_u8_ref(c, x + i, n - i, y + i);
}

void HARK_NAME(quantize_i16)(const hark_codes *c, const float *x, size_t n, int16_t *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) vi_store_i16(y + i, codes_of(c, x + i));
    hark_quantize_i16_ref(c, x + i, n - i, y + i);
}

void HARK_NAME(dequantize_u8)(const hark_codes *c, const uint8_t *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, value_of(c, vi_load_u8(x + i)));
    hark_dequantize_u8_ref(c, x + i, n - i, y + i);
}

void HARK_NAME(dequantize_i16)(const hark_codes *c, const int16_t *x, size_t n, float *y)
{
    size_t i = 0;
    for (; i + HARK_LANES <= n; i += HARK_LANES) v_store(y + i, value_of(c, vi_load_i16(x + i)));
    hark_dequantize_i16_ref(c, x + i, n - i, y + i);
}
