#include "names.h"

#include <algorithm>

#include "wire.h"

namespace flowex {
namespace {

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

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
    if (text.size() > static_cast<size_t>(wire::CLIENT_ID_MAX)) return false;
    // No early exit: the compiler then looks at sixteen characters at once.
    unsigned strange = 0;
    for (const char letter : text) strange |= static_cast<unsigned char>(letter - '!') > '~' - '!';
    return strange == 0;
}

}  // namespace flowex
