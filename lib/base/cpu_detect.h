/* Asking the processor and the system, once per architecture. */
#ifndef HARI_BASE_CPU_DETECT_H
#define HARI_BASE_CPU_DETECT_H

#include <stdbool.h>
#include <stdint.h>

/* HAR_CPU_* bits, without HAR_CPU_REF. Never fails: what cannot be told is not there. */
uint32_t hari_cpu_detect(void);

/* What cpuinfo tells, all but HAR_CPU_AVXVNNI, which its older versions do not know. False where
 * the library lacks it or it fails; it may then print why. */
bool hari_cpuinfo_detect(uint32_t *features);

#endif /* HARI_BASE_CPU_DETECT_H */
