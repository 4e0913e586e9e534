/* What a core can do at best: multiply-accumulates whose operands stay in registers, and copies
 * within the first cache. Shares of these say how much of the machine a kernel uses. */
#ifndef HAR_TOOLS_PEAK_H
#define HAR_TOOLS_PEAK_H

#include <stddef.h>
#include <stdint.h>

/* Multiply-accumulates a second of FP32 FMA, and of U8 x I8 summed exactly in 32 bits, with the
 * instruction set of one HAR_CPU_* bit; 0 where nothing is known. Takes some milliseconds. */
double peak_f32(uint32_t feature);
double peak_int8(uint32_t feature);

/* Bytes a second of memcpy of `bytes` bytes, read and written ones counted. */
double peak_copy(size_t bytes);

/* Nanoseconds of a clock that only goes forward. */
uint64_t peak_clock(void);

#endif /* HAR_TOOLS_PEAK_H */
