#include "amending.h"

#include <algorithm>

#include "accounts.h"
#include "admission.h"
#include "entering.h"
#include "lifecycle.h"
#include "names.h"
#include "orders.h"

namespace flowex {
namespace {

bool has_flag(const wire::OrderAmend& command, wire::AmendFlag flag) {
    return command.header.flags & static_cast<uint16_t>(flag);
}

Code command_fault(State& state, const Instrument& instrument, Index index,
                   const wire::OrderAmend& command, std::string_view client_id) {
    if (command.quantity <= 0) return Code::INVALID_ORDER;
    if (command.quantity % instrument.filters.quantity_lot) return Code::QUANTITY_OFF_LOT;
    const Order& order = state.orders[index];
    const uint32_t most = instrument.further ? instrument.further->amends_max : 0;
    if (most && order.amends >= most) return Code::ORDER_AMENDS;
    const bool renames = has_flag(command, wire::AmendFlag::RENAME) && !client_id.empty();
    if (renames && client_id != state.client_id(index) &&
        known_client_id(state, state.account_of(order), client_id, text_hash(client_id),
                        order.remember)) {
        return Code::DUPLICATE_CLIENT_ID;
    }
    return Code::OK;
}

Code amend_fault(const State& state, const Instrument& instrument, Index index,
                 int64_t quantity) {
    const Order& order = state.orders[index];
    const Filters& filters = instrument.filters;
    if (quantity >= order.quantity) return Code::AMEND_NOT_LOWER;
    if (quantity <= order.quantity - state.remaining(index)) return Code::AMEND_BELOW_FILLED;
    if (quantity < filters.quantity_min) return Code::QUANTITY_OUT_OF_RANGE;
    if (!order.is_market() && order.price * quantity < filters.notional_min) {
        return Code::NOTIONAL_OUT_OF_RANGE;
    }
    return Code::OK;
}

// Take a quantity from what an order hides first, then from what it offers; return the latter.
int64_t take_off(State& state, Index index, int64_t lowered) {
    Order& order = state.orders[index];
    const int64_t from_hidden = std::min(state.hidden(index), lowered);
    if (from_hidden) state.conditions[index].hidden -= from_hidden;
    order.remaining -= lowered - from_hidden;
    return lowered - from_hidden;
}

void amend_order(State& state, Instrument& instrument, Index index, int64_t quantity,
                 std::string_view client_id, bool renamed) {
    Order& order = state.orders[index];
    const int64_t before = order.quantity, lowered = before - quantity;
    hold_back(state, instrument, index, lowered);
    const int64_t from_offer = take_off(state, index, lowered);
    order.quantity = quantity;
    ++order.amends;
    auto& event = state.tell<wire::OrderAmended>(order.account);
    event.instrument = order.instrument;
    event.order = order.number;
    event.quantity = quantity;
    event.quantity_before = before;
    event.remaining = state.remaining(index);
    event.renamed = renamed;
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, client_id);
    if (order.phase != Phase::WORKING || !from_offer) return;
    Level& level = state.levels[order.level];
    level.quantity -= from_offer;
    tell_level(state, instrument, order.side, level);
}

Code replace_fault(const State& state, const Instrument& instrument, Index index, int64_t price,
                   int64_t quantity) {
    const Order& order = state.orders[index];
    if (order.phase != Phase::WORKING || (order.special & LISTED)) return Code::ORDER_NOT_WORKING;
    if (price < 0 || quantity < 0) return Code::INVALID_ORDER;
    wire::OrderPlace wanted = {};
    wanted.side = order.side;
    wanted.order_type = order.order_type;
    wanted.price = price;
    wanted.quantity = quantity;
    const bool conditioned = order.special & CONDITIONED;
    const Code code = filter_fault(instrument, wanted,
                                   conditioned ? &state.conditions[index].given : nullptr);
    if (code != Code::OK) return code;
    const int64_t remaining = state.remaining(index), gone = order.quantity - remaining;
    if (quantity <= gone) return Code::AMEND_BELOW_FILLED;
    // What it has traded and still could must fit the bound of one order: money can come back and
    // be traded by the same order again.
    if (order.quote_filled + static_cast<Wide>(price) * (quantity - gone) > wire::SUPPLY_MAX) {
        return Code::NOTIONAL_OUT_OF_RANGE;
    }
    if (would_take(state, instrument, order, price)) return Code::WOULD_TAKE;
    const int64_t held = hold_atoms(instrument, order.side, order.price, remaining);
    const int64_t need = hold_atoms(instrument, order.side, price, quantity - gone);
    const bool enough = static_cast<Wide>(free_atoms(state, order.pays_from)) + held >= need;
    return enough ? Code::OK : Code::INSUFFICIENT_FUNDS;
}

void replace_order(State& state, Instrument& instrument, Index index, int64_t price,
                   int64_t quantity) {
    Order& order = state.orders[index];
    const Level* level = lift(state, instrument, index);
    order.remaining += quantity - order.quantity;
    order.price = price;
    order.quantity = quantity;
    auto& event = state.tell<wire::OrderReplaced>(order.account);
    event.instrument = order.instrument;
    event.order = order.number;
    event.price = price;
    event.quantity = quantity;
    event.remaining = order.remaining;
    tell_level(state, instrument, order.side, *level);
    enter(state, instrument, index);
}

}  // namespace

Verdict amend(State& state, const wire::OrderAmend& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (!is_client_id(texts.client_id)) return {Code::INVALID_CLIENT_ID};
    const Named named = named_order(state, account, command.instrument, command.order,
                                    texts.original_client_id);
    if (named.code != Code::OK) return {named.code};
    const Index index = named.order;
    const Order& order = state.orders[index];
    const uint64_t number = order.number;
    Instrument& instrument = state.instrument_of(order);
    Code code = condition_fault(state, state.account_of(order), instrument);
    if (code == Code::OK) code = command_fault(state, instrument, index, command, texts.client_id);
    if (code != Code::OK) return {code};
    int64_t quantity = command.quantity;
    if (has_flag(command, wire::AmendFlag::REDUCE_BY)) {
        if (command.quantity >= state.remaining(index)) {
            end_by_request(state, index, EndReason::REDUCED, texts.client_id);
            return {Code::OK, number};
        }
        quantity = order.quantity - command.quantity;
    } else {
        code = amend_fault(state, instrument, index, quantity);
        if (code != Code::OK) return {code};
    }
    const Index twin = twin_of(state, index);
    if (twin != NONE) amend_order(state, instrument, twin, quantity, {}, false);
    const bool renames = has_flag(command, wire::AmendFlag::RENAME);
    if (renames) rename(state, index, texts.client_id);
    amend_order(state, instrument, index, quantity, texts.client_id, renames);
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
    if (code == Code::OK) code = replace_fault(state, instrument, named.order, price, quantity);
    if (code != Code::OK) return {code};
    replace_order(state, instrument, named.order, price, quantity);
    return {Code::OK, number};
}

}  // namespace flowex
