// Everything the machine knows, and nothing it does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "assert.h"
#include "book.h"
#include "codec.h"
#include "pool.h"
#include "stack.h"
#include "table.h"
#include "timers.h"
#include "triggers.h"
#include "wire.h"

namespace flowex {

using Code = wire::ResultCode;
using wire::EndReason;

// Wide enough for any product of two of the machine's numbers.
using Wide = __int128;
// Wide enough for any sum of what was ever traded.
using Sum = unsigned __int128;

// What a handler answers; becomes the command's Result event.
struct Verdict {
    Code code = Code::OK;
    uint64_t id = 0;
    uint16_t detail = 0;
    int64_t value = 0;
};

// An asset; `issued` is the sum of all its balances.
struct Asset {
    std::array<char, 16> code;
    uint8_t decimals;
    int64_t issued;
};

// The bounds of an instrument's orders; a maximum of 0 means none.
struct Filters {
    int64_t price_tick;
    int64_t price_min;
    int64_t price_max;
    int64_t quantity_lot;
    int64_t quantity_min;
    int64_t quantity_max;
    int64_t notional_min;
    int64_t notional_max;
};

// What an instrument traded in a minute, counted from 1970; `quote` in atoms.
struct Minute {
    int64_t number;
    Sum quantity;
    Sum quote;
};

// An instrument's filters beyond those of its definition, as on the wire; 0 means none.
struct Further {
    uint32_t bid_up;
    uint32_t bid_down;
    uint32_t ask_up;
    uint32_t ask_down;
    uint16_t average_minutes;
    uint16_t iceberg_parts_max;
    int64_t market_lot;
    int64_t market_quantity_min;
    int64_t market_quantity_max;
    int64_t position_max;
    uint32_t orders_max;
    uint32_t algo_orders_max;
    uint32_t iceberg_orders_max;
    uint32_t order_lists_max;
    uint32_t amends_max;
    uint16_t trailing_above_min;
    uint16_t trailing_above_max;
    uint16_t trailing_below_min;
    uint16_t trailing_below_max;
    uint8_t market_notional;

    bool operator==(const Further&) const = default;
};

// A spot pair; one quantity unit is `base_scale` atoms of the base asset. What every order needs
// lies in its first lines and in the side of the book that it meets.
struct alignas(64) Instrument {
    uint32_t number;
    uint32_t base;
    uint32_t quote;
    std::array<uint32_t, 2> pays;  // The asset each side pays with: {quote, base}.
    int8_t quantity_decimals;
    uint8_t kind;
    uint8_t state;
    int64_t base_scale;
    int64_t quantity_supply_max;  // The most whose base atoms stay within the supply's bound.
    int64_t maker_rate;
    int64_t taker_rate;
    std::unique_ptr<Further> further;  // Null until it gets any.

    Filters filters;
    uint64_t last_trade;
    uint64_t last_update;
    uint64_t last_match;
    int64_t last_price;
    Triggers triggers;

    Book book;
    std::vector<Minute> minutes;  // Oldest first.
    std::array<char, 32> symbol;
};

// A closed order's client id, remembered by hash.
struct Recent {
    uint64_t hash;
    uint64_t order;
};

// An account; its open orders are a list through Order::account_next, oldest first.
struct alignas(64) Account {
    uint32_t number = 0;
    uint32_t parent = 0;
    uint32_t trade_group = 0;
    int32_t maker_rate = -1;
    int32_t taker_rate = -1;
    uint8_t state = 0;
    uint16_t tier = 0;
    uint32_t open_orders = 0;
    Index first_order = NONE;
    Index last_order = NONE;
    Index first_balance = NONE;  // Linked by Balance::next, in no order.
    std::vector<Recent> recent;  // Oldest first; at most RECENT_MAX.
};

// What an account has of an asset in a wallet, in atoms; no part is ever negative.
struct alignas(32) Balance {
    uint32_t account;
    uint32_t asset;
    int64_t free;
    int64_t held;
    Index next;
    uint8_t wallet;
    bool touched;  // By the command that is being applied.
};

// A balance before the command touched it.
struct Touched {
    Index balance;
    int64_t free;
    int64_t held;
};

// Money reserved for a withdrawal in progress; `remaining` is part of the balance's held.
struct WithdrawalHold {
    uint64_t number;
    uint32_t account;
    uint32_t asset;
    uint8_t wallet;
    int64_t remaining;
};

// Rates for every account in a tier; -1 where nobody has set them.
struct FeeTier {
    int64_t maker_rate = -1;
    int64_t taker_rate = -1;
};

// Orders that depend on each other; `legs` are the numbers it began with, 0 where none.
struct OrderList {
    uint64_t number;
    uint32_t account;
    uint32_t instrument;
    wire::ListShape shape;
    uint8_t client_id_length;
    std::array<uint64_t, 3> legs;
    ClientId text;

    std::string_view client_id() const { return {text.text, client_id_length}; }
};

// Orders that are next to enter the market, by turn: those whose market trades, and the others.
struct Entries {
    std::map<uint64_t, Index> ready;
    std::map<uint64_t, Index> stuck;
    uint64_t last_turn = 0;

    size_t size() const { return ready.size() + stuck.size(); }
};

// The whole machine.
struct State {
    EventStream stream;
    uint64_t sequence = 0;
    int64_t time = 0;
    std::array<char, 32> exchange = {};
    uint16_t rules_version = 0;
    bool halted = false;
    std::array<uint64_t, wire::LIMIT_COUNT> limits = {};
    std::vector<Asset> assets;  // Number n at n - 1; so too below.
    std::vector<std::unique_ptr<Instrument>> instruments;
    Pool<Account> accounts;
    Pool<Balance> balances;
    Table balance_table;
    std::map<uint64_t, WithdrawalHold> holds;
    std::map<uint32_t, uint64_t> sources;
    std::vector<FeeTier> tiers;  // Number n at n - 1, as far as any was set.
    std::map<std::pair<uint32_t, uint64_t>, OrderList> lists;  // By account and number.
    Orders orders;
    Pool<ClientId> client_ids;  // Parallel to orders.
    AllConditions conditions;   // Parallel to orders.
    uint64_t conditioned_orders = 0;
    uint64_t trailing_orders = 0;
    Entries entries;
    Levels levels;
    Table order_table;
    Table client_id_table;
    Timers timers;
    uint64_t last_order = 0;
    uint64_t last_hold = 0;
    uint64_t last_list = 0;
    Stack<Touched> touched;
    Stack<int64_t> prices;  // At which the taker traded while orders wait for a price.

    uint64_t limit(wire::Limit limit) const { return limits[static_cast<size_t>(limit)]; }

    // The thing with that number, or null.
    Asset* asset(uint32_t number) {
        return number - 1u < assets.size() ? &assets[number - 1] : nullptr;
    }
    const Asset* asset(uint32_t number) const {
        return number - 1u < assets.size() ? &assets[number - 1] : nullptr;
    }
    Instrument* instrument(uint32_t number) {
        return number - 1u < instruments.size() ? instruments[number - 1].get() : nullptr;
    }
    Account* account(uint32_t number) {
        return number - 1u < accounts.size() ? &accounts[number - 1] : nullptr;
    }

    // The instrument or owner of an order, which exists because the order does.
    Instrument& instrument_of(const Order& order) { return *instruments[order.instrument - 1]; }
    Account& account_of(const Order& order) { return accounts[order.account - 1]; }

    // What an order that is in the book or elsewhere does not show, and all that can still trade.
    int64_t hidden(Index order) const {
        return orders[order].special & ICEBERG ? conditions[order].hidden : 0;
    }
    int64_t remaining(Index order) const { return orders[order].remaining + hidden(order); }
    // What self-trade prevention took from an order's quantity.
    int64_t prevented(Index index) const {
        const Order& order = orders[index];
        return order.quantity - order.filled - remaining(index);
    }

    std::string_view client_id(Index order) const {
        const uint8_t length = orders[order].client_id_length;
        if (length == 0) return {};  // Then it may have no place among the client ids either.
        return {client_ids[order].text, length};
    }

    // Append an event about an account (0: nobody's) that belongs to the current command.
    template <class Event>
    Event& tell(uint32_t account = 0) {
        return stream.tell<Event>(account, sequence);
    }
};

}  // namespace flowex
