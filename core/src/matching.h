// A taker walks the other side of the book: price, then time; self-trade rules on the way.
//
// `walk` answers what a taker would get and changes nothing; `match` does it. Both take the same
// steps in the same order, so what `walk` promised is what `match` does.
#pragma once

#include <optional>

#include "state.h"

namespace flowex {

using Reason = std::optional<EndReason>;

// What a taker would get: quantity, what it costs in quote atoms, and why it would end.
struct Walk {
    int64_t quantity;
    Wide quote;
    Reason reason;
};

// The worst price a taker takes, as a key of the side it trades against.
int64_t limit_key(const Instrument& instrument, const Order& taker);

// Return what `match` would do with the taker, changing nothing.
Walk walk(State& state, const Instrument& instrument, const Order& taker);

// Trade the taker against the book; return why it must end now, or nothing.
//
// Nothing means it is filled, or nothing is left to trade with: the caller rests or expires it.
Reason match(State& state, Instrument& instrument, Order& taker);

}  // namespace flowex
