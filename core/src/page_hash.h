// XXH3-64 of a page of events: the machine's one long hash, so the one where wide registers pay.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace flowex {

// Return the XXH3-64 of the bytes under a seed.
uint64_t page_hash(const void* bytes, size_t size, uint64_t seed);

// The same, in code that only processors with AVX2 or AVX-512 understand; `page_hash` knows when to
// call which.
uint64_t page_hash_avx2(const void* bytes, size_t size, uint64_t seed);
uint64_t page_hash_avx512(const void* bytes, size_t size, uint64_t seed);

}  // namespace flowex
