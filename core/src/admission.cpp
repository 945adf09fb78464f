#include "admission.h"

#include "lifecycle.h"
#include "names.h"

namespace flowex {
namespace {

using wire::Limit;
using wire::OrderType;
using wire::TimeInForce;

bool is_well_formed(const wire::OrderPlace& command) {
    const auto type = static_cast<OrderType>(command.order_type);
    const auto time_in_force = static_cast<TimeInForce>(command.time_in_force);
    if (command.side >= wire::SIDE_COUNT || command.order_type >= wire::ORDER_TYPE_COUNT ||
        command.time_in_force >= wire::TIME_IN_FORCE_COUNT ||
        command.self_trade >= wire::SELF_TRADE_COUNT || command.position_side ||
        (command.price | command.quantity | command.quote_amount | command.expire_time) < 0 ||
        (time_in_force == TimeInForce::GTD) != (command.expire_time > 0)) {
        return false;
    }
    if (type == OrderType::MARKET) {
        return time_in_force == TimeInForce::IOC && command.price == 0 &&
               (command.quantity > 0) != (command.quote_amount > 0);
    }
    if (type == OrderType::LIMIT_MAKER && !may_rest(command.time_in_force)) return false;
    return command.price > 0 && command.quantity > 0 && command.quote_amount == 0;
}

bool within(int64_t value, int64_t low, int64_t high) {
    return low <= value && value <= (high ? high : wire::SUPPLY_MAX);
}

// Division is slow, and most steps are one unit.
bool is_multiple(int64_t value, int64_t step) { return step == 1 || value % step == 0; }

Code timer_fault(const State& state, const wire::OrderPlace& command) {
    if (static_cast<TimeInForce>(command.time_in_force) != TimeInForce::GTD) return Code::OK;
    if (command.expire_time <= state.time) return Code::EXPIRE_TIME_PASSED;
    return state.timers.size() >= state.limit(Limit::TIMERS) ? Code::TIMERS : Code::OK;
}

// Return the number of the order that has the client id already, or 0.
uint64_t known_client_id(const State& state, const Account& account, std::string_view text,
                         uint64_t hash, bool unique_recent) {
    const Index open = find_client_id(state, account.number, text, hash);
    if (open != NONE) return state.orders[open].number;
    if (unique_recent) {
        for (const Recent& recent : account.recent) {
            if (recent.hash == hash) return recent.order;
        }
    }
    return 0;
}

Code count_fault(const State& state, const Account& account, uint8_t time_in_force) {
    if (!may_rest(time_in_force)) return Code::OK;
    if (account.open_orders >= state.limit(Limit::ACCOUNT_OPEN_ORDERS)) {
        return Code::ACCOUNT_OPEN_ORDERS;
    }
    const bool full = state.order_table.size() >= state.limit(Limit::OPEN_ORDERS);
    return full ? Code::OPEN_ORDERS : Code::OK;
}

}  // namespace

Admission admit(State& state, const wire::OrderPlace& command, std::string_view client_id) {
    Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    Instrument* instrument = state.instrument(command.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    if (!is_well_formed(command)) return {Code::INVALID_ORDER};
    if (!is_client_id(client_id)) return {Code::INVALID_CLIENT_ID};
    Code code = condition_fault(state, *account, *instrument);
    if (code != Code::OK) return {code};
    code = filter_fault(*instrument, command.order_type, command.price, command.quantity,
                        command.quote_amount);
    if (code != Code::OK) return {code};
    code = timer_fault(state, command);
    if (code != Code::OK) return {code};
    uint64_t hash = 0;
    if (!client_id.empty()) {
        hash = text_hash(client_id);
        const bool unique_recent =
            command.header.flags & static_cast<uint16_t>(wire::PlaceFlag::UNIQUE_RECENT);
        const uint64_t known = known_client_id(state, *account, client_id, hash, unique_recent);
        if (known) return {Code::DUPLICATE_CLIENT_ID, known};
    }
    code = count_fault(state, *account, command.time_in_force);
    return {code, 0, account, instrument, hash};
}

Code condition_fault(const State& state, const Account& account, const Instrument& instrument) {
    if (state.halted) return Code::HALTED;
    if (instrument.state != static_cast<uint8_t>(wire::InstrumentState::TRADING)) {
        return Code::INSTRUMENT_NOT_TRADING;
    }
    if (account.state != static_cast<uint8_t>(wire::AccountState::ACTIVE)) {
        return Code::ACCOUNT_RESTRICTED;
    }
    return Code::OK;
}

Code filter_fault(const Instrument& instrument, uint8_t order_type, int64_t price,
                  int64_t quantity, int64_t quote_amount) {
    const Filters& filters = instrument.filters;
    const bool is_market = order_type == static_cast<uint8_t>(OrderType::MARKET);
    if (!is_market) {
        if (!within(price, filters.price_min, filters.price_max)) return Code::PRICE_OUT_OF_RANGE;
        if (!is_multiple(price, filters.price_tick)) return Code::PRICE_OFF_TICK;
    }
    if (quantity) {
        if (!within(quantity, filters.quantity_min, filters.quantity_max) ||
            quantity > instrument.quantity_supply_max) {
            return Code::QUANTITY_OUT_OF_RANGE;
        }
        if (!is_multiple(quantity, filters.quantity_lot)) return Code::QUANTITY_OFF_LOT;
        if (is_market) return Code::OK;  // Nobody knows its notional yet.
    }
    int64_t notional = quote_amount;
    // What overflows is far above any bound.
    if ((!quote_amount && __builtin_mul_overflow(price, quantity, &notional)) ||
        !within(notional, filters.notional_min, filters.notional_max)) {
        return Code::NOTIONAL_OUT_OF_RANGE;
    }
    return Code::OK;
}

Named named_order(const State& state, uint32_t account, uint32_t instrument, uint64_t number,
                  std::string_view original_client_id) {
    const bool by_text = number == 0 && !original_client_id.empty();
    const Index index = number ? find_order(state, number)
                        : by_text ? find_client_id(state, account, original_client_id,
                                                   text_hash(original_client_id))
                                  : NONE;
    if (index == NONE) return {Code::UNKNOWN_ORDER};
    const Order& order = state.orders[index];
    if (order.account != account || (instrument && instrument != order.instrument)) {
        return {Code::UNKNOWN_ORDER};
    }
    if (!original_client_id.empty() && original_client_id != state.client_id(index)) {
        return {Code::CLIENT_ID_MISMATCH};
    }
    return {Code::OK, index};
}

}  // namespace flowex
