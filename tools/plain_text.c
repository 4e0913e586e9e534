#include "plain_text.h"

#include <stdint.h>

/* Bytes of the UTF-8 sequence that `text` begins with, 0 when it is none (RFC 3629: no surrogates,
 * no overlong forms, nothing above U+10FFFF). */
static size_t utf8_length(const unsigned char *text, size_t size)
{
    static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80) return 1;
    size_t length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4 || length > size) return 0;
    uint32_t code = text[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3F);
    }
    if (code < lowest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
    return length;
}

const char *find_text_problem(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        if ((bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7F) return "a control character";
        size_t length = utf8_length(bytes + i, size - i);
        if (length == 0) return "a byte that is not UTF-8";
        i += length;
    }
    return NULL;
}
