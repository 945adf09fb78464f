#include "triggers.h"

#include <algorithm>

#include "assert.h"

namespace flowex {
namespace {

__int128 in_bips(int64_t price, int64_t bips) { return static_cast<__int128>(price) * bips; }

}  // namespace

void Triggers::wait(const Order& order, const Conditions& conditions, Index index) {
    ++size_;
    stops_of(order).emplace(place_of(order, conditions), index);
}

void Triggers::track(const Order& order, const Conditions& conditions, Index index,
                     int64_t extreme) {
    ++size_;
    tracked_.insert(find(order.number),
                    {order.number, index, static_cast<uint16_t>(conditions.given.trailing_delta),
                     order.side, extreme});
}

void Triggers::remove(const Order& order, Conditions& conditions) {
    --size_;
    if (order.phase != Phase::TRACKING) {
        const size_t removed = stops_of(order).erase(place_of(order, conditions));
        FLOWEX_ASSERT(removed == 1, "an order that waits is not found");
        return;
    }
    const auto found = find(order.number);
    FLOWEX_ASSERT(found != tracked_.end() && found->number == order.number,
                  "an order that trails is not found");
    conditions.extreme = found->extreme;
    tracked_.erase(found);
}

Triggers::Numbers Triggers::reached(int64_t price) const {
    Numbers numbers;
    for (const auto& [place, index] : above_) {
        if (place.first > price) break;
        numbers.push_back(place.second);
    }
    for (const auto& [place, index] : below_) {
        if (place.first > -price) break;
        numbers.push_back(place.second);
    }
    return numbers;
}

Triggers::Numbers Triggers::returned(int64_t price) {
    Numbers numbers;
    for (Tracked& tracked : tracked_) {
        bool called;
        if (tracked.side == static_cast<uint8_t>(Side::SELL)) {
            tracked.extreme = std::max(tracked.extreme, price);
            called = in_bips(price, wire::BIPS) <=
                     in_bips(tracked.extreme, wire::BIPS - tracked.delta);
        } else {
            tracked.extreme = tracked.extreme ? std::min(tracked.extreme, price) : price;
            called = in_bips(price, wire::BIPS) >=
                     in_bips(tracked.extreme, wire::BIPS + tracked.delta);
        }
        if (called) numbers.push_back(tracked.number);
    }
    return numbers;
}

std::vector<Triggers::Tracked>::const_iterator Triggers::find(uint64_t number) const {
    return std::ranges::lower_bound(tracked_, number, {}, &Tracked::number);
}

Triggers::Stops& Triggers::stops_of(const Order& order) {
    return is_above(order.order_type, order.side) ? above_ : below_;
}

Triggers::Place Triggers::place_of(const Order& order, const Conditions& conditions) {
    const int64_t stop = conditions.given.stop_price;
    return {is_above(order.order_type, order.side) ? stop : -stop, order.number};
}

}  // namespace flowex
