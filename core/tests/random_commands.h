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
        genesis.timers = genesis.holds = many;
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
    }

    void draw(Buffer& buffer) {
        const size_t start = buffer.size();
        const uint64_t kind = chance_.below(100);
        if (kind < 55) place(buffer);
        else if (kind < 70) name<wire::OrderCancel>(buffer);
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

    template <class Command>
    void name(Buffer& buffer) {
        const Known& known = any_known();
        auto command = make<Command>(known.account);
        command.order = known.order;
        append(buffer, command);
    }

    void amend(Buffer& buffer) {
        const Known& known = any_known();
        auto command = make<wire::OrderAmend>(known.account);
        command.header.flags = static_cast<uint16_t>(chance_.below(2));
        command.order = known.order;
        command.quantity = static_cast<int64_t>(1 + chance_.below(20));
        append(buffer, command);
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
    std::array<Known, 64> known_ = {};
};

}  // namespace random_commands
