// Open addressing: finds pool indices by hash, and asks its caller whether one is the right one.
#pragma once

#include <cstdint>
#include <vector>

#include "pool.h"

namespace flowex {

// Spread the bits of a key over all 64, as a hash table needs them (Steele's splitmix64 mixer).
inline uint64_t mixed(uint64_t key) {
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9u;
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBu;
    return key ^ (key >> 31);
}

// Linear probing in slots of (32 bits of the hash, index); removal shifts back what follows, so
// that there are no graves and a table's speed does not depend on its past.
class Table {
  public:
    Table() : slots_(MIN_SLOTS), mask_(MIN_SLOTS - 1) {}

    // Return the index under the hash for which `same(index)` holds, or NONE.
    template <class Same>
    Index find(uint64_t hash, Same same) const {
        const auto tag = static_cast<uint32_t>(hash);
        for (uint32_t at = tag & mask_; slots_[at].index != NONE; at = (at + 1) & mask_) {
            if (slots_[at].tag == tag && same(slots_[at].index)) return slots_[at].index;
        }
        return NONE;
    }

    // Add an index that is not there yet.
    void add(uint64_t hash, Index index) {
        if (++count_ * 2 > slots_.size()) grow();
        put({static_cast<uint32_t>(hash), index});
    }

    // Take out an index that is there.
    void remove(uint64_t hash, Index index) {
        uint32_t hole = static_cast<uint32_t>(hash) & mask_;
        while (slots_[hole].index != index) hole = (hole + 1) & mask_;
        --count_;
        for (uint32_t at = (hole + 1) & mask_; slots_[at].index != NONE; at = (at + 1) & mask_) {
            const uint32_t home = slots_[at].tag & mask_;
            if (((at - home) & mask_) >= ((at - hole) & mask_)) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = {};
    }

    void prefetch(uint64_t hash) const {
        __builtin_prefetch(&slots_[static_cast<uint32_t>(hash) & mask_]);
    }

    size_t size() const { return count_; }

  private:
    struct Slot {
        uint32_t tag = 0;
        Index index = NONE;
    };
    static constexpr uint32_t MIN_SLOTS = 64;

    void put(Slot slot) {
        uint32_t at = slot.tag & mask_;
        while (slots_[at].index != NONE) at = (at + 1) & mask_;
        slots_[at] = slot;
    }

    void grow() {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        mask_ = static_cast<uint32_t>(slots_.size() - 1);
        for (const Slot& slot : old) {
            if (slot.index != NONE) put(slot);
        }
    }

    std::vector<Slot> slots_;
    uint32_t mask_;
    size_t count_ = 0;
};

}  // namespace flowex
