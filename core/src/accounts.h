// Accounts and their money: open, freeze, credit, hold, settle, release, transfer.
//
// The order in which a handler can refuse is written at its twin in engine/reference/accounts.py.
#pragma once

#include "state.h"

namespace flowex {

inline constexpr auto SPOT = static_cast<uint8_t>(wire::Wallet::SPOT);
inline constexpr auto FUNDING = static_cast<uint8_t>(wire::Wallet::FUNDING);

// Return a balance that is not the account's first, or NONE.
Index find_later_balance(const State& state, Index first, uint32_t account, uint32_t asset,
                         uint8_t wallet);
// Return the balance of an account, which exists, in an asset; NONE when there never was one.
inline Index find_balance(const State& state, uint32_t account, uint32_t asset,
                          uint8_t wallet = SPOT) {
    const Index first = state.accounts[account - 1].first_balance;
    if (first == NONE) return NONE;
    const Balance& balance = state.balances[first];
    if (balance.asset == asset && balance.wallet == wallet) return first;
    return find_later_balance(state, first, account, asset, wallet);
}

// Return what may be spent of a balance, in atoms; nothing when there is none.
inline int64_t free_atoms(const State& state, Index balance) {
    return balance == NONE ? 0 : state.balances[balance].free;
}

// Change a balance by deltas and note it as touched by this command.
inline void move(State& state, Index index, int64_t free_delta, int64_t held_delta = 0) {
    FLOWEX_ASSERT(index != NONE, "money moves where there never was any");
    Balance& balance = state.balances[index];
    if (!balance.touched) {
        balance.touched = true;
        state.touched.push({index, balance.free, balance.held});
    }
    balance.free += free_delta;
    balance.held += held_delta;
    FLOWEX_ASSERT(balance.free >= 0, "a free balance would be negative");
    FLOWEX_ASSERT(balance.held >= 0, "a held balance would be negative");
}
// Add to what an account has free of an asset; makes the balance when there is none.
void receive(State& state, uint32_t account, uint32_t asset, int64_t amount,
             uint8_t wallet = SPOT);
// Add a balance that is not there yet.
Index add_balance(State& state, uint32_t account, uint32_t asset, uint8_t wallet = SPOT);

// Emit one BalanceChanged for each balance the command touched, in order of first touch.
void tell_touched(State& state);
// Emit an account as it is now.
void tell_account(State& state, const Account& account);
// Add an account with the next number.
Account& add_account(State& state, uint32_t parent, uint32_t trade_group);

Verdict open_account(State& state, const wire::AccountOpen& command);
Verdict set_account_state(State& state, const wire::SetAccountState& command);
Verdict set_fees(State& state, const wire::FeeSet& command);
Verdict set_fee_tier(State& state, const wire::FeeTierSet& command);
Verdict credit(State& state, const wire::Credit& command);
Verdict hold(State& state, const wire::Hold& command);
Verdict settle(State& state, const wire::Settle& command);
Verdict release(State& state, const wire::Release& command);
Verdict transfer(State& state, const wire::Transfer& command);

}  // namespace flowex
