// Random commands for the machine's own tests: most of them sensible, some hostile.
//
// The differential tests (tests/machine) draw richer ones; these need no Python.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "../src/wire.h"
#include "check.h"

namespace random_commands {

using namespace flowex;
using Buffer = std::vector<uint8_t>;

inline constexpr uint32_t ACCOUNTS = 8, ASSETS = 3, INSTRUMENTS = 3;

template <class Command>
Command make(uint32_t account = 0) {
    Command command = {};
    command.header = {Command::KIND, Command::BLOCKS, 0, account, 0};
    return command;
}

template <class Command>
void append(Buffer& buffer, const Command& command) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&command);
    buffer.insert(buffer.end(), bytes, bytes + sizeof command);
}

// Add a block of fields under a tag to the record that begins at `start` and ends the buffer.
template <class Block>
void append_block(Buffer& buffer, size_t start, uint8_t tag, Block block) {
    block.tag = tag;
    block.length = wire::TEXT_MAX;
    append(buffer, block);
    ++buffer[start + 1];
}

// Add an extension block to the record that begins at `start` and ends the buffer.
inline void append_text(Buffer& buffer, size_t start, uint8_t tag, const std::string& text) {
    if (text.empty()) return;
    wire::Extension extension = {};
    extension.tag = tag;
    extension.length = static_cast<uint8_t>(text.size());
    std::memcpy(extension.text, text.data(), text.size());
    append(buffer, extension);
    ++buffer[start + 1];
}

// Found an exchange with money in every account.
inline Buffer opening(bool limits_are_tiny = false) {
    Buffer buffer;
    auto genesis = make<wire::Genesis>();
    genesis.wire_version = wire::WIRE_VERSION;
    genesis.rules_version = wire::RULES_VERSION;
    std::memcpy(genesis.exchange, "random", 6);
    genesis.accounts = genesis.assets = genesis.instruments = genesis.sources = 100;
    const uint32_t many = limits_are_tiny ? 5 : 1000;
    genesis.open_orders = many * 4;
    genesis.account_open_orders = genesis.fills_per_command = genesis.cancels_per_command =
        genesis.timers = genesis.holds = genesis.account_algo_orders =
            genesis.account_iceberg_orders = genesis.account_order_lists =
                genesis.trailing_orders = many;
    append(buffer, genesis);
    for (uint32_t number = 0; number < ASSETS; ++number) {
        auto asset = make<wire::AssetDefine>();
        asset.code[0] = static_cast<char>('A' + number);
        asset.decimals = static_cast<uint8_t>(4 * number);
        append(buffer, asset);
    }
    for (uint32_t number = 1; number <= INSTRUMENTS; ++number) {
        auto instrument = make<wire::InstrumentDefine>();
        instrument.base_asset = number;
        instrument.quote_asset = number % ASSETS + 1;
        instrument.maker_rate = 50'000;
        instrument.taker_rate = 10'000'000;
        instrument.price_tick = number;
        instrument.quantity_lot = 1;
        instrument.symbol[0] = static_cast<char>('P' + number);
        append(buffer, instrument);
        auto state = make<wire::SetInstrumentState>();
        state.instrument = number;
        state.state = static_cast<uint8_t>(wire::InstrumentState::TRADING);
        append(buffer, state);
    }
    uint64_t source_sequence = 0;
    for (uint32_t account = 2; account < ACCOUNTS + 2; ++account) {
        auto open = make<wire::AccountOpen>();
        open.trade_group = account % 4 == 0 ? 7 : 0;
        append(buffer, open);
        for (uint32_t asset = 1; asset <= ASSETS; ++asset) {
            auto credit = make<wire::Credit>(account);
            credit.asset = asset;
            credit.amount = int64_t{1} << 55;
            credit.source_sequence = ++source_sequence;
            append(buffer, credit);
        }
    }
    return buffer;
}

// Draws one command after another, about orders it was told of.
class Commands {
  public:
    explicit Commands(uint64_t seed) : chance_(seed) {}

    int64_t time = 1;

    // Note the order that a command's first event accepted, if it did.
    void learn(std::span<const uint8_t> events) {
        const auto& event = *reinterpret_cast<const wire::OrderAccepted*>(events.data());
        if (event.header.kind == wire::OrderAccepted::KIND) {
            known_[event.order % known_.size()] = {event.order, event.header.account};
        }
        const auto& list = *reinterpret_cast<const wire::OrderListChanged*>(events.data());
        if (list.header.kind == wire::OrderListChanged::KIND) {
            known_lists_[list.order_list % known_lists_.size()] = {list.order_list,
                                                                   list.header.account};
            known_[list.second % known_.size()] = {list.second, list.header.account};
        }
    }

    void draw(Buffer& buffer) {
        const size_t start = buffer.size();
        const uint64_t kind = chance_.below(100);
        if ((closed_ || halted_) && chance_.one_in(5)) reopen(buffer);
        else if (kind < 38) place(buffer);
        else if (kind < 48) place_conditioned(buffer);
        else if (kind < 55) place_list(buffer);
        else if (kind < 67) cancel(buffer);
        else if (kind < 69) cancel_list(buffer);
        else if (kind < 70) settings(buffer);
        else if (kind < 78) amend(buffer);
        else if (kind < 88) replace(buffer);
        else if (kind < 93) cancel_replace(buffer);
        else if (kind < 95) cancel_all(buffer);
        else money(buffer);
        if (chance_.one_in(25)) spoil(buffer, start);
    }

  private:
    struct Known {
        uint64_t order = 1;
        uint32_t account = 2;
    };

    uint32_t account() { return static_cast<uint32_t>(2 + chance_.below(ACCOUNTS)); }
    const Known& any_known() { return known_[chance_.below(known_.size())]; }
    std::string client_id() {
        if (chance_.one_in(2)) return {};
        return "id-" + std::string(chance_.below(30), 'x') + std::to_string(chance_.below(300));
    }

    template <class Command>
    Command placement() {
        auto command = make<Command>(account());
        command.header.flags = static_cast<uint16_t>(chance_.below(2));
        command.instrument = static_cast<uint32_t>(1 + chance_.below(INSTRUMENTS));
        command.side = static_cast<uint8_t>(chance_.below(2));
        command.order_type = static_cast<uint8_t>(chance_.one_in(6) ? chance_.below(3) : 0);
        command.time_in_force = static_cast<uint8_t>(chance_.one_in(3) ? chance_.below(4) : 0);
        command.self_trade = static_cast<uint8_t>(chance_.below(5));
        command.quantity = static_cast<int64_t>(1 + chance_.below(40));
        const auto away = static_cast<int64_t>(chance_.below(chance_.one_in(9) ? 900 : 9));
        const int64_t ticks = 1000 + (command.side ? away - 2 : 2 - away);
        command.price = ticks * command.instrument;
        if (command.order_type == 1) {
            command.time_in_force = 1;
            command.price = 0;
            if (chance_.one_in(2)) {
                command.quote_amount = command.quantity * 1000;
                command.quantity = 0;
            }
        }
        if (command.time_in_force == 3) {
            command.expire_time = time + static_cast<int64_t>(chance_.below(3000));
        }
        return command;
    }

    void place(Buffer& buffer) {
        const size_t start = buffer.size();
        append(buffer, placement<wire::OrderPlace>());
        append_text(buffer, start, wire::OrderPlace::TAG_CLIENT_ID, client_id());
    }

    void place_conditioned(Buffer& buffer) {
        const size_t start = buffer.size();
        auto command = placement<wire::OrderPlace>();
        wire::Conditions conditions = {};
        if (chance_.one_in(2)) {
            make_algo(command, conditions);
        } else {
            command.order_type = 0;
            command.time_in_force = 0;
            command.expire_time = command.quote_amount = 0;
            if (!command.price) command.price = 1000 * command.instrument;
            command.quantity = static_cast<int64_t>(1 + chance_.below(40));
            conditions.display_quantity =
                static_cast<int64_t>(1 + chance_.below(chance_.one_in(9) ? 60 : 9));
        }
        if (chance_.one_in(9)) conditions.strategy_id = 5;
        append(buffer, command);
        append_block(buffer, start, wire::OrderPlace::TAG_CONDITIONS, conditions);
        append_text(buffer, start, wire::OrderPlace::TAG_CLIENT_ID, client_id());
    }

    // Turn an order into one that waits for a price near the middle of all prices.
    template <class Order>
    void make_algo(Order& order, wire::Conditions& conditions) {
        order.order_type = static_cast<uint8_t>(3 + chance_.below(4));
        const bool is_market = order.order_type % 2 == 1;
        order.time_in_force = is_market ? 1 : static_cast<uint8_t>(chance_.below(3));
        order.price = is_market ? 0 : price(order.instrument);
        order.quantity = static_cast<int64_t>(1 + chance_.below(40));
        order.quote_amount = order.expire_time = 0;
        conditions.trailing_delta =
            static_cast<uint32_t>(chance_.one_in(3) ? 1 + chance_.below(60) : 0);
        if (!conditions.trailing_delta || chance_.one_in(2)) {
            const bool stops = order.order_type <= 4, buys = order.side == 0;
            const auto away = static_cast<int64_t>(1 + chance_.below(9));
            const int64_t ticks = 1000 + (stops == buys ? away : -away);
            conditions.stop_price = ticks * order.instrument;
        }
    }

    int64_t price(uint32_t instrument) {
        return static_cast<int64_t>(990 + chance_.below(20)) * instrument;
    }

    // A leg with the given type: 3 to 6 wait for a price.
    wire::Leg leg(uint32_t instrument, uint8_t side, uint8_t type, int64_t quantity) {
        wire::Leg leg = {};
        leg.side = side;
        leg.order_type = type;
        leg.quantity = quantity;
        leg.price = type == 1 || type == 3 || type == 5 ? 0 : price(instrument);
        leg.time_in_force = leg.price ? 0 : 1;
        if (type >= 3) {
            const bool is_above = (type <= 4) == (side == 0);
            const auto away = static_cast<int64_t>(1 + chance_.below(9));
            leg.stop_price = (1000 + (is_above ? away : -away)) * instrument;
            if (chance_.one_in(5)) leg.trailing_delta = static_cast<uint32_t>(chance_.below(60));
        } else if (type == 2) {
            const auto away = static_cast<int64_t>(1 + chance_.below(12));
            leg.price = (1000 + (side ? away : -away)) * instrument;
        }
        if (leg.price && !leg.stop_price && chance_.one_in(8)) leg.display_quantity = 2;
        return leg;
    }

    void place_list(Buffer& buffer) {
        const size_t start = buffer.size();
        auto command = make<wire::OrderListPlace>(account());
        command.instrument = static_cast<uint32_t>(1 + chance_.below(INSTRUMENTS));
        command.shape = static_cast<uint8_t>(chance_.below(3));
        command.self_trade = static_cast<uint8_t>(chance_.below(5));
        const auto side = static_cast<uint8_t>(chance_.below(2));
        const auto quantity = static_cast<int64_t>(1 + chance_.below(40));
        const auto any = [&](int first, int count) {
            return static_cast<uint8_t>(first + static_cast<int>(chance_.below(count)));
        };
        const auto stop = leg(command.instrument, side, any(3, 2), quantity);
        const auto profit =
            leg(command.instrument, side, chance_.one_in(2) ? 2 : any(5, 2), quantity);
        std::vector<wire::Leg> legs;
        if (command.shape) {
            auto working = leg(command.instrument, any(0, 2), any(0, 1), quantity);
            legs.push_back(working);
        }
        if (command.shape == 1) {
            legs.push_back(leg(command.instrument, side, any(0, 7), quantity));
        } else {
            legs.push_back(side ? profit : stop);
            legs.push_back(side ? stop : profit);
        }
        append(buffer, command);
        for (size_t number = 0; number < legs.size(); ++number) {
            const auto place = static_cast<uint8_t>(number);
            append_block(buffer, start,
                         static_cast<uint8_t>(wire::OrderListPlace::TAG_FIRST + place),
                         legs[number]);
            append_text(buffer, start,
                        static_cast<uint8_t>(wire::OrderListPlace::TAG_FIRST_CLIENT_ID + place),
                        client_id());
        }
        append_text(buffer, start, wire::OrderListPlace::TAG_CLIENT_ID, client_id());
    }

    void cancel(Buffer& buffer) {
        const Known& known = any_known();
        auto command = make<wire::OrderCancel>(known.account);
        command.order = known.order;
        if (chance_.one_in(8)) command.restriction = static_cast<uint8_t>(chance_.below(4));
        append(buffer, command);
    }

    void cancel_list(Buffer& buffer) {
        const Known& known = known_lists_[chance_.below(known_lists_.size())];
        auto command = make<wire::OrderListCancel>(known.account);
        command.order_list = known.order;
        append(buffer, command);
    }

    // What an operator sets: filters, fee tiers, states, limits, the halt switch.
    void settings(Buffer& buffer) {
        switch (chance_.below(6)) {
            case 0: return append(buffer, filters());
            case 1: {
                auto command = make<wire::FeeTierSet>();
                command.tier = static_cast<uint16_t>(1 + chance_.below(5));
                command.maker_rate = command.taker_rate =
                    static_cast<int64_t>(chance_.below(1'000'000));
                return append(buffer, command);
            }
            case 2: {
                auto command = make<wire::FeeSet>(account());
                command.tier = static_cast<uint16_t>(chance_.below(5));
                command.maker_rate = command.taker_rate = -1;
                return append(buffer, command);
            }
            case 3: return halt(buffer);
            case 4: {
                auto command = make<wire::RulesVersion>();
                command.rules_version = wire::RULES_VERSION;
                return append(buffer, command);
            }
            default: {
                auto command = make<wire::Credit>(account());
                command.asset = static_cast<uint32_t>(1 + chance_.below(ASSETS));
                command.wallet = static_cast<uint8_t>(chance_.below(2));
                command.amount = static_cast<int64_t>(1 + chance_.below(1000));
                command.source = 11;
                command.source_sequence = ++credits_;
                return append(buffer, command);
            }
        }
    }

    void halt(Buffer& buffer) {
        if (closed_ || halted_) return reopen(buffer);
        if (chance_.one_in(2)) {
            auto command = make<wire::Halt>();
            halted_ = command.halted = 1;
            return append(buffer, command);
        }
        auto command = make<wire::SetInstrumentState>();
        closed_ = command.instrument = static_cast<uint32_t>(1 + chance_.below(INSTRUMENTS));
        append(buffer, command);
    }

    // Trade again after `halt`.
    void reopen(Buffer& buffer) {
        if (halted_) {
            halted_ = 0;
            return append(buffer, make<wire::Halt>());
        }
        auto command = make<wire::SetInstrumentState>();
        command.instrument = closed_;
        command.state = static_cast<uint8_t>(wire::InstrumentState::TRADING);
        closed_ = 0;
        append(buffer, command);
    }

    wire::FiltersSet filters() {
        auto command = make<wire::FiltersSet>();
        command.instrument = static_cast<uint32_t>(1 + chance_.below(INSTRUMENTS));
        const auto any = [&](uint64_t most) { return static_cast<int64_t>(chance_.below(most)); };
        command.average_minutes = static_cast<uint16_t>(any(4));
        if (chance_.one_in(3)) command.bid_up = command.ask_up = 10'200;
        if (chance_.one_in(3)) command.bid_down = command.ask_down = 9'800;
        if (chance_.one_in(3)) command.market_quantity_max = 30;
        if (chance_.one_in(3)) command.iceberg_parts_max = 10;
        if (chance_.one_in(3)) command.algo_orders_max = static_cast<uint32_t>(any(9));
        if (chance_.one_in(3)) command.orders_max = static_cast<uint32_t>(10 + any(90));
        if (chance_.one_in(3)) command.order_lists_max = static_cast<uint32_t>(any(9));
        if (chance_.one_in(3)) command.amends_max = static_cast<uint32_t>(any(9));
        if (chance_.one_in(3)) command.trailing_above_min = 10;
        command.market_notional = static_cast<uint8_t>(any(4));
        return command;
    }

    void amend(Buffer& buffer) {
        const Known& known = any_known();
        auto command = make<wire::OrderAmend>(known.account);
        command.header.flags = static_cast<uint16_t>(chance_.below(chance_.one_in(3) ? 4 : 2));
        command.order = known.order;
        command.quantity = static_cast<int64_t>(1 + chance_.below(20));
        const size_t start = buffer.size();
        append(buffer, command);
        append_text(buffer, start, wire::OrderAmend::TAG_CLIENT_ID, client_id());
    }

    void replace(Buffer& buffer) {
        const size_t start = buffer.size();
        const Known& known = any_known();
        auto command = make<wire::OrderReplace>(known.account);
        const std::string original = chance_.one_in(6) ? client_id() : "";
        command.order = original.empty() ? known.order : 0;
        command.price = static_cast<int64_t>(chance_.below(3) * 6 * (160 + chance_.below(20)));
        command.quantity = static_cast<int64_t>(chance_.below(50));
        append(buffer, command);
        append_text(buffer, start, wire::OrderReplace::TAG_ORIGINAL_CLIENT_ID, original);
    }

    void cancel_replace(Buffer& buffer) {
        const size_t start = buffer.size();
        const Known& known = any_known();
        auto command = placement<wire::OrderCancelReplace>();
        command.header.account = known.account;
        command.cancel_order = known.order;
        command.mode = static_cast<uint8_t>(chance_.below(2));
        append(buffer, command);
        append_text(buffer, start, wire::OrderCancelReplace::TAG_CLIENT_ID, client_id());
        append_text(buffer, start, wire::OrderCancelReplace::TAG_CANCEL_CLIENT_ID, client_id());
    }

    void cancel_all(Buffer& buffer) {
        auto command = make<wire::OrderCancelAll>(account());
        command.instrument = static_cast<uint32_t>(chance_.below(INSTRUMENTS + 1));
        command.sides = static_cast<uint8_t>(1 + chance_.below(3));
        append(buffer, command);
    }

    template <class Command>
    Command sourced(uint32_t account) {
        auto command = make<Command>(account);
        command.source = 9;
        command.source_sequence = ++source_sequence_ - (chance_.one_in(8) ? 1 : 0);
        command.amount = static_cast<int64_t>(1 + chance_.below(1000));
        return command;
    }

    void money(Buffer& buffer) {
        const auto asset = static_cast<uint32_t>(1 + chance_.below(ASSETS));
        const uint64_t hold = 1 + chance_.below(30);
        switch (chance_.below(5)) {
            case 0: {
                auto command = sourced<wire::Hold>(account());
                command.asset = asset;
                return append(buffer, command);
            }
            case 1: {
                auto command = sourced<wire::Settle>(account());
                command.hold = hold;
                return append(buffer, command);
            }
            case 2: {
                auto command = sourced<wire::Release>(account());
                command.hold = hold;
                return append(buffer, command);
            }
            case 3: {
                auto command = sourced<wire::Transfer>(account());
                command.asset = asset;
                command.to_account = account();
                command.wallet = static_cast<uint8_t>(chance_.one_in(4));
                command.to_wallet = static_cast<uint8_t>(chance_.one_in(4));
                return append(buffer, command);
            }
            default: return append(buffer, make<wire::ClockTick>());
        }
    }

    // Change a word, a byte or the kind of the record that ends the buffer; block counts stay.
    void spoil(Buffer& buffer, size_t start) {
        static constexpr std::array<uint64_t, 7> EXTREMES = {
            0, 1, UINT64_MAX, uint64_t{1} << 63, (uint64_t{1} << 63) - 1, uint64_t{1} << 62,
            (uint64_t{1} << 62) + 1};
        const size_t size = buffer.size() - start;
        if (chance_.one_in(3)) {
            buffer[start] = static_cast<uint8_t>(chance_.below(64));
        } else if (chance_.one_in(2)) {
            const uint64_t extreme = EXTREMES[chance_.below(EXTREMES.size())];
            std::memcpy(&buffer[start + 8 * (1 + chance_.below(size / 8 - 1))], &extreme, 8);
        } else {
            buffer[start + 2 + chance_.below(size - 2)] = static_cast<uint8_t>(chance_.next());
        }
    }

    Chance chance_;
    uint64_t source_sequence_ = 0;
    uint64_t credits_ = 0;
    uint32_t closed_ = 0;  // An instrument that does not trade.
    uint8_t halted_ = 0;
    std::array<Known, 64> known_ = {};
    std::array<Known, 16> known_lists_ = {};
};

}  // namespace random_commands
