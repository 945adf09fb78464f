// The orders of an instrument that wait for a price, and which of them a price calls.
//
// Only orders are kept here, in the order in which one price calls several; what happens to those
// that are called is lifecycle's.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "book.h"

namespace flowex {

class Triggers {
  public:
    // A waiting order's number, by which it is found again when others were called before it.
    using Numbers = std::vector<uint64_t>;

    // An order that trails; what a new price must look at lies side by side.
    struct Tracked {
        uint64_t number;
        Index order;
        uint16_t delta;
        uint8_t side;
        int64_t extreme;  // The best price so far; of a buy 0 while there is none.
    };

    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }

    // Keep an order until the last price reaches its stop price.
    void wait(const Order& order, const Conditions& conditions, Index index);
    // Keep an order until the price comes back from its extreme.
    void track(const Order& order, const Conditions& conditions, Index index, int64_t extreme);
    // Forget an order that waits or trails; its extreme goes to its conditions.
    void remove(const Order& order, Conditions& conditions);

    // Return, in the order of their turn, the orders whose stop price is reached.
    Numbers reached(int64_t price) const;
    // Move every extreme; return the orders whose trailing delta the price came back.
    //
    // A sell trails the highest price p and is called at p * (1 - delta) or less; a buy trails
    // the lowest and is called at p * (1 + delta) or more.
    Numbers returned(int64_t price);

    // The extreme of an order that trails.
    int64_t extreme(uint64_t number) const { return find(number)->extreme; }

    // Call `visit(index)` for every order, in no particular order.
    template <class Visit>
    void each(Visit visit) const {
        for (const auto& [place, index] : above_) visit(index);
        for (const auto& [place, index] : below_) visit(index);
        for (const Tracked& tracked : tracked_) visit(tracked.order);
    }

  private:
    using Place = std::pair<int64_t, uint64_t>;  // Distance key, order number.
    using Stops = std::map<Place, Index>;

    std::vector<Tracked>::const_iterator find(uint64_t number) const;
    // Where an order waits: the nearest stop price first, then the oldest order.
    Stops& stops_of(const Order& order);
    static Place place_of(const Order& order, const Conditions& conditions);

    size_t size_ = 0;
    Stops above_;
    Stops below_;
    std::vector<Tracked> tracked_;  // The oldest first.
};

// Whether the last price (0: there is none) has reached the order's stop already.
inline bool would_trigger(const Order& order, const Conditions& conditions, int64_t last_price) {
    const int64_t stop = conditions.given.stop_price;
    if (!stop || !last_price) return false;
    return is_above(order.order_type, order.side) ? stop <= last_price : stop >= last_price;
}

}  // namespace flowex
