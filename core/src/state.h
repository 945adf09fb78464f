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
#include "wire.h"

namespace flowex {

using Code = wire::ResultCode;
using wire::EndReason;

// Wide enough for any product of two of the machine's numbers.
using Wide = __int128;

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

// A spot pair; one quantity unit is `base_scale` atoms of the base asset.
struct Instrument {
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
    Filters filters;
    uint64_t last_trade;
    uint64_t last_update;
    uint64_t last_match;
    Book book;
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
    uint32_t open_orders = 0;
    Index first_order = NONE;
    Index last_order = NONE;
    Index first_balance = NONE;  // Linked by Balance::next, in no order.
    std::vector<Recent> recent;  // Oldest first; at most RECENT_MAX.
};

// What an account has of an asset in its spot wallet, in atoms; no part is ever negative.
struct alignas(32) Balance {
    uint32_t account;
    uint32_t asset;
    int64_t free;
    int64_t held;
    Index next;
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
    Orders orders;
    Pool<ClientId> client_ids;  // Parallel to orders.
    Levels levels;
    Table order_table;
    Table client_id_table;
    Timers timers;
    uint64_t last_order = 0;
    uint64_t last_hold = 0;
    Stack<Touched> touched;

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
