#include "kernels/avx512/vec.h"

/* After the operations. */
#include "kernels/body/cells.h"
