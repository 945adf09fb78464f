// What every ending, resting and waiting order has in common: holds, places, lists, indexes.
#pragma once

#include <span>

#include "state.h"

namespace flowex {

// Return the number of the asset that an order of that side pays with.
inline uint32_t hold_asset(const Instrument& instrument, uint8_t side) {
    return instrument.pays[side];
}

// Return what a plain order holds, at the worst case: quote at its price, or base.
inline int64_t hold_atoms(const Instrument& instrument, uint8_t side, int64_t price,
                          int64_t quantity) {
    const int64_t atoms_per_unit[] = {price, instrument.base_scale};  // Of BUY and SELL: no branch.
    return quantity * atoms_per_unit[side];
}
// Return what that much of any order holds; of one that does not hold yet it may be anything.
FLOWEX_RARE Wide worst_atoms(const State& state, const Instrument& instrument, Index index,
                             int64_t quantity);

// Return the open order with that number, or NONE.
Index find_order(const State& state, uint64_t number);
// Return the account's open order with that client id, or NONE.
Index find_client_id(const State& state, uint32_t account, std::string_view text, uint64_t hash);

// Enter an order into all indexes: by number, by account and by client id.
void enlist(State& state, Index index);
// Give an open order another client id, or none.
void rename(State& state, Index index, std::string_view client_id);
// Release the hold of that much of a resting or waiting order.
void hold_back(State& state, const Instrument& instrument, Index index, int64_t quantity);
// Put what remains of an order into the book, with its hold and, the first time, its timer.
void rest(State& state, Instrument& instrument, Index index);
// Let an order wait for its price, with its hold.
FLOWEX_RARE void wait(State& state, Instrument& instrument, Index index);
// Show the next part of an iceberg whose shown part was taken, behind everybody else.
FLOWEX_RARE void refresh(State& state, Index index);
// Take an order from wherever it stands and release its hold; its timer stays. Returns the level it
// left, for the caller to tell of, when it was in the book, else null.
const Level* lift(State& state, Instrument& instrument, Index index);
// End an order that stands somewhere by a rule, and what depends on it.
void expire(State& state, Instrument& instrument, Index index, EndReason reason);
// End one order by a rule; its level, if any, and its list are the caller's to care for.
const Level* drop(State& state, Instrument& instrument, Index index, EndReason reason);
// Take an order out of every index; remember its client id if it asked.
FLOWEX_APART void forget(State& state, Index index);
// Forget an order that has ended and stands nowhere, and settle its list.
void finish(State& state, Index index);

// Take note of a last price: if it is new, the orders it calls queue up for the market.
FLOWEX_RARE void price_moved(State& state, Instrument& instrument, int64_t price);
// Put an order at the end of the queue to the market, or take it out.
void enqueue(State& state, const Instrument& instrument, Index index);
void dequeue(State& state, Index index);

// The list of an order that is a leg; there is one as long as a leg is open.
OrderList& list_of(State& state, Index index);
// The open orders of a list.
class Legs {
  public:
    Legs(const State& state, const OrderList& order_list, size_t first, size_t end);
    bool empty() const { return count_ == 0; }
    const Index* begin() const { return legs_.data(); }
    const Index* end() const { return legs_.data() + count_; }

  private:
    std::array<Index, 3> legs_;
    size_t count_ = 0;
};
inline Legs open_legs(const State& state, const OrderList& order_list) {
    return {state, order_list, 0, order_list.legs.size()};
}
// The other leg of an order's OCO if it is open, else NONE.
Index twin_of(State& state, Index index);
// Make a leg the only one of its OCO, before it trades or when it is called.
//
// The other expires, and the order holds its own funds from now on: never more than both held.
FLOWEX_RARE void claim(State& state, Instrument& instrument, Index index);
// Let the list of an order that has ended draw the consequence.
FLOWEX_RARE void settle_list(State& state, const Order& order, uint64_t order_list);
// Forget a list that has no open order left, and tell of it, once.
void close_list(State& state, uint32_t account, uint64_t order_list);

// Emit that an order ended by a rule.
void tell_expired(State& state, Index index, EndReason reason);
// Emit that an order that waited moves on.
void tell_triggered(State& state, const Order& order, wire::TriggerCause cause, int64_t price);
// Emit how an order list stands.
void tell_list(State& state, const OrderList& order_list, wire::ListStatus status);
// Emit a level's new total under the instrument's next update id.
void tell_level(State& state, Instrument& instrument, uint8_t side, const Level& level);

}  // namespace flowex
