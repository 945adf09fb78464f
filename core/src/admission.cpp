#include "admission.h"

#include "lifecycle.h"
#include "names.h"

namespace flowex {
namespace {

using wire::CancelRestriction;
using wire::Limit;
using wire::TimeInForce;

bool is_well_formed(const wire::OrderPlace& order, const wire::Conditions* conditions) {
    const auto time_in_force = static_cast<TimeInForce>(order.time_in_force);
    if (order.side >= wire::SIDE_COUNT || order.order_type >= wire::ORDER_TYPE_COUNT ||
        order.time_in_force >= wire::TIME_IN_FORCE_COUNT ||
        order.self_trade >= wire::SELF_TRADE_COUNT ||
        (order.price | order.quantity | order.quote_amount | order.expire_time) < 0 ||
        (time_in_force == TimeInForce::GTD) != (order.expire_time > 0)) {
        return false;
    }
    const bool is_algo = is_one_of(ALGOS, order.order_type);
    bool waits = false;
    if (conditions) [[unlikely]] {
        waits = conditions->stop_price > 0 || conditions->trailing_delta > 0;
        const int64_t any =
            conditions->stop_price | conditions->display_quantity | conditions->strategy_id;
        if (any < 0 || (conditions->display_quantity && time_in_force != TimeInForce::GTC)) {
            return false;
        }
    }
    if (waits != is_algo || (waits && time_in_force == TimeInForce::GTD)) return false;
    if (is_one_of(MARKETS, order.order_type)) {
        const bool by_quote = order.quote_amount > 0 && !is_algo;
        return time_in_force == TimeInForce::IOC && order.price == 0 &&
               (order.quantity > 0) != by_quote && (order.quote_amount > 0) == by_quote;
    }
    if (order.order_type == static_cast<uint8_t>(OrderType::LIMIT_MAKER) &&
        !may_rest(order.time_in_force)) {
        return false;
    }
    return order.price > 0 && order.quantity > 0 && order.quote_amount == 0;
}

Code timer_fault(const State& state, const wire::OrderPlace& order) {
    if (static_cast<TimeInForce>(order.time_in_force) != TimeInForce::GTD) return Code::OK;
    if (order.expire_time <= state.time) return Code::EXPIRE_TIME_PASSED;
    return state.timers.size() >= state.limit(Limit::TIMERS) ? Code::TIMERS : Code::OK;
}

}  // namespace

Admission admit(State& state, Wish& wish) {
    const wire::OrderPlace& order = *wish.order;
    Account* account = state.account(order.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    Instrument* instrument = state.instrument(order.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    if (order.position_side) return {Code::INVALID_ORDER};
    Code code = order_fault(state, *account, *instrument, wish);
    if (code != Code::OK) return {code};
    if (!wish.client_id.empty()) {
        wish.client_id_hash = text_hash(wish.client_id);
        const bool remember =
            order.header.flags & static_cast<uint16_t>(wire::PlaceFlag::UNIQUE_RECENT);
        const uint64_t known =
            known_client_id(state, *account, wish.client_id, wish.client_id_hash, remember);
        if (known) return {Code::DUPLICATE_CLIENT_ID, known};
    }
    if (instrument->further || wish.conditions) [[unlikely]] {
        code = standing_fault(state, *account, *instrument, {&wish, 1});
    } else if (may_rest(order.time_in_force)) {
        code = plain_count_fault(state, *account, 1);
    }
    return {code, 0, instrument};
}

Code order_fault(const State& state, const Account& account, const Instrument& instrument,
                 const Wish& wish) {
    if (!is_well_formed(*wish.order, wish.conditions)) return Code::INVALID_ORDER;
    if (!is_client_id(wish.client_id)) return Code::INVALID_CLIENT_ID;
    Code code = condition_fault(state, account, instrument);
    if (code != Code::OK) return code;
    code = filter_fault(instrument, *wish.order, wish.conditions);
    return code != Code::OK ? code : timer_fault(state, *wish.order);
}

uint64_t known_client_id(const State& state, const Account& account, std::string_view text,
                         uint64_t hash, bool remember) {
    const Index open = find_client_id(state, account.number, text, hash);
    if (open != NONE) return state.orders[open].number;
    if (remember) {
        for (const Recent& recent : account.recent) {
            if (recent.hash == hash) return recent.order;
        }
    }
    return 0;
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

Named cancelable(const State& state, const CancelRequest& request) {
    if (!is_client_id(request.client_id)) return {Code::INVALID_CLIENT_ID};
    const Named named = named_order(state, request.account, request.instrument, request.order,
                                    request.original_client_id);
    if (named.code != Code::OK || !request.restriction) return named;
    if (request.restriction >= wire::CANCEL_RESTRICTION_COUNT) return {Code::INVALID_ORDER};
    const auto restriction = static_cast<CancelRestriction>(request.restriction);
    const bool is_new = state.orders[named.order].filled == 0;
    const bool only_new = restriction == CancelRestriction::ONLY_NEW;
    return is_new == only_new ? named : Named{Code::CANCEL_RESTRICTED};
}

}  // namespace flowex
