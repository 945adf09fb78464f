#include "invariants.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "accounts.h"
#include "filters.h"
#include "lifecycle.h"

namespace flowex {
namespace {

using Key = std::tuple<uint32_t, uint32_t, uint8_t>;  // Account, asset, wallet.

// Nothing is negative, and what accounts have is what was issued, per asset.
void check_money(const State& state) {
    std::vector<Wide> total(state.assets.size());
    for (Index index = 0; index < state.balances.size(); ++index) {
        const Balance& balance = state.balances[index];
        FLOWEX_ASSERT(balance.free >= 0 && balance.held >= 0, "negative balance");
        FLOWEX_ASSERT(!balance.touched, "a balance is still touched");
        FLOWEX_ASSERT(state.asset(balance.asset), "balance of no asset");
        total[balance.asset - 1] += static_cast<Wide>(balance.free) + balance.held;
    }
    for (size_t index = 0; index < total.size(); ++index) {
        const int64_t issued = state.assets[index].issued;
        FLOWEX_ASSERT(0 <= issued && issued <= wire::SUPPLY_MAX, "issued out of range");
        FLOWEX_ASSERT(total[index] == issued, "money not conserved");
    }
}

// What an order may be where it is, and whether it is in order itself.
void check_order(const State& state, Index index, const Instrument& instrument) {
    const Order& order = state.orders[index];
    const bool is_gtd = order.time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTD);
    if (order.phase == Phase::WORKING) {
        FLOWEX_ASSERT(may_rest(order.time_in_force), "an order rests that must not");
        FLOWEX_ASSERT(!order.is_market(), "a market order rests");
        FLOWEX_ASSERT(is_gtd == (order.timer != NONE), "timer missing or left over");
    }
    FLOWEX_ASSERT(order.time_in_force < wire::TIME_IN_FORCE_COUNT, "no such time in force");
    FLOWEX_ASSERT(order.self_trade < wire::SELF_TRADE_COUNT, "no such self-trade mode");
    FLOWEX_ASSERT(is_gtd == (order.expire_time > 0), "expire time without GTD, or none with it");
    FLOWEX_ASSERT(!is_gtd || order.phase == Phase::WORKING, "a timer of an order that waits");
    FLOWEX_ASSERT((order.price > 0) != order.is_market() && order.remaining > 0, "nothing rests");
    FLOWEX_ASSERT(order.filled >= 0 && state.prevented(index) >= 0, "overfilled");
    FLOWEX_ASSERT(order.phase == Phase::WORKING || order.special, "a plain order waits");
    const bool in_list = order.special & LISTED;
    FLOWEX_ASSERT(in_list || !(order.special & UNHELD), "nobody holds for an order");
    FLOWEX_ASSERT(in_list || (order.phase != Phase::PENDING && order.phase != Phase::RELEASED),
                  "an order is pending without a list");
    const Wide base = static_cast<Wide>(order.quantity) * instrument.base_scale;
    const Wide notional = static_cast<Wide>(order.price) * state.remaining(index);
    FLOWEX_ASSERT(base <= wire::SUPPLY_MAX && notional <= wire::SUPPLY_MAX, "order too large");
}

// A waiting order was not called yet, and an iceberg shows what it may.
void check_conditions(const State& state, Index index, const Instrument& instrument) {
    const Order& order = state.orders[index];
    if (!order.special) {
        FLOWEX_ASSERT(!order.is_algo(), "an order has lost what it waits for");
        return;
    }
    const Conditions& conditions = state.conditions[index];
    const wire::Conditions& given = conditions.given;
    FLOWEX_ASSERT((given.stop_price || given.trailing_delta) == order.is_algo(),
                  "an order waits for no price");
    const bool rests_hidden = order.phase == Phase::WORKING && (order.special & ICEBERG);
    FLOWEX_ASSERT((given.display_quantity > 0) == ((order.special & ICEBERG) != 0),
                  "no iceberg shows a part");
    FLOWEX_ASSERT(rests_hidden ? order.remaining <= given.display_quantity &&
                                     conditions.hidden >= 0
                               : conditions.hidden == 0,
                  "an order shows too much");
    const Wide hold = static_cast<Wide>(conditions.hold_price) * state.remaining(index);
    FLOWEX_ASSERT(order.price || hold <= wire::SUPPLY_MAX, "order too large");
    const int64_t last = instrument.last_price;
    if (order.phase == Phase::WAITING) {
        FLOWEX_ASSERT(given.stop_price && !would_trigger(order, conditions, last),
                      "a waiting order should have been called");
    }
    if (order.phase != Phase::TRACKING) return;
    const int64_t extreme = instrument.triggers.extreme(order.number);
    const int64_t delta = given.trailing_delta;
    FLOWEX_ASSERT(delta, "an order trails by nothing");
    if (!extreme) return;
    const bool buys = order.side == static_cast<uint8_t>(Side::BUY);
    const Wide turn = static_cast<Wide>(extreme) * (wire::BIPS + (buys ? delta : -delta));
    const Wide now = static_cast<Wide>(last) * wire::BIPS;
    FLOWEX_ASSERT(buys ? now < turn : now > turn, "a trailing order should have been called");
}

void check_any(const State& state, Index index, std::map<Key, Wide>& needed) {
    const Order& order = state.orders[index];
    const Instrument& instrument = *state.instruments[order.instrument - 1];
    check_order(state, index, instrument);
    check_conditions(state, index, instrument);
    const Wide atoms = worst_atoms(state, instrument, index, state.remaining(index));
    if (atoms) needed[{order.account, hold_asset(instrument, order.side), SPOT}] += atoms;
}

// Walk a side of a book and count what its orders hold; returns how many orders there are.
size_t check_side(const State& state, const Instrument& instrument, uint8_t side_number,
                  std::map<Key, Wide>& needed) {
    const BookSide& side = instrument.book.side(side_number);
    int64_t better = INT64_MAX;
    size_t count = 0;
    side.best_first([&](Index level_index) {
        const Level& level = state.levels[level_index];
        FLOWEX_ASSERT(side.key(level.price) < better, "levels out of order");
        better = side.key(level.price);
        Wide quantity = 0;
        uint32_t orders = 0;
        uint64_t priority = 0;
        Index previous = NONE;
        for (Index index = level.first; index != NONE; index = state.orders[index].level_next) {
            const Order& order = state.orders[index];
            check_any(state, index, needed);
            FLOWEX_ASSERT(order.phase == Phase::WORKING &&
                              order.instrument == instrument.number && order.side == side_number &&
                              order.price == level.price && order.level == level_index &&
                              order.level_previous == previous,
                          "an order in the wrong place");
            FLOWEX_ASSERT(order.priority >= priority && order.priority, "time priority broken");
            priority = order.priority;
            previous = index;
            quantity += order.remaining;
            ++orders;
        }
        FLOWEX_ASSERT(orders && orders == level.orders && previous == level.last &&
                          quantity == level.quantity,
                      "a level's totals are wrong");
        count += orders;
        return true;
    });
    return count;
}

// Look at the orders outside the books; returns how many there are.
size_t check_outside(const State& state, std::map<Key, Wide>& needed) {
    size_t count = 0;
    for (const auto& instrument : state.instruments) {
        instrument->triggers.each([&](Index index) {
            FLOWEX_ASSERT(state.orders[index].waits() &&
                              state.orders[index].instrument == instrument->number,
                          "an order waits in the wrong place");
            check_any(state, index, needed);
        });
        count += instrument->triggers.size();
    }
    for (const auto& [key, order_list] : state.lists) {
        for (const Index leg : open_legs(state, order_list)) {
            if (state.orders[leg].phase != Phase::PENDING) continue;
            check_any(state, leg, needed);
            ++count;
        }
    }
    for (const auto* queue : {&state.entries.ready, &state.entries.stuck}) {
        for (const auto& [turn, index] : *queue) {
            const Order& order = state.orders[index];
            const uint8_t now = state.instruments[order.instrument - 1]->state;
            const bool trades = now == static_cast<uint8_t>(wire::InstrumentState::TRADING);
            FLOWEX_ASSERT(order.is_queued() && state.conditions[index].turn == turn &&
                              trades == (queue == &state.entries.ready),
                          "an order is in the wrong queue");
            check_any(state, index, needed);
            ++count;
        }
    }
    return count;
}

void check_books(const State& state, std::map<Key, Wide>& needed) {
    size_t count = 0;
    for (const auto& instrument : state.instruments) {
        for (const uint8_t side : {0, 1}) count += check_side(state, *instrument, side, needed);
        const Index bid = instrument->book.side(0).best(), ask = instrument->book.side(1).best();
        if (bid == NONE || ask == NONE) continue;
        FLOWEX_ASSERT(state.levels[bid].price < state.levels[ask].price, "crossed book");
    }
    count += check_outside(state, needed);
    FLOWEX_ASSERT(count == state.order_table.size(), "orders that stand nowhere");
}

// An order list has an open leg, and its legs stand as its shape demands.
void check_list(const State& state, const OrderList& order_list) {
    const Legs legs = open_legs(state, order_list);
    FLOWEX_ASSERT(!legs.empty(), "a list without orders");
    const bool is_oco = order_list.shape == wire::ListShape::OCO;
    FLOWEX_ASSERT(order_list.legs[0] && order_list.legs[1] &&
                      (order_list.legs[2] != 0) == (order_list.shape == wire::ListShape::OTOCO),
                  "a list of another shape");
    for (const Index leg : legs) {
        const Order& order = state.orders[leg];
        FLOWEX_ASSERT((order.special & LISTED) && order.account == order_list.account &&
                          order.instrument == order_list.instrument &&
                          state.conditions[leg].order_list == order_list.number,
                      "a stranger in a list");
    }
    const Index first = find_order(state, order_list.legs[0]);
    if (!is_oco && first != NONE) {
        FLOWEX_ASSERT(state.orders[first].phase == Phase::WORKING, "a working order waits");
        for (const Index leg : legs) {
            FLOWEX_ASSERT(leg == first || state.orders[leg].phase == Phase::PENDING,
                          "a pending order is ahead of its time");
        }
    }
    if (order_list.shape == wire::ListShape::OTO) return;
    const Legs pair(state, order_list, is_oco ? 0 : 1, is_oco ? 2 : 3);
    if (pair.end() - pair.begin() < 2) return;
    const Order& one = state.orders[*pair.begin()];
    const Order& other = state.orders[*(pair.begin() + 1)];
    FLOWEX_ASSERT(one.side == other.side && one.quantity == other.quantity, "unequal twins");
    const auto is_untouched = [&](Index leg) {
        return state.remaining(leg) == state.orders[leg].quantity &&
               state.orders[leg].phase != Phase::TRIGGERED;
    };
    FLOWEX_ASSERT(std::ranges::all_of(pair, is_untouched), "both twins live");
    FLOWEX_ASSERT(one.phase != Phase::WORKING || other.phase != Phase::WORKING,
                  "both twins are in the book");
}

// Every leg has its list.
void check_lists(const State& state) {
    size_t known = 0, legs = 0;
    for (const auto& [key, order_list] : state.lists) {
        check_list(state, order_list);
        const Legs open = open_legs(state, order_list);
        known += static_cast<size_t>(open.end() - open.begin());
    }
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        for (Index index = state.accounts[owner].first_order; index != NONE;
             index = state.orders[index].account_next) {
            legs += (state.orders[index].special & LISTED) != 0;
        }
    }
    FLOWEX_ASSERT(legs == known, "orders of no list");
}

void check_limits(const State& state) {
    FLOWEX_ASSERT(state.order_table.size() <= state.limit(wire::Limit::OPEN_ORDERS),
                  "more open orders than the limit");
    FLOWEX_ASSERT(state.timers.size() <= state.limit(wire::Limit::TIMERS),
                  "more timers than the limit");
}

// Every order is found by number and by client id, and its account knows it, oldest first.
void check_indexes(const State& state) {
    size_t count = 0, timers = 0, client_ids = 0, conditioned = 0, trailing = 0;
    for (Index owner = 0; owner < state.accounts.size(); ++owner) {
        const Account& account = state.accounts[owner];
        uint64_t number = 0;
        uint32_t orders = 0;
        Index previous = NONE;
        for (Index index = account.first_order; index != NONE;
             index = state.orders[index].account_next) {
            const Order& order = state.orders[index];
            FLOWEX_ASSERT(order.account == account.number && order.number > number &&
                              order.account_previous == previous,
                          "an account's orders are out of order");
            FLOWEX_ASSERT(find_order(state, order.number) == index, "an order is not found");
            if (order.client_id_length) {
                FLOWEX_ASSERT(find_client_id(state, order.account, state.client_id(index),
                                             order.client_id_hash) == index,
                              "a client id is not found");
                ++client_ids;
            }
            timers += order.timer != NONE;
            if (order.special & CONDITIONED) {
                ++conditioned;
                trailing += state.conditions[index].given.trailing_delta > 0;
            }
            number = order.number;
            previous = index;
            ++orders;
        }
        FLOWEX_ASSERT(orders == account.open_orders, "an account's orders are miscounted");
        count += orders;
    }
    FLOWEX_ASSERT(count == state.order_table.size(), "orders without an account");
    FLOWEX_ASSERT(client_ids == state.client_id_table.size(), "client ids left over");
    FLOWEX_ASSERT(conditioned == state.conditioned_orders && trailing == state.trailing_orders,
                  "conditions are miscounted");
    FLOWEX_ASSERT(timers == state.timers.size(), "timers left over");
}

// What a balance holds is what its orders and withdrawals need, to the atom.
void check_holds(const State& state, std::map<Key, Wide>& needed) {
    for (const auto& [number, hold] : state.holds) {
        FLOWEX_ASSERT(hold.remaining > 0, "empty hold");
        needed[{hold.account, hold.asset, hold.wallet}] += hold.remaining;
    }
    for (Index index = 0; index < state.balances.size(); ++index) {
        const Balance& balance = state.balances[index];
        const auto found = needed.find({balance.account, balance.asset, balance.wallet});
        const Wide expected = found == needed.end() ? 0 : found->second;
        FLOWEX_ASSERT(balance.held == expected, "held is not what orders and withdrawals need");
        if (found != needed.end()) needed.erase(found);
    }
    FLOWEX_ASSERT(needed.empty(), "orders without money");
}

}  // namespace

void check_invariants(const State& state) {
    std::map<Key, Wide> needed;
    check_money(state);
    check_books(state, needed);
    check_indexes(state);
    check_holds(state, needed);
    check_lists(state);
    check_limits(state);
}

}  // namespace flowex
