// Spot fees: taken from what is received, rounded up, to the fee account.
#pragma once

#include "state.h"

namespace flowex {

// Whether a fee rate is allowed: 0 to 10 %, never negative on spot.
inline bool is_rate(int64_t rate) { return 0 <= rate && rate <= wire::RATE_MAX; }

// Whether a fee tier has rates.
inline bool is_tier(const State& state, uint16_t tier) {
    return 1 <= tier && tier <= state.tiers.size() && state.tiers[tier - 1].maker_rate >= 0;
}

// The account's own schedule, else its tier's, else the instrument's.
inline int64_t maker_rate(const State& state, const Account& account,
                          const Instrument& instrument) {
    if (account.maker_rate >= 0) return account.maker_rate;
    return account.tier ? state.tiers[account.tier - 1].maker_rate : instrument.maker_rate;
}
inline int64_t taker_rate(const State& state, const Account& account,
                          const Instrument& instrument) {
    if (account.maker_rate >= 0) return account.taker_rate;
    return account.tier ? state.tiers[account.tier - 1].taker_rate : instrument.taker_rate;
}

// Return ceil(received * rate), in atoms of the received asset.
inline int64_t fee(int64_t received_atoms, int64_t rate) {
    int64_t product;
    if (!__builtin_mul_overflow(received_atoms, rate, &product)) [[likely]] {
        return product / wire::RATE_ONE + (product % wire::RATE_ONE != 0);
    }
    const Wide wide = static_cast<Wide>(received_atoms) * rate;
    return static_cast<int64_t>((wide + wire::RATE_ONE - 1) / wire::RATE_ONE);
}

}  // namespace flowex
