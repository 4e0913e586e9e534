/* Asking the processor and the system, once per architecture. */
#ifndef HARI_BASE_CPU_DETECT_H
#define HARI_BASE_CPU_DETECT_H

#include <stdint.h>

/* HAR_CPU_* bits, without HAR_CPU_REF. Never fails: what cannot be told is not there. */
uint32_t hari_cpu_detect(void);

#endif /* HARI_BASE_CPU_DETECT_H */
