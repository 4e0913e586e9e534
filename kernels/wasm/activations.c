#include "kernels/wasm/vec.h"

/* After the operations. */
#include "kernels/body/activations.h"
