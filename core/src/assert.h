// Asserts that are always on: a bug stops the machine, in every build.
#pragma once

namespace flowex {

// What a failed assert throws; the machine catches it and stops.
struct BrokenAssert {
    const char* text;
};

[[noreturn, gnu::cold]] void broken(const char* text);

}  // namespace flowex

#define FLOWEX_ASSERT(condition, text) \
    do {                               \
        if (!(condition)) [[unlikely]] \
            ::flowex::broken(text);    \
    } while (false)
