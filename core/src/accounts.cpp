#include "accounts.h"

#include "fees.h"

namespace flowex {
namespace {

constexpr int64_t NO_RATE = -1;  // The tier's, or the instrument's own.

uint64_t balance_hash(uint32_t account, uint32_t asset, uint8_t wallet) {
    return mixed((static_cast<uint64_t>(account) << 32 | asset) ^
                 static_cast<uint64_t>(wallet) << 63);
}

// Whether money can be in a wallet yet.
bool is_wallet(uint8_t wallet) { return wallet == SPOT || wallet == FUNDING; }

Code amount_fault(const State& state, uint32_t asset, bool wallets_known, int64_t amount) {
    if (!state.asset(asset)) return Code::UNKNOWN_ASSET;
    if (!wallets_known) return Code::UNKNOWN_WALLET;
    return amount > 0 ? Code::OK : Code::INVALID_AMOUNT;
}

Code source_fault(const State& state, uint32_t source, uint64_t number) {
    const auto known = state.sources.find(source);
    const uint64_t last = known == state.sources.end() ? 0 : known->second;
    if (number <= last) return Code::SOURCE_REPEATED;
    if (number != last + 1) return Code::SOURCE_GAP;
    const bool full = state.sources.size() >= state.limit(wire::Limit::SOURCES);
    return known == state.sources.end() && full ? Code::SOURCES : Code::OK;
}

// What Settle and Release have in common; `reserved` is the hold when OK is returned.
template <class Command>
Code hold_fault(State& state, const Command& command, WithdrawalHold*& reserved) {
    const auto known = state.holds.find(command.hold);
    if (known == state.holds.end() || known->second.account != command.header.account) {
        return Code::UNKNOWN_HOLD;
    }
    reserved = &known->second;
    if (command.amount <= 0) return Code::INVALID_AMOUNT;
    if (command.amount > reserved->remaining) return Code::HOLD_EXCEEDED;
    return source_fault(state, command.source, command.source_sequence);
}

Index balance_of(const State& state, const WithdrawalHold& reserved) {
    return find_balance(state, reserved.account, reserved.asset, reserved.wallet);
}

void tell_hold(State& state, const WithdrawalHold& reserved, int64_t delta) {
    auto& event = state.tell<wire::HoldChanged>(reserved.account);
    event.asset = reserved.asset;
    event.wallet = reserved.wallet;
    event.hold = reserved.number;
    event.remaining = reserved.remaining;
    event.delta = delta;
}

// Whose money it is: an account, or the world, and its wallet.
struct Party {
    uint32_t account;
    uint8_t wallet;

    bool operator==(const Party&) const = default;
};

template <class Command>
void tell_moved(State& state, const Command& command, uint32_t asset, Party giver, Party taker) {
    auto& event = state.tell<wire::FundsMoved>(giver.account);
    event.asset = asset;
    event.to_account = taker.account;
    event.wallet = giver.wallet;
    event.to_wallet = taker.wallet;
    event.source = command.source;
    event.amount = command.amount;
    event.source_sequence = command.source_sequence;
}

template <class Command>
void shrink(State& state, WithdrawalHold& reserved, const Command& command) {
    state.sources[command.source] = command.source_sequence;
    reserved.remaining -= command.amount;
    tell_hold(state, reserved, -command.amount);
    if (reserved.remaining == 0) state.holds.erase(reserved.number);
}

}  // namespace

Index find_later_balance(const State& state, Index first, uint32_t account, uint32_t asset,
                         uint8_t wallet) {
    // Most accounts have few assets, so the second needs no search either.
    const Index second = state.balances[first].next;
    if (second == NONE) return NONE;
    const Balance& near = state.balances[second];
    if (near.asset == asset && near.wallet == wallet) return second;
    return state.balance_table.find(balance_hash(account, asset, wallet), [&](Index index) {
        const Balance& balance = state.balances[index];
        return balance.account == account && balance.asset == asset && balance.wallet == wallet;
    });
}

Index add_balance(State& state, uint32_t account, uint32_t asset, uint8_t wallet) {
    const Index index = state.balances.take();
    Account& owner = state.accounts[account - 1];
    // The first stays the first, which `find_balance` finds soonest; any other goes behind it. But
    // orders look for spot balances only.
    const Index first = owner.first_balance;
    const bool leads =
        first == NONE || (wallet == SPOT && state.balances[first].wallet != SPOT);
    Index& place = leads ? owner.first_balance : state.balances[first].next;
    state.balances[index] = {account, asset, 0, 0, place, wallet, false};
    place = index;
    state.balance_table.add(balance_hash(account, asset, wallet), index);
    return index;
}

void receive(State& state, uint32_t account, uint32_t asset, int64_t amount, uint8_t wallet) {
    const Index index = find_balance(state, account, asset, wallet);
    move(state, index == NONE ? add_balance(state, account, asset, wallet) : index, amount);
}

void tell_touched(State& state) {
    for (const Touched& before : state.touched) {
        Balance& balance = state.balances[before.balance];
        balance.touched = false;
        auto& event = state.tell<wire::BalanceChanged>(balance.account);
        event.asset = balance.asset;
        event.wallet = balance.wallet;
        event.free = balance.free;
        event.held = balance.held;
        event.free_delta = balance.free - before.free;
        event.held_delta = balance.held - before.held;
    }
    state.touched.clear();
}

void tell_account(State& state, const Account& account) {
    auto& event = state.tell<wire::AccountChanged>(account.number);
    event.parent = account.parent;
    event.trade_group = account.trade_group;
    event.maker_rate = account.maker_rate;
    event.taker_rate = account.taker_rate;
    event.state = account.state;
    event.tier = account.tier;
}

Account& add_account(State& state, uint32_t parent, uint32_t trade_group) {
    Account& account = state.accounts[state.accounts.take()];
    account.number = static_cast<uint32_t>(state.accounts.size());
    account.parent = parent;
    account.trade_group = trade_group;
    return account;
}

Verdict open_account(State& state, const wire::AccountOpen& command) {
    if (command.parent && !state.account(command.parent)) return {Code::UNKNOWN_ACCOUNT};
    if (state.accounts.size() >= state.limit(wire::Limit::ACCOUNTS)) return {Code::ACCOUNTS};
    const Account& account = add_account(state, command.parent, command.trade_group);
    tell_account(state, account);
    return {Code::OK, account.number};
}

Verdict set_account_state(State& state, const wire::SetAccountState& command) {
    Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    if (command.state >= wire::ACCOUNT_STATE_COUNT) return {Code::INVALID_STATE};
    account->state = command.state;
    tell_account(state, *account);
    return {Code::OK, account->number};
}

Verdict set_fees(State& state, const wire::FeeSet& command) {
    Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    const bool taken_away = command.maker_rate == NO_RATE && command.taker_rate == NO_RATE;
    if (!taken_away && !(is_rate(command.maker_rate) && is_rate(command.taker_rate))) {
        return {Code::INVALID_RATE};
    }
    if (command.tier && !is_tier(state, command.tier)) return {Code::UNKNOWN_FEE_TIER};
    account->tier = command.tier;
    account->maker_rate = static_cast<int32_t>(command.maker_rate);
    account->taker_rate = static_cast<int32_t>(command.taker_rate);
    tell_account(state, *account);
    return {Code::OK, account->number};
}

Verdict set_fee_tier(State& state, const wire::FeeTierSet& command) {
    if (command.tier < 1 || command.tier > wire::FEE_TIERS_MAX) return {Code::UNKNOWN_FEE_TIER};
    if (!is_rate(command.maker_rate) || !is_rate(command.taker_rate)) return {Code::INVALID_RATE};
    if (state.tiers.size() < command.tier) state.tiers.resize(command.tier);
    state.tiers[command.tier - 1] = {command.maker_rate, command.taker_rate};
    auto& event = state.tell<wire::FeeTierChanged>();
    event.tier = command.tier;
    event.maker_rate = command.maker_rate;
    event.taker_rate = command.taker_rate;
    return {Code::OK, command.tier};
}

Verdict credit(State& state, const wire::Credit& command) {
    const uint32_t account = command.header.account;
    if (!state.account(account)) return {Code::UNKNOWN_ACCOUNT};
    Code code = amount_fault(state, command.asset, is_wallet(command.wallet), command.amount);
    if (code == Code::OK) code = source_fault(state, command.source, command.source_sequence);
    if (code != Code::OK) return {code};
    Asset& asset = *state.asset(command.asset);
    if (command.amount > wire::SUPPLY_MAX - asset.issued) return {Code::SUPPLY_EXCEEDED};
    state.sources[command.source] = command.source_sequence;
    asset.issued += command.amount;
    receive(state, account, command.asset, command.amount, command.wallet);
    tell_moved(state, command, command.asset, {wire::WORLD, command.wallet},
               {account, command.wallet});
    return {};
}

Verdict hold(State& state, const wire::Hold& command) {
    const Account* account = state.account(command.header.account);
    if (!account) return {Code::UNKNOWN_ACCOUNT};
    Code code = amount_fault(state, command.asset, is_wallet(command.wallet), command.amount);
    if (code != Code::OK) return {code};
    if (account->state == static_cast<uint8_t>(wire::AccountState::FROZEN)) {
        return {Code::ACCOUNT_RESTRICTED};
    }
    code = source_fault(state, command.source, command.source_sequence);
    if (code != Code::OK) return {code};
    if (state.holds.size() >= state.limit(wire::Limit::HOLDS)) return {Code::HOLDS};
    const Index balance = find_balance(state, account->number, command.asset, command.wallet);
    if (free_atoms(state, balance) < command.amount) return {Code::INSUFFICIENT_FUNDS};
    state.sources[command.source] = command.source_sequence;
    const uint64_t number = ++state.last_hold;
    const WithdrawalHold reserved = {number, account->number, command.asset, command.wallet,
                                     command.amount};
    state.holds.emplace_hint(state.holds.end(), number, reserved);
    move(state, balance, -command.amount, command.amount);
    tell_hold(state, reserved, command.amount);
    return {Code::OK, number};
}

Verdict settle(State& state, const wire::Settle& command) {
    WithdrawalHold* reserved = nullptr;
    const Code code = hold_fault(state, command, reserved);
    if (code != Code::OK) return {code};
    state.asset(reserved->asset)->issued -= command.amount;
    move(state, balance_of(state, *reserved), 0, -command.amount);
    tell_moved(state, command, reserved->asset, {reserved->account, reserved->wallet},
               {wire::WORLD, reserved->wallet});
    shrink(state, *reserved, command);
    return {Code::OK, command.hold};
}

Verdict release(State& state, const wire::Release& command) {
    WithdrawalHold* reserved = nullptr;
    const Code code = hold_fault(state, command, reserved);
    if (code != Code::OK) return {code};
    move(state, balance_of(state, *reserved), command.amount, -command.amount);
    shrink(state, *reserved, command);
    return {Code::OK, command.hold};
}

Verdict transfer(State& state, const wire::Transfer& command) {
    const Account* account = state.account(command.header.account);
    if (!account || !state.account(command.to_account)) return {Code::UNKNOWN_ACCOUNT};
    const Party giver = {account->number, command.wallet};
    const Party taker = {command.to_account, command.to_wallet};
    Code code = amount_fault(state, command.asset,
                             is_wallet(giver.wallet) && is_wallet(taker.wallet), command.amount);
    if (code != Code::OK) return {code};
    if (giver == taker) return {Code::INVALID_AMOUNT};
    if (account->state == static_cast<uint8_t>(wire::AccountState::FROZEN)) {
        return {Code::ACCOUNT_RESTRICTED};
    }
    code = source_fault(state, command.source, command.source_sequence);
    if (code != Code::OK) return {code};
    const Index balance = find_balance(state, giver.account, command.asset, giver.wallet);
    if (free_atoms(state, balance) < command.amount) return {Code::INSUFFICIENT_FUNDS};
    state.sources[command.source] = command.source_sequence;
    move(state, balance, -command.amount);
    receive(state, taker.account, command.asset, command.amount, taker.wallet);
    tell_moved(state, command, command.asset, giver, taker);
    return {};
}

}  // namespace flowex
