/* The library without XNNPACK. */
#include "exec/xnnpack.h"

bool hari_xnnpack_runs(void) { return false; }

size_t hari_xnnpack_slack(void) { return 0; }

hari_runtime *hari_runtime_create(const hari_part *part, unsigned char *arena)
{
    (void)part;
    (void)arena;
    return NULL;
}

bool hari_runtime_run(hari_runtime *runtime)
{
    (void)runtime;
    return false;
}

void hari_runtime_delete(hari_runtime *runtime) { (void)runtime; }
