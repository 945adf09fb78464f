// Orders on their way into the market: at once, after their price came, or after their list's turn.
//
// The faults look at the book and the money; `begin` and `enter` act. The order of the checks is
// written at their twins in engine/reference/entering.py.
#pragma once

#include "filters.h"
#include "state.h"

namespace flowex {

// Take an order that is wished for, with the number it would get, as a draft that nobody knows yet.
// Give its index back if it is refused.
Index draft(State& state, const Wish& wish, uint64_t number);

// Return why an order cannot enter now.
Code entry_fault(State& state, const Instrument& instrument, Index index);
// Return why an OCO cannot enter now; note which of the two holds the funds.
Code pair_fault(State& state, const Instrument& instrument, Index above, Index below);
// Whether a LIMIT_MAKER at that price would trade at once.
bool would_take(const State& state, const Instrument& instrument, const Order& order,
                int64_t price);

// Give an order its place in every index, and tell of it.
void accept(State& state, Index index, std::string_view client_id);
// Let an accepted order wait for its price, or enter the market.
void begin(State& state, Instrument& instrument, Index index);
// Match an order, then rest or end what remains.
FLOWEX_APART void enter(State& state, Instrument& instrument, Index index);

// Let at most so many queued orders enter, in the order of the queue; return how many did.
//
// Those of a market that does not trade stay.
FLOWEX_RARE int run_entries(State& state, int most);
// Whether a queued order could enter.
inline bool has_entry(const State& state) { return !state.entries.ready.empty() && !state.halted; }
// Sort queued orders anew after their instrument's state changed.
void sort_entries(State& state, const Instrument& instrument);

}  // namespace flowex
