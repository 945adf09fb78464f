// Asserts that are always on: a bug stops the machine, in every build. And what keeps rare ways out
// of the common ones.
#pragma once

namespace flowex {

// What a failed assert throws; the machine catches it and stops.
struct BrokenAssert {
    const char* text;
};

[[noreturn, gnu::cold]] void broken(const char* text);

}  // namespace flowex

// Of a function that few commands need: it is kept out of its callers, which stay short.
#define FLOWEX_RARE [[gnu::cold, gnu::noinline]]
// Of a function that nearly every command needs: what it calls becomes part of it, but for what is
// rare or kept out by name.
#define FLOWEX_HOT [[gnu::flatten]]
#define FLOWEX_APART [[gnu::noinline]]

#define FLOWEX_ASSERT(condition, text) \
    do {                               \
        if (!(condition)) [[unlikely]] \
            ::flowex::broken(text);    \
    } while (false)
