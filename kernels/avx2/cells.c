#include "kernels/avx2/vec.h"

/* After the operations. */
#include "kernels/body/cells.h"
