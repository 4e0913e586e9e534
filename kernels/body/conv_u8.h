/* Convolutions of U8 input. */
#define HARK_INPUT_I16 0
#include "kernels/body/conv_q.h"

void HARK_NAME(conv_u8_u8)(const hark_conv_q *c, const uint8_t *x, uint8_t *y)
{
    convolve(c, x, y, NULL);
}

void HARK_NAME(conv_u8_f32)(const hark_conv_q *c, const uint8_t *x, float *y)
{
    convolve(c, x, NULL, y);
}
