// The average price that filters compare with: the trades of the last minutes, by volume.
#pragma once

#include "state.h"

namespace flowex {

inline constexpr int64_t MINUTE = 60'000'000;  // µs.

// Add a trade to its minute, and forget the minutes that no average needs any more.
FLOWEX_RARE void note_trade(const State& state, Instrument& instrument, int64_t quantity,
                            int64_t quote);

// Return the price that filters compare with, in price units; 0 while there is none.
//
// floor(quote / quantity) over the running minute and those before it, as many as the filters
// say; without a trade in them, or without such a filter, the last price.
int64_t reference_price(const State& state, const Instrument& instrument);

}  // namespace flowex
