// Objects by 32-bit index: half the size of a pointer, and the same after a restore.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "stack.h"

namespace flowex {

using Index = uint32_t;
inline constexpr Index NONE = UINT32_MAX;

// Grows chunk by chunk, so that nothing ever moves and no growth copies what is there.
template <class T>
class Pool {
  public:
    T& operator[](Index index) { return chunks_[index >> BITS][index & MASK]; }
    const T& operator[](Index index) const { return chunks_[index >> BITS][index & MASK]; }

    // Indices 0 to size - 1 have been taken at some time.
    size_t size() const { return size_; }

    // Take an index; the object there is as its last owner left it.
    Index take() {
        if (!free_.empty()) return free_.pop();
        reach(size_);
        return static_cast<Index>(size_++);
    }

    // Give an index back. The object keeps its values until the index is taken again.
    void give(Index index) { free_.push(index); }

    // Make sure that there is room for an index.
    void reach(size_t index) {
        while (index >> BITS >= chunks_.size()) [[unlikely]] grow();
    }

  private:
    static constexpr unsigned BITS = 12;
    static constexpr Index MASK = (Index{1} << BITS) - 1;

    [[gnu::cold, gnu::noinline]] void grow() {
        chunks_.push_back(std::make_unique_for_overwrite<T[]>(size_t{1} << BITS));
    }

    std::vector<std::unique_ptr<T[]>> chunks_;
    Stack<Index> free_;
    size_t size_ = 0;
};

}  // namespace flowex
