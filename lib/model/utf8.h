/* Texts of a file reach people and JSON: they must be UTF-8 (RFC 3629) and hold no zero. */
#ifndef HARI_MODEL_UTF8_H
#define HARI_MODEL_UTF8_H

#include <stdbool.h>
#include <stdint.h>

bool hari_utf8_is_valid(const uint8_t *text, uint32_t length);

#endif /* HARI_MODEL_UTF8_H */
