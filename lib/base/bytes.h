/* Little-endian numbers from bytes of any alignment. */
#ifndef HARI_BASE_BYTES_H
#define HARI_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t hari_read_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t hari_read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t hari_read_u64(const uint8_t *p)
{
    return (uint64_t)hari_read_u32(p) | (uint64_t)hari_read_u32(p + 4) << 32;
}

static inline int32_t hari_read_i32(const uint8_t *p)
{
    uint32_t bits = hari_read_u32(p);
    int32_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float hari_read_f32(const uint8_t *p)
{
    uint32_t bits = hari_read_u32(p);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double hari_read_f64(const uint8_t *p)
{
    uint64_t bits = hari_read_u64(p);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif /* HARI_BASE_BYTES_H */
