// Compiled with -mavx512f, so it includes nothing whose inline functions others might call.

#include "page_hash.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace flowex {

uint64_t page_hash_avx512(const void* bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

}  // namespace flowex
