/* What the gradient through an activation reads. */
#ifndef HARI_OPS_BACK_ACTIVATION_H
#define HARI_OPS_BACK_ACTIVATION_H

#include <stdbool.h>

#include "graph/graph.h"

/* Whether the slope of an activation follows from its output. */
bool hari_tells_slope(hari_activation activation);

#endif /* HARI_OPS_BACK_ACTIVATION_H */
