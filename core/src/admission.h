// Which orders are let in: the checks before any money or book is looked at.
//
// The order of the checks is written at their twins in engine/reference/admission.py.
#pragma once

#include "state.h"

namespace flowex {

// Why an order is not let in, or what its command named.
struct Admission {
    Code code = Code::OK;
    uint64_t known = 0;  // The order that has its client id already, if that is why.
    Account* account = nullptr;
    Instrument* instrument = nullptr;
    uint64_t client_id_hash = 0;
};

Admission admit(State& state, const wire::OrderPlace& command, std::string_view client_id);

// Return HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED or OK.
Code condition_fault(const State& state, const Account& account, const Instrument& instrument);

// Hold an order against its instrument's filters.
Code filter_fault(const Instrument& instrument, uint8_t order_type, int64_t price,
                  int64_t quantity, int64_t quote_amount);

// The open order of a command's account that it names, or why there is none.
struct Named {
    Code code = Code::OK;
    Index order = NONE;
};

// By number, or when that is 0 by original client id; both must agree when both are given.
Named named_order(const State& state, uint32_t account, uint32_t instrument, uint64_t number,
                  std::string_view original_client_id);

inline bool may_rest(uint8_t time_in_force) {
    return time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTC) ||
           time_in_force == static_cast<uint8_t>(wire::TimeInForce::GTD);
}

}  // namespace flowex
