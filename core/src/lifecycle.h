// What every ending and resting order has in common: holds, timers, indexes, level events.
#pragma once

#include "state.h"

namespace flowex {

// Return the number of the asset that an order of that side pays with.
inline uint32_t hold_asset(const Instrument& instrument, uint8_t side) {
    return instrument.pays[side];
}

// Return what an order holds, at the worst case: quote at its price, or base.
inline int64_t hold_atoms(const Instrument& instrument, uint8_t side, int64_t price,
                          int64_t quantity) {
    const int64_t atoms_per_unit[] = {price, instrument.base_scale};  // Of BUY and SELL: no branch.
    return quantity * atoms_per_unit[side];
}

// Return the open order with that number, or NONE.
Index find_order(const State& state, uint64_t number);
// Return the account's open order with that client id, or NONE.
Index find_client_id(const State& state, uint32_t account, std::string_view text, uint64_t hash);

// Enter an order into all indexes: by number, by account and by client id.
void enlist(State& state, Index index);
// Release the hold of that much of a resting order.
void hold_back(State& state, const Instrument& instrument, const Order& order, int64_t quantity);
// Put what remains of an order into the book, with its hold and, the first time, its timer.
void rest(State& state, Instrument& instrument, Index index);
// Take a resting order out of the book and release its hold; its timer stays.
const Level& lift(State& state, Instrument& instrument, Index index);
// End a resting order by a rule; the caller tells of its level.
void expire(State& state, Instrument& instrument, Index index, EndReason reason);
// Forget an order that has ended: indexes, timer; remember its client id if it asked.
void finish(State& state, Index index);

// Emit that an order ended by a rule.
void tell_expired(State& state, const Order& order, EndReason reason);
// Emit a level's new total under the instrument's next update id.
void tell_level(State& state, Instrument& instrument, uint8_t side, const Level& level);

}  // namespace flowex
