#include "kernels/neon/vec.h"

/* After the operations. */
#include "kernels/body/layer_norm.h"
