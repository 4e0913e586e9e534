#include "kernels/hark.h"

#define HARK_KERNEL(name) hark_##name##_fn hark_##name##_ref;
#include "kernels/hark_list.inc"
#undef HARK_KERNEL

void hark_table_init(hark_table *table)
{
#define HARK_KERNEL(name)            \
    table->name = hark_##name##_ref; \
    table->name##_isa = "ref";
#include "kernels/hark_list.inc"
#undef HARK_KERNEL
}
