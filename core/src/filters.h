// An instrument's filters: what an order must look like, and what its account may have open.
//
// The order of the checks is written at their twins in engine/reference/filters.py.
#pragma once

#include <span>

#include "state.h"

namespace flowex {

// An order that a command asks for.
struct Wish {
    const wire::OrderPlace* order;       // A leg's fields are put into one.
    const wire::Conditions* conditions;  // Null of a plain order.
    std::string_view client_id;
    uint64_t client_id_hash;
};

// Give an instrument further filters. Open orders stay as they are.
Verdict set_filters(State& state, const wire::FiltersSet& command);
// Whether bounds are in range and in order.
bool are_sound(const Further& further);

// Hold an order against the filters that need nothing but the order.
Code filter_fault(const Instrument& instrument, const wire::OrderPlace& order,
                  const wire::Conditions* conditions);

// Hold orders that come together against what the market and their account are now.
FLOWEX_RARE Code standing_fault(State& state, const Account& account, const Instrument& instrument,
                    std::span<const Wish> wishes);

// The same of a plain order on an instrument without further filters.
Code plain_count_fault(const State& state, const Account& account, size_t coming);

inline bool may_rest(uint8_t time_in_force) {
    return time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTC) ||
           time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTD);
}

// Copy the further filters of anything on the wire that has them; and the other way round.
template <class Record>
Further further_of(const Record& record) {
    return {record.bid_up,
            record.bid_down,
            record.ask_up,
            record.ask_down,
            record.average_minutes,
            record.iceberg_parts_max,
            record.market_lot,
            record.market_quantity_min,
            record.market_quantity_max,
            record.position_max,
            record.orders_max,
            record.algo_orders_max,
            record.iceberg_orders_max,
            record.order_lists_max,
            record.amends_max,
            record.trailing_above_min,
            record.trailing_above_max,
            record.trailing_below_min,
            record.trailing_below_max,
            record.market_notional};
}
template <class Record>
void put_further(Record& record, const Further& further) {
    record.bid_up = further.bid_up;
    record.bid_down = further.bid_down;
    record.ask_up = further.ask_up;
    record.ask_down = further.ask_down;
    record.average_minutes = further.average_minutes;
    record.iceberg_parts_max = further.iceberg_parts_max;
    record.market_lot = further.market_lot;
    record.market_quantity_min = further.market_quantity_min;
    record.market_quantity_max = further.market_quantity_max;
    record.position_max = further.position_max;
    record.orders_max = further.orders_max;
    record.algo_orders_max = further.algo_orders_max;
    record.iceberg_orders_max = further.iceberg_orders_max;
    record.order_lists_max = further.order_lists_max;
    record.amends_max = further.amends_max;
    record.trailing_above_min = further.trailing_above_min;
    record.trailing_above_max = further.trailing_above_max;
    record.trailing_below_min = further.trailing_below_min;
    record.trailing_below_max = further.trailing_below_max;
    record.market_notional = further.market_notional;
}

}  // namespace flowex
