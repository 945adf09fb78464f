#include "lists.h"

#include <algorithm>

#include "admission.h"
#include "entering.h"
#include "lifecycle.h"
#include "names.h"
#include "orders.h"

namespace flowex {
namespace {

using wire::ListShape;

// A refusal and the leg, from 1 on, that it is about; 0 when it is about all.
struct Fault {
    Code code;
    uint16_t leg = 0;
};

// The legs of a command as orders that are wished for.
class Wishes {
  public:
    Wishes(const wire::OrderListPlace& command, const ListParts& parts) {
        for (size_t leg = 0; leg < parts.legs.size(); ++leg) {
            if (parts.legs[leg]) add(command, *parts.legs[leg], parts.leg_client_ids[leg]);
        }
    }
    Wishes(const Wishes&) = delete;
    Wishes& operator=(const Wishes&) = delete;

    std::span<Wish> all() { return {wishes_.data(), count_}; }

  private:
    void add(const wire::OrderListPlace& command, const wire::Leg& leg,
             std::string_view client_id) {
        wire::Conditions& conditions = conditions_[count_];
        conditions.strategy_type = leg.strategy_type;
        conditions.stop_price = leg.stop_price;
        conditions.display_quantity = leg.display_quantity;
        conditions.strategy_id = leg.strategy_id;
        conditions.trailing_delta = leg.trailing_delta;
        conditions = normal(conditions);
        wire::OrderPlace& order = orders_[count_];
        order.header = command.header;
        order.instrument = command.instrument;
        order.side = leg.side;
        order.order_type = leg.order_type;
        order.time_in_force = leg.time_in_force;
        order.self_trade = command.self_trade;
        order.price = leg.price;
        order.quantity = leg.quantity;
        wishes_[count_++] = {&order, is_plain(conditions) ? nullptr : &conditions, client_id, 0};
    }

    std::array<wire::Conditions, 3> conditions_ = {};
    std::array<wire::OrderPlace, 3> orders_ = {};
    std::array<Wish, 3> wishes_ = {};
    size_t count_ = 0;
};

// Whether two orders can be an OCO: one takes a profit, the other stops a loss.
bool is_pair(const wire::OrderPlace& above, const wire::OrderPlace& below) {
    const bool sells = above.side == static_cast<uint8_t>(Side::SELL);
    const wire::OrderPlace& profit = sells ? above : below;
    const wire::OrderPlace& stop = sells ? below : above;
    return above.side == below.side && above.quantity == below.quantity &&
           is_one_of(TAKE_PROFITS | types(OrderType::LIMIT_MAKER), profit.order_type) &&
           is_one_of(STOP_LOSSES, stop.order_type);
}

bool is_well_formed(const wire::OrderListPlace& command, const ListParts& parts,
                    std::span<const Wish> legs) {
    if (command.shape >= wire::LIST_SHAPE_COUNT) return false;
    const auto shape = static_cast<ListShape>(command.shape);
    const bool has_third = parts.legs[2] != nullptr;
    if (!parts.legs[0] || !parts.legs[1] || has_third != (shape == ListShape::OTOCO)) return false;
    if (shape == ListShape::OCO) return is_pair(*legs[0].order, *legs[1].order);
    if (!is_one_of(types(OrderType::LIMIT, OrderType::LIMIT_MAKER), legs[0].order->order_type)) {
        return false;
    }
    return shape == ListShape::OTO || is_pair(*legs[1].order, *legs[2].order);
}

// The account's list with that client id, or null.
const OrderList* find_list(const State& state, uint32_t account, std::string_view client_id) {
    for (auto known = state.lists.lower_bound({account, 0});
         known != state.lists.end() && known->first.first == account; ++known) {
        if (known->second.client_id() == client_id) return &known->second;
    }
    return nullptr;
}

// Why a leg is refused for itself or its client id; notes its hash.
Code leg_fault(const State& state, const Account& account, const Instrument& instrument,
               std::span<const Wish> earlier, Wish& leg) {
    const Code code = order_fault(state, account, instrument, leg);
    if (code != Code::OK || leg.client_id.empty()) return code;
    const auto same = [&](const Wish& other) { return other.client_id == leg.client_id; };
    if (std::ranges::any_of(earlier, same)) return Code::DUPLICATE_CLIENT_ID;
    leg.client_id_hash = text_hash(leg.client_id);
    const bool remember =
        leg.order->header.flags & static_cast<uint16_t>(wire::PlaceFlag::UNIQUE_RECENT);
    const bool known =
        known_client_id(state, account, leg.client_id, leg.client_id_hash, remember);
    return known ? Code::DUPLICATE_CLIENT_ID : Code::OK;
}

// Why the command is refused before any money or book is looked at.
Fault fault_of(State& state, const wire::OrderListPlace& command, const ListParts& parts,
               const Account& account, const Instrument& instrument, std::span<Wish> legs) {
    if (!is_well_formed(command, parts, legs)) return {Code::INVALID_ORDER};
    if (!is_client_id(parts.client_id)) return {Code::INVALID_CLIENT_ID};
    if (!parts.client_id.empty() && find_list(state, account.number, parts.client_id)) {
        return {Code::DUPLICATE_CLIENT_ID};
    }
    for (size_t leg = 0; leg < legs.size(); ++leg) {
        const Code code = leg_fault(state, account, instrument, legs.first(leg), legs[leg]);
        if (code != Code::OK) return {code, static_cast<uint16_t>(leg + 1)};
    }
    return {standing_fault(state, account, instrument, legs)};
}

OrderList& open_list(State& state, const wire::OrderListPlace& command, const ListParts& parts,
                     size_t legs) {
    const uint32_t account = command.header.account;
    const uint64_t number = ++state.last_list;
    OrderList& order_list = state.lists[{account, number}];
    order_list = {number,
                  account,
                  command.instrument,
                  static_cast<ListShape>(command.shape),
                  static_cast<uint8_t>(parts.client_id.size()),
                  {},
                  {}};
    std::ranges::copy(parts.client_id, order_list.text.text);
    for (size_t leg = 0; leg < legs; ++leg) order_list.legs[leg] = state.last_order + 1 + leg;
    tell_list(state, order_list, wire::ListStatus::EXECUTING);
    return order_list;
}

}  // namespace

Verdict place_list(State& state, const wire::OrderListPlace& command, const ListParts& parts) {
    const Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    Instrument* instrument = state.instrument(command.instrument);
    if (!instrument) return {Code::UNKNOWN_INSTRUMENT};
    Wishes wishes(command, parts);
    const std::span<Wish> legs = wishes.all();
    Fault fault = fault_of(state, command, parts, *account, *instrument, legs);
    if (fault.code != Code::OK) return {fault.code, 0, fault.leg};
    std::array<Index, 3> drafts;
    for (size_t leg = 0; leg < legs.size(); ++leg) {
        const Index index = drafts[leg] = draft(state, legs[leg], state.last_order + 1 + leg);
        state.conditions.reach(index);
        if (!legs[leg].conditions) state.conditions[index] = {};
        state.orders[index].special |= LISTED;
    }
    const bool is_oco = static_cast<ListShape>(command.shape) == ListShape::OCO;
    if (is_oco) {
        fault = {pair_fault(state, *instrument, drafts[0], drafts[1])};
    } else {
        fault = {entry_fault(state, *instrument, drafts[0]), 1};
    }
    if (fault.code != Code::OK) {
        for (size_t leg = legs.size(); leg-- > 0;) state.orders.give(drafts[leg]);
        return {fault.code, 0, fault.leg};
    }
    const uint64_t number = open_list(state, command, parts, legs.size()).number;
    const size_t working = is_oco ? legs.size() : 1;
    for (size_t leg = 0; leg < legs.size(); ++leg) {
        state.conditions[drafts[leg]].order_list = number;
        if (leg >= working) {
            state.orders[drafts[leg]].phase = Phase::PENDING;
            state.orders[drafts[leg]].special |= UNHELD;
        }
    }
    for (size_t leg = 0; leg < legs.size(); ++leg) {
        accept(state, drafts[leg], legs[leg].client_id);
    }
    for (size_t leg = 0; leg < working; ++leg) begin(state, *instrument, drafts[leg]);
    return {Code::OK, number};
}

Verdict cancel_list(State& state, const wire::OrderListCancel& command, const Texts& texts) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    if (!is_client_id(texts.client_id)) return {Code::INVALID_CLIENT_ID};
    const std::string_view wanted = texts.original_client_id;
    const auto numbered = state.lists.find({account, command.order_list});
    const OrderList* found = numbered == state.lists.end() ? nullptr : &numbered->second;
    if (!command.order_list && !wanted.empty()) found = find_list(state, account, wanted);
    if (!found || (command.instrument && command.instrument != found->instrument)) {
        return {Code::UNKNOWN_ORDER_LIST};
    }
    if (!wanted.empty() && wanted != found->client_id()) return {Code::CLIENT_ID_MISMATCH};
    const uint64_t number = found->number;
    const Legs legs = open_legs(state, *found);
    const uint64_t count =
        end_by_request(state, *legs.begin(), EndReason::REQUESTED, texts.client_id);
    return {Code::OK, number, 0, static_cast<int64_t>(count)};
}

}  // namespace flowex
