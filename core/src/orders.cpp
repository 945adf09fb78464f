#include "orders.h"

#include "accounts.h"
#include "admission.h"
#include "lifecycle.h"
#include "matching.h"
#include "names.h"

namespace flowex {
namespace {

using wire::OrderType;

bool would_take(const State& state, const Instrument& instrument, const Order& order,
                int64_t price) {
    if (order.order_type != static_cast<uint8_t>(OrderType::LIMIT_MAKER)) return false;
    const BookSide& opposite = instrument.book.opposite(order.side);
    const Index best = opposite.best();
    return best != NONE && opposite.key(state.levels[best].price) >= opposite.key(price);
}

// Compare the worst case of an order with what its account has free.
Code funds_fault(State& state, const Instrument& instrument, const Order& order) {
    const bool is_market = order.order_type == static_cast<uint8_t>(OrderType::MARKET);
    const bool buys = order.side == static_cast<uint8_t>(Side::BUY);
    Wide need;
    if (is_market && (order.budget || buys)) {
        const Walk promise = walk(state, instrument, order);
        if (!promise.quantity && promise.reason == EndReason::QUOTE_SPENT) {
            return Code::QUOTE_AMOUNT_TOO_SMALL;
        }
        need = !buys          ? static_cast<Wide>(promise.quantity) * instrument.base_scale
               : order.budget ? Wide{order.budget}
                              : promise.quote;
    } else {
        need = hold_atoms(instrument, order.side, order.price, order.quantity);
    }
    const bool enough = free_atoms(state, order.pays_from) >= need;
    return enough ? Code::OK : Code::INSUFFICIENT_FUNDS;
}

// Write an order down that is admitted but not yet accepted.
void draft(State& state, Index index, const wire::OrderPlace& command, const Admission& admission,
           std::string_view client_id) {
    const uint32_t account = command.header.account;
    const uint32_t asset = hold_asset(*admission.instrument, command.side);
    Order& order = state.orders[index];
    order.number = state.last_order + 1;
    order.price = command.price;
    order.remaining = command.quantity;
    order.account = account;
    order.instrument = command.instrument;
    order.pays_from = find_balance(state, account, asset);
    order.side = command.side;
    order.order_type = command.order_type;
    order.time_in_force = command.time_in_force;
    order.self_trade = command.self_trade;
    order.client_id_length = static_cast<uint8_t>(client_id.size());
    order.remember =
        command.header.flags & static_cast<uint16_t>(wire::PlaceFlag::UNIQUE_RECENT);
    order.quantity = command.quantity;
    order.filled = 0;
    order.quote_filled = 0;
    order.budget = command.quote_amount;
    order.expire_time = command.expire_time;
    order.priority = 0;
    order.client_id_hash = admission.client_id_hash;
    order.timer = NONE;
}

void accept(State& state, Index index, std::string_view client_id) {
    const Order& order = state.orders[index];
    if (!client_id.empty()) {
        state.client_ids.reach(index);
        std::memcpy(state.client_ids[index].text, client_id.data(), client_id.size());
    }
    state.last_order = order.number;
    enlist(state, index);
    auto& event = state.tell<wire::OrderAccepted>(order.account);
    event.instrument = order.instrument;
    event.side = order.side;
    event.order_type = order.order_type;
    event.time_in_force = order.time_in_force;
    event.self_trade = order.self_trade;
    event.order = order.number;
    event.price = order.price;
    event.quantity = order.quantity;
    event.quote_amount = order.budget;
    event.expire_time = order.expire_time;
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
}

bool is_fillable(State& state, const Instrument& instrument, const Order& order) {
    return walk(state, instrument, order).quantity == order.quantity;
}

// Match an order, then rest or end what remains.
void enter(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    const bool is_fok = order.time_in_force == static_cast<uint8_t>(wire::TimeInForce::FOK);
    Reason reason = is_fok && !is_fillable(state, instrument, order)
                        ? EndReason::NOT_FILLABLE
                        : match(state, instrument, order);
    if (!reason && !order.quantity) {
        reason = order.budget ? EndReason::NO_LIQUIDITY : EndReason::QUOTE_SPENT;
    }
    if (!reason && order.remaining) {
        if (may_rest(order.time_in_force)) return rest(state, instrument, index);
        reason = EndReason::NO_LIQUIDITY;
    }
    if (reason) tell_expired(state, order, *reason);
    finish(state, index);
}

void cancel_order(State& state, Index index, EndReason reason, std::string_view client_id) {
    const Order& order = state.orders[index];
    Instrument& instrument = state.instrument_of(order);
    const Level& level = lift(state, instrument, index);
    auto& event = state.tell<wire::OrderCanceled>(order.account);
    event.instrument = order.instrument;
    event.reason = static_cast<uint8_t>(reason);
    event.order = order.number;
    event.remaining = order.remaining;
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
    tell_level(state, instrument, order.side, level);
    finish(state, index);
}

Code amend_fault(const Instrument& instrument, const Order& order, int64_t quantity) {
    const Filters& filters = instrument.filters;
    if (quantity >= order.quantity) return Code::AMEND_NOT_LOWER;
    if (quantity <= order.quantity - order.remaining) return Code::AMEND_BELOW_FILLED;
    if (quantity < filters.quantity_min) return Code::QUANTITY_OUT_OF_RANGE;
    if (order.price * quantity < filters.notional_min) return Code::NOTIONAL_OUT_OF_RANGE;
    return Code::OK;
}

void amend_order(State& state, Instrument& instrument, Index index, int64_t quantity,
                 std::string_view client_id) {
    Order& order = state.orders[index];
    const int64_t before = order.quantity, lowered = before - quantity;
    hold_back(state, instrument, order, lowered);
    Level& level = state.levels[order.level];
    level.quantity -= lowered;
    order.quantity = quantity;
    order.remaining -= lowered;
    auto& event = state.tell<wire::OrderAmended>(order.account);
    event.instrument = order.instrument;
    event.order = order.number;
    event.quantity = quantity;
    event.quantity_before = before;
    event.remaining = order.remaining;
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
    tell_level(state, instrument, order.side, level);
}

Code replace_fault(const State& state, const Instrument& instrument, const Order& order,
                   int64_t price, int64_t quantity) {
    if (price < 0 || quantity < 0) return Code::INVALID_ORDER;
    const Code code = filter_fault(instrument, order.order_type, price, quantity, 0);
    if (code != Code::OK) return code;
    const int64_t gone = order.quantity - order.remaining;
    if (quantity <= gone) return Code::AMEND_BELOW_FILLED;
    // What it has traded and still could must fit the bound of one order: money can come back and
    // be traded by the same order again.
    if (order.quote_filled + static_cast<Wide>(price) * (quantity - gone) > wire::SUPPLY_MAX) {
        return Code::NOTIONAL_OUT_OF_RANGE;
    }
    if (would_take(state, instrument, order, price)) return Code::WOULD_TAKE;
    const int64_t held = hold_atoms(instrument, order.side, order.price, order.remaining);
    const int64_t need = hold_atoms(instrument, order.side, price, quantity - gone);
    const bool enough = static_cast<Wide>(free_atoms(state, order.pays_from)) + held >= need;
    return enough ? Code::OK : Code::INSUFFICIENT_FUNDS;
}

void replace_order(State& state, Instrument& instrument, Index index, int64_t price,
                   int64_t quantity) {
    Order& order = state.orders[index];
    const Level& level = lift(state, instrument, index);
    order.remaining += quantity - order.quantity;
    order.price = price;
    order.quantity = quantity;
    auto& event = state.tell<wire::OrderReplaced>(order.account);
    event.instrument = order.instrument;
    event.order = order.number;
    event.price = price;
    event.quantity = quantity;
    event.remaining = order.remaining;
    tell_level(state, instrument, order.side, level);
    enter(state, instrument, index);
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

}  // namespace

Verdict place(State& state, const wire::OrderPlace& command, const Texts& texts) {
    const Admission admission = admit(state, command, texts.client_id);
    if (admission.code != Code::OK) return {admission.code, admission.known};
    Instrument& instrument = *admission.instrument;
    const Index index = state.orders.take();
    draft(state, index, command, admission, texts.client_id);
    const Order& order = state.orders[index];
    const Code code = would_take(state, instrument, order, order.price)
                          ? Code::WOULD_TAKE
                          : funds_fault(state, instrument, order);
    if (code != Code::OK) {
        state.orders.give(index);
        return {code};
    }
    accept(state, index, texts.client_id);
    enter(state, instrument, index);
    return {Code::OK, state.last_order};
}

Verdict cancel(State& state, const wire::OrderCancel& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (!is_client_id(texts.client_id)) return {Code::INVALID_CLIENT_ID};
    const Named named = named_order(state, account, command.instrument, command.order,
                                    texts.original_client_id);
    if (named.code != Code::OK) return {named.code};
    const uint64_t number = state.orders[named.order].number;
    cancel_order(state, named.order, EndReason::REQUESTED, texts.client_id);
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
        const Index next = order.account_next;
        const bool meant = (!command.instrument || command.instrument == order.instrument) &&
                           (command.sides >> order.side & 1);
        if (meant && cancelled == bound) {
            more = true;
        } else if (meant) {
            cancel_order(state, index, EndReason::CANCEL_ALL, {});
            ++cancelled;
        }
        index = next;
    }
    if (!cancelled) return {Code::NOTHING_TO_CANCEL};
    return {Code::OK, 0, more, static_cast<int64_t>(cancelled)};
}

Verdict amend(State& state, const wire::OrderAmend& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (!is_client_id(texts.client_id)) return {Code::INVALID_CLIENT_ID};
    const Named named = named_order(state, account, command.instrument, command.order,
                                    texts.original_client_id);
    if (named.code != Code::OK) return {named.code};
    const Order& order = state.orders[named.order];
    const uint64_t number = order.number;
    Instrument& instrument = state.instrument_of(order);
    Code code = condition_fault(state, state.account_of(order), instrument);
    if (code != Code::OK) return {code};
    if (command.quantity <= 0) return {Code::INVALID_ORDER};
    if (command.quantity % instrument.filters.quantity_lot) return {Code::QUANTITY_OFF_LOT};
    int64_t quantity = command.quantity;
    if (command.header.flags & static_cast<uint16_t>(wire::AmendFlag::REDUCE_BY)) {
        if (command.quantity >= order.remaining) {
            cancel_order(state, named.order, EndReason::REDUCED, texts.client_id);
            return {Code::OK, number};
        }
        quantity = order.quantity - command.quantity;
    } else {
        code = amend_fault(instrument, order, quantity);
        if (code != Code::OK) return {code};
    }
    amend_order(state, instrument, named.order, quantity, texts.client_id);
    return {Code::OK, number};
}

Verdict replace(State& state, const wire::OrderReplace& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    const Named named = named_order(state, account, command.instrument, command.order,
                                    texts.original_client_id);
    if (named.code != Code::OK) return {named.code};
    const Order& order = state.orders[named.order];
    const uint64_t number = order.number;
    Instrument& instrument = state.instrument_of(order);
    const int64_t price = command.price ? command.price : order.price;
    const int64_t quantity = command.quantity ? command.quantity : order.quantity;
    Code code = condition_fault(state, state.account_of(order), instrument);
    if (code == Code::OK) code = replace_fault(state, instrument, order, price, quantity);
    if (code != Code::OK) return {code};
    replace_order(state, instrument, named.order, price, quantity);
    return {Code::OK, number};
}

Verdict cancel_replace(State& state, const wire::OrderCancelReplace& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (command.mode >= wire::CANCEL_REPLACE_MODE_COUNT) return {Code::INVALID_ORDER};
    Named named = {Code::INVALID_CLIENT_ID};
    if (is_client_id(texts.cancel_client_id)) {
        named = named_order(state, account, command.instrument, command.cancel_order,
                            texts.original_client_id);
    }
    const auto detail = static_cast<uint16_t>(named.code);
    uint64_t cancelled = 0;
    if (named.code == Code::OK) {
        cancelled = state.orders[named.order].number;
        cancel_order(state, named.order, EndReason::REPLACED, texts.cancel_client_id);
    } else if (static_cast<wire::CancelReplaceMode>(command.mode) ==
               wire::CancelReplaceMode::STOP_ON_FAILURE) {
        return {Code::CANCEL_FAILED, 0, detail};
    }
    const Verdict placed = place(state, placement_of(command), texts);
    return {placed.code, placed.id, detail, static_cast<int64_t>(cancelled)};
}

void fire_timers(State& state) {
    while (!state.timers.empty() && state.timers.first_time() <= state.time) {
        const Index index = state.timers.first();
        const Order& order = state.orders[index];
        Instrument& instrument = state.instrument_of(order);
        const uint8_t side = order.side;
        const Level& level = state.levels[order.level];
        expire(state, instrument, index, EndReason::TIME);
        tell_level(state, instrument, side, level);
    }
}

}  // namespace flowex
