#include "invariants.h"

#include <map>
#include <utility>

#include "admission.h"
#include "lifecycle.h"

namespace flowex {
namespace {

using Key = std::pair<uint32_t, uint32_t>;  // Account, asset.

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

void check_order(const Order& order, const Instrument& instrument) {
    FLOWEX_ASSERT(may_rest(order.time_in_force), "an order rests that must not");
    FLOWEX_ASSERT(order.order_type == static_cast<uint8_t>(wire::OrderType::LIMIT) ||
                      order.order_type == static_cast<uint8_t>(wire::OrderType::LIMIT_MAKER),
                  "a MARKET order rests");
    FLOWEX_ASSERT(order.self_trade < wire::SELF_TRADE_COUNT, "no such self-trade mode");
    const bool is_gtd = order.time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTD);
    FLOWEX_ASSERT(is_gtd == (order.expire_time > 0), "expire time without GTD, or none with it");
    FLOWEX_ASSERT(is_gtd == (order.timer != NONE), "timer missing or left over");
    FLOWEX_ASSERT(order.price > 0 && order.remaining > 0, "nothing rests");
    FLOWEX_ASSERT(order.filled >= 0 && order.prevented() >= 0, "overfilled");
    const Wide base = static_cast<Wide>(order.quantity) * instrument.base_scale;
    const Wide notional = static_cast<Wide>(order.price) * order.remaining;
    FLOWEX_ASSERT(base <= wire::SUPPLY_MAX && notional <= wire::SUPPLY_MAX, "order too large");
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
            check_order(order, instrument);
            FLOWEX_ASSERT(order.instrument == instrument.number && order.side == side_number &&
                              order.price == level.price && order.level == level_index &&
                              order.level_previous == previous,
                          "an order in the wrong place");
            FLOWEX_ASSERT(order.priority > priority, "time priority broken");
            priority = order.priority;
            previous = index;
            quantity += order.remaining;
            ++orders;
            needed[{order.account, hold_asset(instrument, side_number)}] +=
                hold_atoms(instrument, side_number, order.price, order.remaining);
        }
        FLOWEX_ASSERT(orders && orders == level.orders && previous == level.last &&
                          quantity == level.quantity,
                      "a level's totals are wrong");
        count += orders;
        return true;
    });
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
    FLOWEX_ASSERT(count == state.order_table.size(), "orders outside the books");
}

// Every order is found by number and by client id, and its account knows it, oldest first.
void check_indexes(const State& state) {
    size_t count = 0, timers = 0, client_ids = 0;
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
            number = order.number;
            previous = index;
            ++orders;
        }
        FLOWEX_ASSERT(orders == account.open_orders, "an account's orders are miscounted");
        count += orders;
    }
    FLOWEX_ASSERT(count == state.order_table.size(), "orders without an account");
    FLOWEX_ASSERT(client_ids == state.client_id_table.size(), "client ids left over");
    FLOWEX_ASSERT(timers == state.timers.size(), "timers left over");
}

// What a balance holds is what its orders and withdrawals need, to the atom.
void check_holds(const State& state, std::map<Key, Wide>& needed) {
    for (const auto& [number, hold] : state.holds) {
        FLOWEX_ASSERT(hold.remaining > 0, "empty hold");
        needed[{hold.account, hold.asset}] += hold.remaining;
    }
    for (Index index = 0; index < state.balances.size(); ++index) {
        const Balance& balance = state.balances[index];
        const auto found = needed.find({balance.account, balance.asset});
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
}

}  // namespace flowex
