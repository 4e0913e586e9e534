/* The library without cpuinfo. */
#include "base/cpu_detect.h"

bool hari_cpuinfo_detect(uint32_t *features)
{
    *features = 0;
    return false;
}
