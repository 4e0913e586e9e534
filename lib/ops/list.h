/* The ops there are, one file each. */
#ifndef HARI_OPS_LIST_H
#define HARI_OPS_LIST_H

#include "ops/op.h"

#define HARI_OP(kind, name) extern const hari_op hari_##name##_op;
#include "ops/back_list.inc"
#include "ops/list.inc"
#undef HARI_OP

#endif /* HARI_OPS_LIST_H */
