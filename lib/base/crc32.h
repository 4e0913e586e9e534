/* CRC-32 as ISO 3309 and zlib define it: polynomial 0xEDB88320 reflected, start and final xor all
 * ones. */
#ifndef HARI_BASE_CRC32_H
#define HARI_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* The tables of the slicing-by-8 method (Kounavis and Berry 2005): 8 KB, made by the caller where
 * it has room, so that the library keeps none. */
typedef struct hari_crc32_table {
    uint32_t entry[8][256];
} hari_crc32_table;

void hari_crc32_table_init(hari_crc32_table *table);

/* Continues a checksum; start with 0. */
uint32_t hari_crc32(const hari_crc32_table *table, uint32_t crc, const uint8_t *bytes, size_t size);

#endif /* HARI_BASE_CRC32_H */
