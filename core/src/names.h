// Which texts the machine accepts as names and client order ids.
#pragma once

#include <string_view>

namespace flowex {

// 1 to 16 of A-Z 0-9.
bool is_asset_code(std::string_view text);
// 1 to 32 of A-Z 0-9 _ -.
bool is_symbol(std::string_view text);
// 1 to 32 of A-Z a-z 0-9 . _ -.
bool is_exchange_name(std::string_view text);
// Up to 36 visible ASCII characters. Empty means that none was given, and passes.
bool is_client_id(std::string_view text);

}  // namespace flowex
