#include "lifecycle.h"

#include <algorithm>

#include "accounts.h"

namespace flowex {
namespace {

uint64_t client_id_key(uint32_t account, uint64_t hash) { return mixed(hash ^ account); }

void join_account(State& state, Account& account, Index index) {
    Order& order = state.orders[index];
    order.account_next = NONE;
    order.account_previous = account.last_order;
    (account.last_order == NONE ? account.first_order
                                : state.orders[account.last_order].account_next) = index;
    account.last_order = index;
    ++account.open_orders;
}

void leave_account(State& state, Account& account, const Order& order) {
    const Index next = order.account_next, previous = order.account_previous;
    (previous == NONE ? account.first_order : state.orders[previous].account_next) = next;
    (next == NONE ? account.last_order : state.orders[next].account_previous) = previous;
    --account.open_orders;
}

void remember(Account& account, const Order& order) {
    if (account.recent.size() == wire::RECENT_MAX) account.recent.erase(account.recent.begin());
    account.recent.push_back({order.client_id_hash, order.number});
}

// Count an order that is more than price and quantity, as it comes (1) or goes (-1).
FLOWEX_RARE void count_special(State& state, Index index, int one) {
    const Order& order = state.orders[index];
    if (!(order.special & CONDITIONED)) return;
    state.conditioned_orders += one;
    if (state.conditions[index].given.trailing_delta) state.trailing_orders += one;
}

// The hold of an order that may be unheld, without a price, or without a balance to hold of.
FLOWEX_RARE void shift_special(State& state, const Instrument& instrument, Index index,
                               int64_t quantity, int sign) {
    const Wide atoms = worst_atoms(state, instrument, index, quantity);
    FLOWEX_ASSERT(atoms <= wire::SUPPLY_MAX, "an order holds more than there can be");
    if (atoms == 0) return;
    Order& order = state.orders[index];
    if (order.pays_from == NONE) {
        order.pays_from = find_balance(state, order.account, hold_asset(instrument, order.side));
    }
    const int64_t change = static_cast<int64_t>(atoms) * sign;
    move(state, order.pays_from, -change, change);
}

[[gnu::always_inline]] inline void hold(State& state, const Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    if (order.special) [[unlikely]] {
        return shift_special(state, instrument, index, state.remaining(index), 1);
    }
    const int64_t atoms = hold_atoms(instrument, order.side, order.price, order.remaining);
    move(state, order.pays_from, -atoms, atoms);
}

// Show a part of an iceberg that is about to stand in the book, or all of it again.
FLOWEX_RARE void hide(State& state, Index index) {
    Order& order = state.orders[index];
    Conditions& conditions = state.conditions[index];
    const int64_t shown = std::min(conditions.given.display_quantity, order.remaining);
    conditions.hidden = order.remaining - shown;
    order.remaining = shown;
}
FLOWEX_RARE void reveal(State& state, Index index) {
    state.orders[index].remaining += state.conditions[index].hidden;
    state.conditions[index].hidden = 0;
}

// Take an order from where it waits.
FLOWEX_RARE void leave_queue(State& state, Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    if (order.waits()) {
        instrument.triggers.remove(order, state.conditions[index]);
    } else if (order.is_queued()) {
        dequeue(state, index);
    }
}

// Queue an order that waited for the market; if it is a leg of an OCO, the other expires.
void call(State& state, Instrument& instrument, Index index, wire::TriggerCause cause) {
    Order& order = state.orders[index];
    instrument.triggers.remove(order, state.conditions[index]);
    order.phase = Phase::TRIGGERED;
    enqueue(state, instrument, index);
    tell_triggered(state, order, cause, instrument.last_price);
    if (order.special & LISTED) claim(state, instrument, index);
}

// Call an order whose stop price is reached, or let it begin to trail.
void reach(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    Conditions& conditions = state.conditions[index];
    if (!conditions.given.trailing_delta) {
        return call(state, instrument, index, wire::TriggerCause::STOP);
    }
    instrument.triggers.remove(order, conditions);
    order.phase = Phase::TRACKING;
    instrument.triggers.track(order, conditions, index, instrument.last_price);
    tell_triggered(state, order, wire::TriggerCause::TRACKING, instrument.last_price);
}

}  // namespace

Wide worst_atoms(const State& state, const Instrument& instrument, Index index, int64_t quantity) {
    const Order& order = state.orders[index];
    if (order.special & UNHELD) return 0;
    if (order.side == static_cast<uint8_t>(Side::SELL)) {
        return static_cast<Wide>(quantity) * instrument.base_scale;
    }
    const bool priced = order.price || !order.special;
    return static_cast<Wide>(priced ? order.price : state.conditions[index].hold_price) * quantity;
}

Index find_order(const State& state, uint64_t number) {
    return state.order_table.find(
        mixed(number), [&](Index index) { return state.orders[index].number == number; });
}

Index find_client_id(const State& state, uint32_t account, std::string_view text, uint64_t hash) {
    return state.client_id_table.find(client_id_key(account, hash), [&](Index index) {
        return state.orders[index].account == account && state.client_id(index) == text;
    });
}

void enlist(State& state, Index index) {
    const Order& order = state.orders[index];
    state.order_table.add(mixed(order.number), index);
    join_account(state, state.account_of(order), index);
    if (order.client_id_length) {
        state.client_id_table.add(client_id_key(order.account, order.client_id_hash), index);
    }
    if (order.special) [[unlikely]] count_special(state, index, 1);
}

void rename(State& state, Index index, std::string_view client_id) {
    Order& order = state.orders[index];
    if (order.client_id_length) {
        state.client_id_table.remove(client_id_key(order.account, order.client_id_hash), index);
    }
    order.client_id_length = static_cast<uint8_t>(client_id.size());
    if (client_id.empty()) return;
    order.client_id_hash = text_hash(client_id);
    state.client_ids.reach(index);
    std::ranges::copy(client_id, state.client_ids[index].text);
    state.client_id_table.add(client_id_key(order.account, order.client_id_hash), index);
}

void hold_back(State& state, const Instrument& instrument, Index index, int64_t quantity) {
    const Order& order = state.orders[index];
    if (order.special) [[unlikely]] {
        return shift_special(state, instrument, index, quantity, -1);
    }
    const int64_t atoms = hold_atoms(instrument, order.side, order.price, quantity);
    move(state, order.pays_from, atoms, -atoms);
}

void rest(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    hold(state, instrument, index);
    if (order.expire_time && !order.priority) state.timers.add(state.orders, index);
    order.priority = state.sequence;
    if (order.special & ICEBERG) [[unlikely]] hide(state, index);
    const Level& level = instrument.book.side(order.side).add(state.orders, state.levels, index);
    tell_level(state, instrument, order.side, level);
}

void wait(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    const Conditions& conditions = state.conditions[index];
    if (conditions.given.stop_price) {
        order.phase = Phase::WAITING;
        instrument.triggers.wait(order, conditions, index);
    } else {
        order.phase = Phase::TRACKING;
        instrument.triggers.track(order, conditions, index, instrument.last_price);
    }
    hold(state, instrument, index);
}

void refresh(State& state, Index index) {
    Order& order = state.orders[index];
    order.remaining = state.conditions[index].hidden;
    hide(state, index);
    order.priority = state.sequence;
    state.levels[order.level].quantity += order.remaining;
    BookSide::move_back(state.orders, state.levels, index);
}

const Level* lift(State& state, Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    hold_back(state, instrument, index, state.remaining(index));
    if (order.phase == Phase::WORKING) [[likely]] {
        Level& level = instrument.book.side(order.side).remove(state.orders, state.levels, index);
        if (order.special & ICEBERG) [[unlikely]] reveal(state, index);
        return &level;
    }
    leave_queue(state, instrument, index);
    return nullptr;
}

void expire(State& state, Instrument& instrument, Index index, EndReason reason) {
    const Order& order = state.orders[index];
    const Level* level = drop(state, instrument, index, reason);
    if (level) tell_level(state, instrument, order.side, *level);
    if (order.special & LISTED) [[unlikely]] {
        settle_list(state, order, state.conditions[index].order_list);
    }
}

const Level* drop(State& state, Instrument& instrument, Index index, EndReason reason) {
    const Level* level = lift(state, instrument, index);
    tell_expired(state, index, reason);
    forget(state, index);
    return level;
}

void forget(State& state, Index index) {
    const Order& order = state.orders[index];
    Account& account = state.account_of(order);
    state.order_table.remove(mixed(order.number), index);
    leave_account(state, account, order);
    if (order.timer != NONE) state.timers.remove(state.orders, index);
    if (order.client_id_length) {
        state.client_id_table.remove(client_id_key(order.account, order.client_id_hash), index);
        if (order.remember) remember(account, order);
    }
    if (order.special) [[unlikely]] count_special(state, index, -1);
    state.orders.give(index);
}

void finish(State& state, Index index) {
    forget(state, index);
    const Order& order = state.orders[index];
    if (order.special & LISTED) [[unlikely]] {
        settle_list(state, order, state.conditions[index].order_list);
    }
}

void price_moved(State& state, Instrument& instrument, int64_t price) {
    if (price == instrument.last_price) return;
    instrument.last_price = price;
    // One that was called may end another, its twin, before that one's turn.
    for (const uint64_t number : instrument.triggers.reached(price)) {
        const Index index = find_order(state, number);
        if (index != NONE) reach(state, instrument, index);
    }
    for (const uint64_t number : instrument.triggers.returned(price)) {
        const Index index = find_order(state, number);
        if (index != NONE) call(state, instrument, index, wire::TriggerCause::TRAILING);
    }
}

void enqueue(State& state, const Instrument& instrument, Index index) {
    Entries& entries = state.entries;
    const bool trades = instrument.state == static_cast<uint8_t>(wire::InstrumentState::TRADING);
    auto& queue = trades ? entries.ready : entries.stuck;
    const uint64_t turn = state.conditions[index].turn = ++entries.last_turn;
    queue.emplace_hint(queue.end(), turn, index);
}

void dequeue(State& state, Index index) {
    const uint64_t turn = state.conditions[index].turn;
    const size_t removed = state.entries.ready.erase(turn) + state.entries.stuck.erase(turn);
    FLOWEX_ASSERT(removed == 1, "an order that is next to enter is not in the queue");
}

OrderList& list_of(State& state, Index index) {
    const auto found =
        state.lists.find({state.orders[index].account, state.conditions[index].order_list});
    FLOWEX_ASSERT(found != state.lists.end(), "a leg of no list");
    return found->second;
}

Legs::Legs(const State& state, const OrderList& order_list, size_t first, size_t end) {
    for (size_t leg = first; leg < end; ++leg) {
        if (!order_list.legs[leg]) continue;
        const Index index = find_order(state, order_list.legs[leg]);
        if (index != NONE) legs_[count_++] = index;
    }
}

Index twin_of(State& state, Index index) {
    if (!(state.orders[index].special & LISTED)) return NONE;
    const OrderList& found = list_of(state, index);
    if (found.shape == wire::ListShape::OTO) return NONE;
    const size_t first = found.shape == wire::ListShape::OCO ? 0 : 1;
    const Legs pair(state, found, first, first + 2);
    if (std::ranges::find(pair, index) == pair.end()) return NONE;
    const auto twin = std::ranges::find_if(pair, [&](Index leg) { return leg != index; });
    return twin == pair.end() ? NONE : *twin;
}

void claim(State& state, Instrument& instrument, Index index) {
    const Index twin = twin_of(state, index);
    if (twin == NONE) return;
    Order& order = state.orders[index];
    hold_back(state, instrument, index, state.remaining(index));
    order.special |= UNHELD;
    const Level* level = drop(state, instrument, twin, EndReason::LIST);
    if (level) tell_level(state, instrument, state.orders[twin].side, *level);
    order.special &= static_cast<uint8_t>(~UNHELD);
    hold(state, instrument, index);
}

void settle_list(State& state, const Order& order, uint64_t number) {
    const auto found = state.lists.find({order.account, number});
    if (found == state.lists.end()) return;
    Instrument& instrument = state.instrument_of(order);
    const Legs legs = open_legs(state, found->second);
    if (legs.empty()) {
        // Nothing depends on it any more.
    } else if (order.filled == order.quantity) {
        // A working order that is completely filled releases the pending ones; an OCO as one.
        Order& first = state.orders[*legs.begin()];
        if (first.phase == Phase::PENDING) {
            first.phase = Phase::RELEASED;
            enqueue(state, instrument, *legs.begin());
        }
    } else {
        for (const Index leg : legs) {
            const Level* level = drop(state, instrument, leg, EndReason::LIST);
            if (level) tell_level(state, instrument, state.orders[leg].side, *level);
        }
    }
    close_list(state, order.account, number);
}

void close_list(State& state, uint32_t account, uint64_t number) {
    const auto found = state.lists.find({account, number});
    if (found == state.lists.end() || !open_legs(state, found->second).empty()) return;
    tell_list(state, found->second, wire::ListStatus::ALL_DONE);
    state.lists.erase(found);
}

void tell_expired(State& state, Index index, EndReason reason) {
    const Order& order = state.orders[index];
    auto& event = state.tell<wire::OrderExpired>(order.account);
    event.instrument = order.instrument;
    event.reason = static_cast<uint8_t>(reason);
    event.order = order.number;
    event.remaining = state.remaining(index);
}

void tell_triggered(State& state, const Order& order, wire::TriggerCause cause, int64_t price) {
    auto& event = state.tell<wire::OrderTriggered>(order.account);
    event.instrument = order.instrument;
    event.cause = static_cast<uint8_t>(cause);
    event.order = order.number;
    event.price = price;
}

void tell_list(State& state, const OrderList& order_list, wire::ListStatus status) {
    auto& event = state.tell<wire::OrderListChanged>(order_list.account);
    event.instrument = order_list.instrument;
    event.shape = static_cast<uint8_t>(order_list.shape);
    event.status = static_cast<uint8_t>(status);
    event.order_list = order_list.number;
    event.first = order_list.legs[0];
    event.second = order_list.legs[1];
    event.third = order_list.legs[2];
    state.stream.add_text(event.header, event.TAG_CLIENT_ID, order_list.client_id());
}

void tell_level(State& state, Instrument& instrument, uint8_t side, const Level& level) {
    auto& event = state.tell<wire::LevelChanged>();
    event.instrument = instrument.number;
    event.side = side;
    event.update = ++instrument.last_update;
    event.price = level.price;
    event.quantity = level.quantity;
    event.orders = level.orders;
}

}  // namespace flowex
