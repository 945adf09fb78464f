#include "orders.h"

#include "admission.h"
#include "entering.h"
#include "lifecycle.h"

namespace flowex {
namespace {

Verdict place_wish(State& state, Wish& wish) {
    const Admission admission = admit(state, wish);
    if (admission.code != Code::OK) return {admission.code, admission.known};
    Instrument& instrument = *admission.instrument;
    const Index index = draft(state, wish, state.last_order + 1);
    const Code code = entry_fault(state, instrument, index);
    if (code != Code::OK) {
        state.orders.give(index);
        return {code};
    }
    const uint64_t number = state.orders[index].number;
    accept(state, index, wish.client_id);
    begin(state, instrument, index);
    return {Code::OK, number};
}

FLOWEX_RARE Verdict place_conditioned(State& state, Wish& wish, const wire::Conditions& given) {
    const wire::Conditions conditions = normal(given);
    wish.conditions = &conditions;
    return place_wish(state, wish);
}

// The order that a cancel-replace places: the same fields under the same header.
wire::OrderPlace placement_of(const wire::OrderCancelReplace& command) {
    wire::OrderPlace placed = {};
    placed.header = command.header;
    placed.instrument = command.instrument;
    placed.side = command.side;
    placed.order_type = command.order_type;
    placed.time_in_force = command.time_in_force;
    placed.self_trade = command.self_trade;
    placed.price = command.price;
    placed.quantity = command.quantity;
    placed.quote_amount = command.quote_amount;
    placed.expire_time = command.expire_time;
    placed.position_side = command.position_side;
    return placed;
}

FLOWEX_HOT void cancel_order(State& state, Index index, EndReason reason,
                             std::string_view client_id) {
    const Order& order = state.orders[index];
    Instrument& instrument = state.instrument_of(order);
    const Level* level = lift(state, instrument, index);
    auto& event = state.tell<wire::OrderCanceled>(order.account);
    event.instrument = order.instrument;
    event.reason = static_cast<uint8_t>(reason);
    event.order = order.number;
    event.remaining = order.remaining;
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
    if (level) [[likely]] tell_level(state, instrument, order.side, *level);
    forget(state, index);
}

FLOWEX_RARE uint64_t cancel_legs(State& state, Index index, EndReason reason,
                                 std::string_view client_id) {
    const OrderList& order_list = list_of(state, index);
    const Legs legs = open_legs(state, order_list);
    for (const Index leg : legs) cancel_order(state, leg, reason, client_id);
    close_list(state, order_list.account, order_list.number);
    return static_cast<uint64_t>(legs.end() - legs.begin());
}

// The next of an account's orders that is not of the same list.
Index next_of_account(const State& state, Index index) {
    const Order& order = state.orders[index];
    Index next = order.account_next;
    if (!(order.special & LISTED)) [[likely]] return next;
    const uint64_t order_list = state.conditions[index].order_list;
    while (next != NONE && (state.orders[next].special & LISTED) &&
           state.conditions[next].order_list == order_list) {
        next = state.orders[next].account_next;
    }
    return next;
}

}  // namespace

bool is_plain(const wire::Conditions& given) {
    return !(given.strategy_type || given.stop_price || given.display_quantity ||
             given.strategy_id || given.trailing_delta);
}

wire::Conditions normal(const wire::Conditions& given) {
    return {wire::OrderPlace::TAG_CONDITIONS,
            wire::TEXT_MAX,
            0,
            given.strategy_type,
            given.stop_price,
            given.display_quantity,
            given.strategy_id,
            given.trailing_delta,
            {}};
}

FLOWEX_HOT Verdict place(State& state, const wire::OrderPlace& command, const Texts& texts) {
    Wish wish = {&command, nullptr, texts.client_id, 0};
    if (!texts.conditions || is_plain(*texts.conditions)) [[likely]] return place_wish(state, wish);
    return place_conditioned(state, wish, *texts.conditions);
}

FLOWEX_HOT Verdict cancel(State& state, const wire::OrderCancel& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    const Named named =
        cancelable(state, {account, command.instrument, command.order, command.restriction,
                           texts.client_id, texts.original_client_id});
    if (named.code != Code::OK) return {named.code};
    const uint64_t number = state.orders[named.order].number;
    end_by_request(state, named.order, EndReason::REQUESTED, texts.client_id);
    return {Code::OK, number};
}

Verdict cancel_all(State& state, const wire::OrderCancelAll& command) {
    const Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    if (command.instrument && !state.instrument(command.instrument)) {
        return {Code::UNKNOWN_INSTRUMENT};
    }
    constexpr unsigned BOTH_SIDES = 3;
    if (command.sides < 1 || command.sides > BOTH_SIDES) return {Code::INVALID_ORDER};
    const uint64_t bound = state.limit(wire::Limit::CANCELS_PER_COMMAND);
    uint64_t cancelled = 0;
    bool more = false;
    for (Index index = account->first_order; index != NONE && !more;) {
        const Order& order = state.orders[index];
        const bool meant = (!command.instrument || command.instrument == order.instrument) &&
                           (command.sides >> order.side & 1);
        if (!meant) {
            index = order.account_next;
            continue;
        }
        const Index next = next_of_account(state, index);
        if (cancelled >= bound) {
            more = true;
        } else {
            cancelled += end_by_request(state, index, EndReason::CANCEL_ALL, {});
        }
        index = next;
    }
    if (!cancelled) return {Code::NOTHING_TO_CANCEL};
    return {Code::OK, 0, more, static_cast<int64_t>(cancelled)};
}

Verdict cancel_replace(State& state, const wire::OrderCancelReplace& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (command.mode >= wire::CANCEL_REPLACE_MODE_COUNT) return {Code::INVALID_ORDER};
    const Named named =
        cancelable(state, {account, command.instrument, command.cancel_order, command.restriction,
                           texts.cancel_client_id, texts.original_client_id});
    const auto detail = static_cast<uint16_t>(named.code);
    uint64_t cancelled = 0;
    if (named.code == Code::OK) {
        cancelled = state.orders[named.order].number;
        end_by_request(state, named.order, EndReason::REPLACED, texts.cancel_client_id);
    } else if (static_cast<wire::CancelReplaceMode>(command.mode) ==
               wire::CancelReplaceMode::STOP_ON_FAILURE) {
        return {Code::CANCEL_FAILED, 0, detail};
    }
    const Verdict placed = place(state, placement_of(command), texts);
    return {placed.code, placed.id, detail, static_cast<int64_t>(cancelled)};
}

uint64_t end_by_request(State& state, Index index, EndReason reason, std::string_view client_id) {
    if (!(state.orders[index].special & LISTED)) [[likely]] {
        cancel_order(state, index, reason, client_id);
        return 1;
    }
    return cancel_legs(state, index, reason, client_id);
}

void fire_timers(State& state) {
    while (!state.timers.empty() && state.timers.first_time() <= state.time) {
        const Index index = state.timers.first();
        expire(state, state.instrument_of(state.orders[index]), index, EndReason::TIME);
    }
}

}  // namespace flowex
