#include "model/file.h"

#include "base/crc32.h"
#include "base/error.h"
#include "har/version.h"
#include "model/verify.h"

static int32_t check_version(hari_table root, har_error *error)
{
    hari_table version = hari_get_table(root, HARI_Model_format_version);
    unsigned major = hari_get_u16(version, HARI_Version_major, 0);
    unsigned minor = hari_get_u16(version, HARI_Version_minor, 0);
    if (major == HAR_FORMAT_MAJOR) return HAR_OK;
    int32_t status = hari_fail_bound(error, HAR_ERR_FILE_VERSION, major, "equal to",
                                     HAR_FORMAT_MAJOR, "format_version.major");
    return hari_explain(error, status, "; the file needs a libhar that reads format %u.%u", major,
                        minor);
}

/* Format 1.0 defines no feature names, so any name is one that this reader lacks. */
static int32_t check_features(hari_table root, har_error *error)
{
    hari_vector features = hari_get_vector(root, HARI_Model_required_features);
    if (features.count == 0) return HAR_OK;
    int32_t status = hari_fail_text(error, HAR_ERR_FILE_FEATURE, "is a feature this libhar lacks",
                                    "required_features[0] \"%.64s\"", hari_string_of(features, 0));
    hari_table version = hari_get_table(root, HARI_Model_format_version);
    return hari_explain(error, status, "; the file needs a libhar that reads format %u.%u",
                        (unsigned)hari_get_u16(version, HARI_Version_major, 0),
                        (unsigned)hari_get_u16(version, HARI_Version_minor, 0));
}

static int32_t check_checksum(hari_table root, size_t size, hari_pool *scratch, har_error *error)
{
    hari_crc32_table *table = hari_pool_alloc(scratch, 1, sizeof *table);
    if (!table) return hari_fail(error, HAR_ERR_MEMORY, "checksum table");
    hari_crc32_table_init(table);
    const uint8_t zeros[4] = {0};
    size_t at = hari_field_at(root, HARI_Model_checksum);
    uint32_t found = hari_crc32(table, 0, root.bytes, at);
    found = hari_crc32(table, found, zeros, sizeof zeros);
    found = hari_crc32(table, found, root.bytes + at + 4, size - at - 4);
    uint32_t stated = hari_read_u32(root.bytes + at);
    if (found == stated) return HAR_OK;
    int32_t status = hari_fail_bound(error, HAR_ERR_FILE_CHECKSUM, found, "the stated", stated,
                                     "checksum of the file");
    return hari_at_byte(error, at, status);
}

int32_t hari_file_open(const uint8_t *bytes, size_t size, hari_pool *scratch, hari_table *root,
                       har_error *error)
{
    int32_t status = hari_verify_head(bytes, size, root, error);
    if (status == HAR_OK) status = check_version(*root, error);
    if (status == HAR_OK) status = hari_verify(*root, size, error);
    if (status == HAR_OK) status = check_features(*root, error);
    if (status == HAR_OK) status = check_checksum(*root, size, scratch, error);
    return status;
}
