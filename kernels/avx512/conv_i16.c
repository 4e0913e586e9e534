#include "kernels/avx512/vec.h"

/* After the operations. */
#include "kernels/body/conv_i16.h"
