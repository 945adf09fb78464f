// When orders expire: a heap by time and then by number, from which any order can be taken out.
#pragma once

#include <cstdint>
#include <vector>

#include "book.h"

namespace flowex {

// Each order knows its place in the heap (Order::timer), so removal needs no search.
class Timers {
  public:
    size_t size() const { return heap_.size(); }
    bool empty() const { return heap_.empty(); }

    // The earliest time, in µs; there must be one.
    int64_t first_time() const { return heap_.front().time; }
    // The order that expires first.
    Index first() const { return heap_.front().order; }

    void add(Orders& orders, Index order) {
        heap_.push_back({orders[order].expire_time, orders[order].number, order});
        rise(orders, heap_.size() - 1);
    }

    void remove(Orders& orders, Index order) {
        const size_t hole = orders[order].timer;
        orders[order].timer = NONE;
        const Entry last = heap_.back();
        heap_.pop_back();
        if (hole == heap_.size()) return;
        heap_[hole] = last;
        rise(orders, hole);
        sink(orders, orders[last.order].timer);
    }

  private:
    struct Entry {
        int64_t time;
        uint64_t number;
        Index order;

        bool operator<(const Entry& other) const {
            return time != other.time ? time < other.time : number < other.number;
        }
    };

    void settle(Orders& orders, size_t place, const Entry& entry) {
        heap_[place] = entry;
        orders[entry.order].timer = static_cast<Index>(place);
    }

    void rise(Orders& orders, size_t place) {
        const Entry entry = heap_[place];
        while (place > 0 && entry < heap_[(place - 1) / 2]) {
            settle(orders, place, heap_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        settle(orders, place, entry);
    }

    void sink(Orders& orders, size_t place) {
        const Entry entry = heap_[place];
        for (size_t child; (child = 2 * place + 1) < heap_.size(); place = child) {
            if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
            if (!(heap_[child] < entry)) break;
            settle(orders, place, heap_[child]);
        }
        settle(orders, place, entry);
    }

    std::vector<Entry> heap_;
};

}  // namespace flowex
