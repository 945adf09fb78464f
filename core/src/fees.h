// Spot fees: taken from what is received, rounded up, to the fee account.
#pragma once

#include "state.h"

namespace flowex {

// Whether a fee rate is allowed: 0 to 10 %, never negative on spot.
inline bool is_rate(int64_t rate) { return 0 <= rate && rate <= wire::RATE_MAX; }

// The account's own schedule, else the instrument's.
inline int64_t maker_rate(const Account& account, const Instrument& instrument) {
    return account.maker_rate >= 0 ? account.maker_rate : instrument.maker_rate;
}
inline int64_t taker_rate(const Account& account, const Instrument& instrument) {
    return account.maker_rate >= 0 ? account.taker_rate : instrument.taker_rate;
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
