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

uint32_t hari_crc32(const hari_crc32_table *table, uint32_t crc, const uint8_t *bytes, size_t size)
{
    crc = ~crc;
    for (; size >= 8; size -= 8, bytes += 8)
        crc = fold_word(table, 4, crc ^ hari_read_u32(bytes)) ^
              fold_word(table, 0, hari_read_u32(bytes + 4));
    for (; size > 0; size--, bytes++) crc = (crc >> 8) ^ table->entry[0][(crc ^ *bytes) & 0xFFu];
    return ~crc;
}
