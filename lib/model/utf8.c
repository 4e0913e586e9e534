#include "model/utf8.h"

/* Length of a sequence by its first byte, 0 for a byte that cannot be first. */
static uint32_t sequence_length(uint8_t first)
{
    if (first < 0x80) return first != 0;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

/* The second byte rules out overlong forms, surrogates and code points past U+10FFFF. */
static bool second_is_valid(uint8_t first, uint8_t second)
{
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

bool hari_utf8_is_valid(const uint8_t *text, uint32_t length)
{
    for (uint32_t at = 0; at < length;) {
        uint32_t count = sequence_length(text[at]);
        if (count == 0 || count > length - at) return false;
        if (count > 1 && !second_is_valid(text[at], text[at + 1])) return false;
        for (uint32_t i = 2; i < count; i++)
            if ((text[at + i] & 0xC0) != 0x80) return false;
        at += count;
    }
    return true;
}
