#include "kernels/wasm/vec.h"

/* After the operations. */
#include "kernels/body/layer_norm.h"
