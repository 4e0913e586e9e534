#include "kernels/avx512/vec.h"

/* After the operations. */
#include "kernels/body/codes.h"
