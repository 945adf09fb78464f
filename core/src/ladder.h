// A sorted map from price keys to level indices, for any price at any distance.
//
//     lows_    | lowest key of page 0 | page 1 | ...          directory, searched first
//     pages_   | keys ... | keys ... | ... keys BEST |        then the page
//
// The best key is the last of the last page, so the top of the book is reached without a search.
// A page has a fixed size: an insertion moves at most a page, a split at most the directory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "pool.h"

namespace flowex {

class Ladder {
  public:
    bool empty() const { return pages_.empty(); }

    // Return the level at the highest key, which there must be.
    Index best() const {
        const Page& page = *pages_.back();
        return page.levels[page.count - 1];
    }

    // Return the level at the key, or NONE.
    Index find(int64_t key) const {
        if (empty()) return NONE;
        const Page& page = *pages_[page_of(key)];
        const uint32_t slot = slot_of(page, key);
        return slot < page.count && page.keys[slot] == key ? page.levels[slot] : NONE;
    }

    // Return the place of the key's level; NONE is there when the key is new.
    Index& at(int64_t key) {
        if (empty()) insert_page(0, key, std::make_unique<Page>());
        size_t number = page_of(key);
        uint32_t slot = slot_of(*pages_[number], key);
        Page* page = pages_[number].get();
        if (slot < page->count && page->keys[slot] == key) return page->levels[slot];
        if (page->count == PAGE) {
            split(number);
            number = page_of(key);
            page = pages_[number].get();
            slot = slot_of(*page, key);
        }
        std::copy_backward(page->keys + slot, page->keys + page->count,
                           page->keys + page->count + 1);
        std::copy_backward(page->levels + slot, page->levels + page->count,
                           page->levels + page->count + 1);
        page->keys[slot] = key;
        page->levels[slot] = NONE;
        ++page->count;
        return page->levels[slot];
    }

    // Take out a key that is there.
    void remove(int64_t key) {
        const size_t number = page_of(key);
        Page& page = *pages_[number];
        const uint32_t slot = slot_of(page, key);
        std::copy(page.keys + slot + 1, page.keys + page.count, page.keys + slot);
        std::copy(page.levels + slot + 1, page.levels + page.count, page.levels + slot);
        page.keys[--page.count] = UNUSED;
        if (page.count < PAGE / 4) merge(number);
    }

    // Call `visit(level)` from the best key down until it returns false.
    template <class Visit>
    void best_first(Visit visit) const {
        for (size_t number = pages_.size(); number-- > 0;) {
            const Page& page = *pages_[number];
            for (uint32_t slot = page.count; slot-- > 0;) {
                if (!visit(page.levels[slot])) return;
            }
        }
    }

  private:
    static constexpr uint32_t PAGE = 128;
    static constexpr int64_t UNUSED = INT64_MAX;  // Above every key.

    struct Page {
        Page() { std::fill(keys, keys + PAGE, UNUSED); }

        uint32_t count = 0;
        int64_t keys[PAGE];
        Index levels[PAGE];
    };

    // The page in which a key is or would be: the last that does not begin above it.
    size_t page_of(int64_t key) const {
        if (lows_.back() <= key) return lows_.size() - 1;
        const auto above = std::upper_bound(lows_.begin() + 1, lows_.end(), key);
        return static_cast<size_t>(above - lows_.begin()) - 1;
    }

    // How many keys of a page are below a key: each step leaves a quarter.
    static uint32_t slot_of(const Page& page, int64_t key) {
        uint32_t below = 0;
        if (page.count > 32) below = step<32>(page, key, below);
        if (page.count > 8) below = step<8>(page, key, below);
        below = step<2>(page, key, below);
        return below + uint32_t{page.keys[below] < key} + uint32_t{page.keys[below + 1] < key};
    }

    // Look at three places at once, without a branch: no processor can guess the way through a
    // search. The width is a constant, so that nothing is multiplied.
    template <uint32_t WIDTH>
    static uint32_t step(const Page& page, int64_t key, uint32_t below) {
        const int64_t* keys = page.keys + below + WIDTH - 1;
        return below + WIDTH * (uint32_t{keys[0] < key} + uint32_t{keys[WIDTH] < key} +
                                uint32_t{keys[2 * WIDTH] < key});
    }

    [[gnu::cold, gnu::noinline]] void insert_page(size_t number, int64_t low,
                                                  std::unique_ptr<Page> page) {
        const auto offset = static_cast<std::ptrdiff_t>(number);
        pages_.insert(pages_.begin() + offset, std::move(page));
        lows_.insert(lows_.begin() + offset, low);
    }

    [[gnu::cold, gnu::noinline]] void split(size_t number) {
        Page& lower = *pages_[number];
        auto upper = std::make_unique<Page>();
        upper->count = PAGE / 2;
        lower.count = PAGE / 2;
        std::copy(lower.keys + PAGE / 2, lower.keys + PAGE, upper->keys);
        std::fill(lower.keys + PAGE / 2, lower.keys + PAGE, UNUSED);
        std::copy(lower.levels + PAGE / 2, lower.levels + PAGE, upper->levels);
        const int64_t low = upper->keys[0];
        insert_page(number + 1, low, std::move(upper));
    }

    // Join a page that became small with a neighbour, so that no book keeps many empty pages.
    [[gnu::cold, gnu::noinline]] void merge(size_t number) {
        if (pages_[number]->count == 0) return remove_page(number);
        if (number + 1 == pages_.size()) {
            if (number == 0) return;
            --number;
        }
        Page& lower = *pages_[number];
        const Page& upper = *pages_[number + 1];
        if (lower.count + upper.count > PAGE / 2) return;
        std::copy(upper.keys, upper.keys + upper.count, lower.keys + lower.count);
        std::copy(upper.levels, upper.levels + upper.count, lower.levels + lower.count);
        lower.count += upper.count;
        remove_page(number + 1);
    }

    void remove_page(size_t number) {
        pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(number));
        lows_.erase(lows_.begin() + static_cast<std::ptrdiff_t>(number));
    }

    std::vector<std::unique_ptr<Page>> pages_;
    std::vector<int64_t> lows_;
};

}  // namespace flowex
