// A stack whose growth stays out of its callers, so that they stay short enough to be inlined.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace flowex {

template <class T>
class Stack {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    bool empty() const { return size_ == 0; }
    const T* begin() const { return items_.get(); }
    const T* end() const { return items_.get() + size_; }

    void push(const T& item) {
        if (size_ == capacity_) [[unlikely]] grow();
        items_[size_++] = item;
    }
    // Take the item that was pushed last; there must be one.
    T pop() { return items_[--size_]; }
    void clear() { size_ = 0; }

  private:
    static constexpr size_t CAPACITY_MIN = 64;

    [[gnu::cold, gnu::noinline]] void grow() {
        const size_t larger = capacity_ ? capacity_ * 2 : CAPACITY_MIN;
        auto items = std::make_unique_for_overwrite<T[]>(larger);
        std::copy(begin(), end(), items.get());
        items_ = std::move(items);
        capacity_ = larger;
    }

    std::unique_ptr<T[]> items_;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace flowex
