#include "page_hash.h"

#define XXH_INLINE_ALL
#include "xxhash.h"

namespace flowex {
namespace {

uint64_t page_hash_any(const void* bytes, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, size, seed);
}

#ifdef FLOWEX_WIDE_HASHES
auto best_page_hash() {
    if (__builtin_cpu_supports("avx512f")) return page_hash_avx512;
    return __builtin_cpu_supports("avx2") ? page_hash_avx2 : page_hash_any;
}
#else
auto best_page_hash() { return page_hash_any; }
#endif

}  // namespace

uint64_t page_hash(const void* bytes, size_t size, uint64_t seed) {
    static const auto best = best_page_hash();
    return best(bytes, size, seed);
}

}  // namespace flowex
