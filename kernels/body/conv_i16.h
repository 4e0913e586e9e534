/* Convolutions of I16 input: first layers. */
#define HARK_INPUT_I16 1
#ifdef HARK_ROWS_I16
#undef HARK_ROWS_Q
#undef HARK_HEIGHTS_Q
#undef HARK_NEXT_Q
#undef HARK_ROWS_Q_ONE
#undef HARK_HEIGHTS_Q_ONE
#undef HARK_NEXT_Q_ONE
#define HARK_ROWS_Q HARK_ROWS_I16
#define HARK_HEIGHTS_Q HARK_HEIGHTS_I16
#define HARK_NEXT_Q HARK_NEXT_I16
#define HARK_ROWS_Q_ONE HARK_ROWS_I16_ONE
#define HARK_HEIGHTS_Q_ONE HARK_HEIGHTS_I16_ONE
#define HARK_NEXT_Q_ONE HARK_NEXT_I16_ONE
#endif
#include "kernels/body/conv_q.h"

void HARK_NAME(conv_i16_u8)(const hark_conv_q *c, const int16_t *x, uint8_t *y)
{
    convolve(c, x, y, NULL);
}

void HARK_NAME(conv_i16_f32)(const hark_conv_q *c, const int16_t *x, float *y)
{
    convolve(c, x, NULL, y);
}
