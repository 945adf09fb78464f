#include "average.h"

namespace flowex {

void note_trade(const State& state, Instrument& instrument, int64_t quantity, int64_t quote) {
    if (!instrument.further || !instrument.further->average_minutes) return;
    const int64_t now = state.time / MINUTE;
    std::vector<Minute>& minutes = instrument.minutes;
    if (minutes.empty() || minutes.back().number != now) {
        const int64_t since = now - instrument.further->average_minutes;
        std::erase_if(minutes, [&](const Minute& minute) { return minute.number <= since; });
        minutes.push_back({now, 0, 0});
    }
    minutes.back().quantity += static_cast<Sum>(quantity);
    minutes.back().quote += static_cast<Sum>(quote);
}

int64_t reference_price(const State& state, const Instrument& instrument) {
    const int64_t span = instrument.further ? instrument.further->average_minutes : 0;
    const int64_t since = state.time / MINUTE - span;
    Sum quantity = 0, quote = 0;
    for (const Minute& minute : instrument.minutes) {
        if (minute.number <= since) continue;
        quantity += minute.quantity;
        quote += minute.quote;
    }
    return quantity ? static_cast<int64_t>(quote / quantity) : instrument.last_price;
}

}  // namespace flowex
