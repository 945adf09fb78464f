// Accounts and their money: open, freeze, credit, hold, settle, release, transfer.
//
// The order in which a handler can refuse is written at its twin in engine/reference/accounts.py.
#pragma once

#include "state.h"

namespace flowex {

inline constexpr auto SPOT = static_cast<uint8_t>(wire::Wallet::SPOT);
inline constexpr auto FUNDING = static_cast<uint8_t>(wire::Wallet::FUNDING);

// Return the balance of an account, which exists, in an asset; NONE when there never was one.
Index find_balance(const State& state, uint32_t account, uint32_t asset, uint8_t wallet = SPOT);

// Return what may be spent of a balance, in atoms; nothing when there is none.
inline int64_t free_atoms(const State& state, Index balance) {
    return balance == NONE ? 0 : state.balances[balance].free;
}

// Change a balance by deltas and note it as touched by this command.
void move(State& state, Index balance, int64_t free_delta, int64_t held_delta = 0);
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
