#include "kernels/avx512vnni/vec.h"

/* After the operations. */
#include "kernels/body/conv_i16.h"
