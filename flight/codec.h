/* Little-endian numbers, written and read by the same lines: a codec either writes what it is given
 * or fills it from the bytes. Past the end it is `bad` and moves no further. */
#ifndef FLIGHT_CODEC_H
#define FLIGHT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct hari_flight_codec {
    const uint8_t *in; /* NULL: writes */
    uint8_t *out;
    size_t at;
    size_t size;
    bool bad;
} hari_flight_codec;

static inline uint64_t hari_flight_bytes(hari_flight_codec *c, uint64_t value, size_t count)
{
    if (c->bad || c->size - c->at < count) {
        c->bad = true;
        return 0;
    }
    uint64_t read = 0;
    for (size_t i = 0; i < count; i++) {
        if (c->in)
            read |= (uint64_t)c->in[c->at + i] << (8 * i);
        else
            c->out[c->at + i] = (uint8_t)(value >> (8 * i));
    }
    c->at += count;
    return c->in ? read : value;
}

static inline void hari_flight_u32(hari_flight_codec *c, uint32_t *value)
{
    *value = (uint32_t)hari_flight_bytes(c, *value, 4);
}

static inline void hari_flight_u64(hari_flight_codec *c, uint64_t *value)
{
    *value = hari_flight_bytes(c, *value, 8);
}

static inline void hari_flight_i32(hari_flight_codec *c, int32_t *value)
{
    const uint32_t bits = (uint32_t)hari_flight_bytes(c, (uint32_t)*value, 4);
    memcpy(value, &bits, sizeof *value);
}

static inline void hari_flight_i64(hari_flight_codec *c, int64_t *value)
{
    const uint64_t bits = hari_flight_bytes(c, (uint64_t)*value, 8);
    memcpy(value, &bits, sizeof *value);
}

static inline void hari_flight_f32(hari_flight_codec *c, float *value)
{
    uint32_t bits;
    memcpy(&bits, value, sizeof bits);
    hari_flight_u32(c, &bits);
    memcpy(value, &bits, sizeof bits);
}

static inline void hari_flight_f64(hari_flight_codec *c, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    hari_flight_u64(c, &bits);
    memcpy(value, &bits, sizeof bits);
}

/* `size` bytes of text, ended by a zero, filled up with zeros. */
static inline void hari_flight_text(hari_flight_codec *c, char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) text[i] = (char)hari_flight_bytes(c, (uint8_t)text[i], 1);
    text[size - 1] = '\0';
}

#endif /* FLIGHT_CODEC_H */
