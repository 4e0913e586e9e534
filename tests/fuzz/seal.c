#include "seal.h"

#include <string.h>

#include "base/crc32.h"
#include "model/schema.h"
#include "model/verify.h"

bool find_root(const uint8_t *bytes, size_t size, hari_table *root)
{
    return hari_verify_head(bytes, size, root, NULL) == HAR_OK &&
           hari_verify(*root, size, NULL) == HAR_OK;
}

size_t find_checksum(const uint8_t *bytes, size_t size)
{
    hari_table root;
    return find_root(bytes, size, &root) ? hari_field_at(root, HARI_Model_checksum) : 0;
}

void reseal(uint8_t *bytes, size_t size, size_t at)
{
    static hari_crc32_table table;
    static bool is_made = false;
    if (!is_made) hari_crc32_table_init(&table);
    is_made = true;
    memset(bytes + at, 0, 4);
    const uint32_t crc = hari_crc32(&table, 0, bytes, size);
    memcpy(bytes + at, &crc, 4);
}
