#include "kernels/neon/vec.h"

/* After the operations. */
#include "kernels/body/activations.h"
