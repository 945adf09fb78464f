#include "instruments.h"

#include <algorithm>

#include "entering.h"
#include "fees.h"
#include "names.h"

namespace flowex {
namespace {

using wire::InstrumentState;

constexpr auto CLOSED = static_cast<uint8_t>(InstrumentState::CLOSED);

Code definition_fault(const State& state, const wire::InstrumentDefine& command) {
    const std::string_view symbol = fixed_text(command.symbol);
    if (!is_symbol(symbol)) return Code::INVALID_NAME;
    for (const auto& known : state.instruments) {
        if (std::ranges::equal(known->symbol, command.symbol)) return Code::DUPLICATE_NAME;
    }
    const Asset* base = state.asset(command.base_asset);
    const Asset* quote = state.asset(command.quote_asset);
    if (!base || !quote || base == quote) return Code::UNKNOWN_ASSET;
    if (command.instrument_kind != static_cast<uint8_t>(wire::InstrumentKind::SPOT)) {
        return Code::INVALID_KIND;
    }
    if (!base_scale(base->decimals, command.quantity_decimals)) return Code::INVALID_DECIMALS;
    if (!is_rate(command.maker_rate) || !is_rate(command.taker_rate)) return Code::INVALID_RATE;
    if (!are_sound(filters_of(command))) return Code::INVALID_FILTER;
    const bool full = state.instruments.size() >= state.limit(wire::Limit::INSTRUMENTS);
    return full ? Code::INSTRUMENTS : Code::OK;
}

// Whether an order is open on an instrument: in the book, waiting for a price, called by one and
// queued, or a leg of a list.
bool has_orders(const State& state, const Instrument& instrument) {
    if (!instrument.book.empty() || !instrument.triggers.empty()) return true;
    const auto is_here = [&](const auto& entry) {
        return state.orders[entry.second].instrument == instrument.number;
    };
    const auto is_list_here = [&](const auto& known) {
        return known.second.instrument == instrument.number;
    };
    return std::ranges::any_of(state.entries.ready, is_here) ||
           std::ranges::any_of(state.entries.stuck, is_here) ||
           std::ranges::any_of(state.lists, is_list_here);
}

void tell_instrument(State& state, const Instrument& instrument) {
    auto& event = state.tell<wire::InstrumentChanged>();
    event.instrument = instrument.number;
    event.base_asset = instrument.base;
    event.quote_asset = instrument.quote;
    event.quantity_decimals = instrument.quantity_decimals;
    event.instrument_kind = instrument.kind;
    event.state = instrument.state;
    event.maker_rate = instrument.maker_rate;
    event.taker_rate = instrument.taker_rate;
    put_filters(event, instrument.filters);
    std::ranges::copy(instrument.symbol, event.symbol);
}

}  // namespace

int64_t base_scale(uint8_t base_decimals, int8_t quantity_decimals) {
    const int exponent = base_decimals - quantity_decimals;
    if (exponent < 0 || exponent > BASE_SCALE_DECIMALS_MAX) return 0;
    int64_t scale = 1;
    for (int step = 0; step < exponent; ++step) scale *= 10;
    return scale;
}

void set_units(Instrument& instrument, uint32_t base, uint32_t quote, int8_t quantity_decimals,
               int64_t scale) {
    instrument.base = base;
    instrument.quote = quote;
    instrument.pays = {quote, base};
    instrument.quantity_decimals = quantity_decimals;
    instrument.base_scale = scale;
    instrument.quantity_supply_max = wire::SUPPLY_MAX / scale;
}

bool are_sound(const Filters& filters) {
    const auto is_step = [](int64_t step) { return 1 <= step && step <= wire::SUPPLY_MAX; };
    const auto is_range = [](int64_t low, int64_t high) {
        return 0 <= low && low <= wire::SUPPLY_MAX && 0 <= high && high <= wire::SUPPLY_MAX &&
               (high == 0 || low <= high);
    };
    return is_step(filters.price_tick) && is_step(filters.quantity_lot) &&
           is_range(filters.price_min, filters.price_max) &&
           is_range(filters.quantity_min, filters.quantity_max) &&
           is_range(filters.notional_min, filters.notional_max);
}

Verdict define_asset(State& state, const wire::AssetDefine& command) {
    if (!is_asset_code(fixed_text(command.code))) return {Code::INVALID_NAME};
    for (const Asset& known : state.assets) {
        if (std::ranges::equal(known.code, command.code)) return {Code::DUPLICATE_NAME};
    }
    if (command.decimals > wire::DECIMALS_MAX) return {Code::INVALID_DECIMALS};
    if (state.assets.size() >= state.limit(wire::Limit::ASSETS)) return {Code::ASSETS};
    Asset& asset = state.assets.emplace_back();
    std::ranges::copy(command.code, asset.code.begin());
    asset.decimals = command.decimals;
    asset.issued = 0;
    const auto number = static_cast<uint32_t>(state.assets.size());
    auto& event = state.tell<wire::AssetChanged>();
    event.asset = number;
    event.decimals = command.decimals;
    std::ranges::copy(command.code, event.code);
    return {Code::OK, number};
}

Verdict define_instrument(State& state, const wire::InstrumentDefine& command) {
    const Code code = definition_fault(state, command);
    if (code != Code::OK) return {code};
    const Asset& base = *state.asset(command.base_asset);
    auto& instrument = *state.instruments.emplace_back(std::make_unique<Instrument>());
    instrument.number = static_cast<uint32_t>(state.instruments.size());
    set_units(instrument, command.base_asset, command.quote_asset, command.quantity_decimals,
              base_scale(base.decimals, command.quantity_decimals));
    instrument.kind = command.instrument_kind;
    instrument.maker_rate = command.maker_rate;
    instrument.taker_rate = command.taker_rate;
    instrument.filters = filters_of(command);
    std::ranges::copy(command.symbol, instrument.symbol.begin());
    tell_instrument(state, instrument);
    return {Code::OK, instrument.number};
}

Verdict update_instrument(State& state, const wire::InstrumentUpdate& command) {
    Instrument* instrument = state.instrument(command.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    if (instrument->state == CLOSED) return {Code::INVALID_STATE};
    if (!is_rate(command.maker_rate) || !is_rate(command.taker_rate)) return {Code::INVALID_RATE};
    const Filters filters = filters_of(command);
    if (!are_sound(filters)) return {Code::INVALID_FILTER};
    instrument->filters = filters;
    instrument->maker_rate = command.maker_rate;
    instrument->taker_rate = command.taker_rate;
    tell_instrument(state, *instrument);
    return {Code::OK, instrument->number};
}

Verdict set_instrument_state(State& state, const wire::SetInstrumentState& command) {
    Instrument* instrument = state.instrument(command.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    if (command.state >= wire::INSTRUMENT_STATE_COUNT || instrument->state == CLOSED) {
        return {Code::INVALID_STATE};
    }
    if (command.state == CLOSED && has_orders(state, *instrument)) {
        return {Code::INSTRUMENT_HAS_ORDERS};
    }
    instrument->state = command.state;
    if (state.entries.size()) sort_entries(state, *instrument);
    tell_instrument(state, *instrument);
    return {Code::OK, instrument->number};
}

}  // namespace flowex
