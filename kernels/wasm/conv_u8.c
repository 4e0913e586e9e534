#include "kernels/wasm/vec.h"

/* After the operations. */
#include "kernels/body/conv_u8.h"
