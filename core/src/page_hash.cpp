#include "page_hash.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace flowex {
namespace {

uint64_t page_hash_any(const void* bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

}  // namespace

uint64_t page_hash(const void* bytes, size_t size, uint64_t seed) {
#ifdef FLOWEX_AVX2
    static const auto best = __builtin_cpu_supports("avx2") ? page_hash_avx2 : page_hash_any;
    return best(bytes, size, seed);
#else
    return page_hash_any(bytes, size, seed);
#endif
}

}  // namespace flowex
