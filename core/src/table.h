// Finds pool indices by hash, and asks its caller whether one is the right one.
//
//     a bucket, one cache line:   | 7 tags | passed | 7 indices | unused |
//
// All tags of a bucket are compared at once, so that a search has hardly a branch that depends on
// where things happen to lie. An entry whose bucket is full goes to the next and `passed` counts
// it, so that a search knows when to go on and a removal leaves no grave (after Facebook's F14).
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "assert.h"
#include "pool.h"

namespace flowex {

// Spread the bits of a key, as a hash table needs them: a multiplication carries each bit upwards
// (Knuth: The Art of Computer Programming 3, 6.4), folding brings the well-mixed half down.
inline uint64_t mixed(uint64_t key) {
    key *= 0x9E3779B97F4A7C15u;
    return key ^ (key >> 32);
}

class Table {
  public:
    Table() : buckets_(1), mask_(0) {}

    // Return the index under the hash for which `same(index)` holds, or NONE.
    template <class Same>
    Index find(uint64_t hash, Same same) const {
        const uint32_t tag = tag_of(hash);
        for (uint32_t number = tag >> 1;; ++number) {
            const Bucket& bucket = buckets_[number & mask_];
            for (uint32_t found = bucket.matches(tag); found; found &= found - 1) {
                const Index index = bucket.indices[std::countr_zero(found)];
                if (same(index)) [[likely]] return index;
            }
            if (bucket.passed == 0) [[likely]] return NONE;
        }
    }

    // Add an index that is not there yet.
    void add(uint64_t hash, Index index) {
        if (++count_ > buckets_.size() * FILL) [[unlikely]] grow();
        put(tag_of(hash), index);
    }

    // Take out an index that is there.
    void remove(uint64_t hash, Index index) {
        const uint32_t tag = tag_of(hash);
        for (uint32_t number = tag >> 1;; ++number) {
            Bucket& bucket = buckets_[number & mask_];
            for (uint32_t found = bucket.matches(tag); found; found &= found - 1) {
                const int slot = std::countr_zero(found);
                if (bucket.indices[slot] != index) continue;
                bucket.tags[slot] = EMPTY;
                --count_;
                return;
            }
            FLOWEX_ASSERT(bucket.passed != 0, "an index to remove is not in its table");
            --bucket.passed;
        }
    }

    size_t size() const { return count_; }

  private:
    static constexpr int SLOTS = 7;
    static constexpr size_t FILL = 4;  // A table grows when its buckets hold more on average.
    static constexpr uint32_t EMPTY = 0;

    struct alignas(64) Bucket {
        uint32_t tags[SLOTS] = {};
        uint32_t passed = 0;
        Index indices[SLOTS] = {};
        uint32_t unused = 0;

        // Return a bit for each slot that has the tag.
        uint32_t matches(uint32_t tag) const {
#ifdef __SSE2__
            const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
            const auto* four = reinterpret_cast<const __m128i*>(tags);
            const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(four), wanted);
            const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(four + 1), wanted);
            const int found = _mm_movemask_ps(_mm_castsi128_ps(low)) |
                              _mm_movemask_ps(_mm_castsi128_ps(high)) << 4;
            return static_cast<uint32_t>(found) & ((1u << SLOTS) - 1);
#else
            uint32_t found = 0;
            for (int slot = 0; slot < SLOTS; ++slot) found |= uint32_t{tags[slot] == tag} << slot;
            return found;
#endif
        }
    };
    static_assert(sizeof(Bucket) == 64);

    // What is kept of a hash; the bits above the lowest choose the bucket. Never EMPTY.
    static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash) | 1; }

    void put(uint32_t tag, Index index) {
        for (uint32_t number = tag >> 1;; ++number) {
            Bucket& bucket = buckets_[number & mask_];
            if (const uint32_t empty = bucket.matches(EMPTY)) [[likely]] {
                const int slot = std::countr_zero(empty);
                bucket.tags[slot] = tag;
                bucket.indices[slot] = index;
                return;
            }
            ++bucket.passed;
        }
    }

    [[gnu::cold, gnu::noinline]] void grow() {
        std::vector<Bucket> old(buckets_.size() * 2);
        old.swap(buckets_);
        mask_ = static_cast<uint32_t>(buckets_.size() - 1);
        for (const Bucket& bucket : old) {
            for (int slot = 0; slot < SLOTS; ++slot) {
                if (bucket.tags[slot] != EMPTY) put(bucket.tags[slot], bucket.indices[slot]);
            }
        }
    }

    std::vector<Bucket> buckets_;
    uint32_t mask_;
    size_t count_ = 0;
};

}  // namespace flowex
