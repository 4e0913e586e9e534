#include "base/crc32.h"

#include "base/bytes.h"

void hari_crc32_table_init(hari_crc32_table *table)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1u) ? UINT32_C(0xEDB88320) : 0u);
        table->entry[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t crc = table->entry[slice - 1][byte];
            table->entry[slice][byte] = (crc >> 8) ^ table->entry[0][crc & 0xFFu];
        }
}

static uint32_t fold_word(const hari_crc32_table *table, int slice, uint32_t word)
{
    return table->entry[slice + 3][word & 0xFFu] ^ table->entry[slice + 2][(word >> 8) & 0xFFu] ^
           table->entry[slice + 1][(word >> 16) & 0xFFu] ^ table->entry[slice][word >> 24];
}

static uint32_t fold_8(const hari_crc32_table *table, uint32_t crc, const uint8_t *bytes)
{
    return fold_word(table, 4, crc ^ hari_read_u32(bytes)) ^
           fold_word(table, 0, hari_read_u32(bytes + 4));
}

/* a * b modulo the polynomial; bit 31 is x^0. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = (b >> 1) ^ ((b & 1u) ? UINT32_C(0xEDB88320) : 0u);
    }
    return product;
}

/* x^(8 * bytes): what a remainder is multiplied by when that many bytes follow (M. Adler,
 * crc32_combine of zlib). */
static uint32_t power_of_bytes(size_t bytes)
{
    uint32_t power = UINT32_C(1) << 23; /* x^8 */
    uint32_t result = UINT32_C(1) << 31;
    for (; bytes != 0; bytes >>= 1) {
        if (bytes & 1u) result = multiply(result, power);
        power = multiply(power, power);
    }
    return result;
}

/* Each step waits for the one before: four parts are taken side by side, and their remainders put
 * together. */
static uint32_t fold_parts(const hari_crc32_table *table, uint32_t crc, const uint8_t *bytes,
                           size_t part)
{
    uint32_t a = crc;
    uint32_t b = 0;
    uint32_t c = 0;
    uint32_t d = 0;
    for (size_t i = 0; i < part; i += 8) {
        a = fold_8(table, a, bytes + i);
        b = fold_8(table, b, bytes + part + i);
        c = fold_8(table, c, bytes + 2 * part + i);
        d = fold_8(table, d, bytes + 3 * part + i);
    }
    const uint32_t shift = power_of_bytes(part);
    return multiply(multiply(multiply(a, shift) ^ b, shift) ^ c, shift) ^ d;
}

uint32_t hari_crc32(const hari_crc32_table *table, uint32_t crc, const uint8_t *bytes, size_t size)
{
    const size_t least = 4096; /* from here on, parts pay */
    crc = ~crc;
    if (size >= least) {
        const size_t part = size / 32 * 8;
        crc = fold_parts(table, crc, bytes, part);
        bytes += 4 * part;
        size -= 4 * part;
    }
    for (; size >= 8; size -= 8, bytes += 8) crc = fold_8(table, crc, bytes);
    for (; size > 0; size--, bytes++) crc = (crc >> 8) ^ table->entry[0][(crc ^ *bytes) & 0xFFu];
    return ~crc;
}
