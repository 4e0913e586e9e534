/* The same question to cpuinfo, which knows chips by their numbers where an old kernel does not
 * report an extension. */
#include <cpuinfo.h>

#include "base/cpu_detect.h"
#include "har/cpu.h"

bool hari_cpuinfo_detect(uint32_t *features)
{
    *features = 0;
    if (!cpuinfo_initialize()) return false;
    if (cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3()) *features |= HAR_CPU_AVX2;
    if (cpuinfo_has_x86_avx512f() && cpuinfo_has_x86_avx512bw() && cpuinfo_has_x86_avx512dq() &&
        cpuinfo_has_x86_avx512vl())
        *features |= HAR_CPU_AVX512;
    if (cpuinfo_has_x86_avx512vnni()) *features |= HAR_CPU_AVX512VNNI;
    if (cpuinfo_has_arm_neon()) *features |= HAR_CPU_NEON;
    if (cpuinfo_has_arm_neon_dot()) *features |= HAR_CPU_NEONDOT;
    return true;
}
