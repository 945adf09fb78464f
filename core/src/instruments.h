// Assets and instruments: definition, filters, states.
#pragma once

#include "state.h"

namespace flowex {

// A quantity unit is at most 10^18 atoms, so that it fits 64 bits.
inline constexpr int BASE_SCALE_DECIMALS_MAX = 18;

// Return how many atoms of the base one quantity unit is, or 0 when the decimals do not fit.
int64_t base_scale(uint8_t base_decimals, int8_t quantity_decimals);
// Give an instrument its assets and units, which never change.
void set_units(Instrument& instrument, uint32_t base, uint32_t quote, int8_t quantity_decimals,
               int64_t scale);
// Whether bounds are in range and in order.
bool are_sound(const Filters& filters);

Verdict define_asset(State& state, const wire::AssetDefine& command);
Verdict define_instrument(State& state, const wire::InstrumentDefine& command);
Verdict update_instrument(State& state, const wire::InstrumentUpdate& command);
Verdict set_instrument_state(State& state, const wire::SetInstrumentState& command);

// Copy the filters of anything on the wire that has them; and the other way round.
template <class Record>
Filters filters_of(const Record& record) {
    return {record.price_tick,   record.price_min,    record.price_max,    record.quantity_lot,
            record.quantity_min, record.quantity_max, record.notional_min, record.notional_max};
}
template <class Record>
void put_filters(Record& record, const Filters& filters) {
    record.price_tick = filters.price_tick;
    record.price_min = filters.price_min;
    record.price_max = filters.price_max;
    record.quantity_lot = filters.quantity_lot;
    record.quantity_min = filters.quantity_min;
    record.quantity_max = filters.quantity_max;
    record.notional_min = filters.notional_min;
    record.notional_max = filters.notional_max;
}

}  // namespace flowex
