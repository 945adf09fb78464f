#include "lifecycle.h"

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

}  // namespace

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
}

void hold_back(State& state, const Instrument& instrument, const Order& order, int64_t quantity) {
    const int64_t atoms = hold_atoms(instrument, order.side, order.price, quantity);
    move(state, order.pays_from, atoms, -atoms);
}

void rest(State& state, Instrument& instrument, Index index) {
    Order& order = state.orders[index];
    const int64_t atoms = hold_atoms(instrument, order.side, order.price, order.remaining);
    move(state, order.pays_from, -atoms, atoms);
    if (order.expire_time && !order.priority) state.timers.add(state.orders, index);
    order.priority = state.sequence;
    const Level& level = instrument.book.side(order.side).add(state.orders, state.levels, index);
    tell_level(state, instrument, order.side, level);
}

const Level& lift(State& state, Instrument& instrument, Index index) {
    const Order& order = state.orders[index];
    hold_back(state, instrument, order, order.remaining);
    return instrument.book.side(order.side).remove(state.orders, state.levels, index);
}

void expire(State& state, Instrument& instrument, Index index, EndReason reason) {
    lift(state, instrument, index);
    tell_expired(state, state.orders[index], reason);
    finish(state, index);
}

void finish(State& state, Index index) {
    const Order& order = state.orders[index];
    Account& account = state.account_of(order);
    state.order_table.remove(mixed(order.number), index);
    leave_account(state, account, order);
    if (order.timer != NONE) state.timers.remove(state.orders, index);
    if (order.client_id_length) {
        state.client_id_table.remove(client_id_key(order.account, order.client_id_hash), index);
        if (order.remember) remember(account, order);
    }
    state.orders.give(index);
}

void tell_expired(State& state, const Order& order, EndReason reason) {
    auto& event = state.tell<wire::OrderExpired>(order.account);
    event.instrument = order.instrument;
    event.reason = static_cast<uint8_t>(reason);
    event.order = order.number;
    event.remaining = order.remaining;
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
