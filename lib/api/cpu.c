#include "har/cpu.h"

#include "base/cpu.h"

uint32_t har_cpu_features(void) { return hari_cpu_features(); }

const char *har_cpu_name(uint32_t feature) { return hari_cpu_name(feature); }
