#include "names.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "wire.h"

namespace flowex {
namespace {

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_visible(char letter) { return '!' <= letter && letter <= '~'; }

// Whether all eight characters of a word are visible ASCII, looked at together (Warren: Hacker's
// Delight, 6-1): below '!' a byte borrows, above '~' it has or gets its highest bit.
bool is_all_visible(uint64_t word) {
    constexpr uint64_t ONES = 0x0101010101010101u, HIGHS = 0x80 * ONES;
    const uint64_t low = (word - '!' * ONES) & ~word;
    const uint64_t high = (word + ('\x7F' - '~') * ONES) | word;
    return ((low | high) & HIGHS) == 0;
}

template <class Word>
Word word(std::string_view text, size_t offset) {
    Word result;
    std::memcpy(&result, text.data() + offset, sizeof result);
    return result;
}

template <class Allowed>
bool is_name(std::string_view text, size_t length_max, Allowed allowed) {
    return !text.empty() && text.size() <= length_max &&
           std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

bool is_asset_code(std::string_view text) {
    return is_name(text, 16, [](char letter) { return is_upper(letter) || is_digit(letter); });
}

bool is_symbol(std::string_view text) {
    return is_name(text, 32, [](char letter) {
        return is_upper(letter) || is_digit(letter) || letter == '_' || letter == '-';
    });
}

bool is_exchange_name(std::string_view text) {
    return is_name(text, 32, [](char letter) {
        return is_upper(letter) || is_lower(letter) || is_digit(letter) || letter == '.' ||
               letter == '_' || letter == '-';
    });
}

bool is_client_id(std::string_view text) {
    const size_t size = text.size();
    if (size > static_cast<size_t>(wire::CLIENT_ID_MAX)) return false;
    if (size < sizeof(uint32_t)) return std::ranges::all_of(text, is_visible);
    // The last word overlaps the one before it, so that no character is left over.
    if (size < sizeof(uint64_t)) {
        return is_all_visible(word<uint32_t>(text, 0) |
                              uint64_t{word<uint32_t>(text, size - sizeof(uint32_t))} << 32);
    }
    bool visible = is_all_visible(word<uint64_t>(text, size - sizeof(uint64_t)));
    for (size_t at = 0; at + sizeof(uint64_t) < size; at += sizeof(uint64_t)) {
        visible &= is_all_visible(word<uint64_t>(text, at));
    }
    return visible;
}

}  // namespace flowex
