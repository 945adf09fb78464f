// Which orders are let in: the checks before any money or book is looked at.
//
// The order of the checks is written at their twins in engine/reference/admission.py.
#pragma once

#include "filters.h"
#include "state.h"

namespace flowex {

// Why an order is not let in, or what its command named.
struct Admission {
    Code code = Code::OK;
    uint64_t known = 0;  // The order that has its client id already, if that is why.
    Instrument* instrument = nullptr;
};

// Hold an order that a command asks for against everything but money and book; notes its hash.
Admission admit(State& state, Wish& wish);

// Return why an order is refused for itself.
Code order_fault(const State& state, const Account& account, const Instrument& instrument,
                 const Wish& wish);

// Return HALTED, INSTRUMENT_NOT_TRADING, ACCOUNT_RESTRICTED or OK.
Code condition_fault(const State& state, const Account& account, const Instrument& instrument);

// Return the number of the order that has the client id already, or 0. An order that is to be
// remembered must not have one that is remembered, either.
uint64_t known_client_id(const State& state, const Account& account, std::string_view text,
                         uint64_t hash, bool remember);

// The open order of a command's account that it names, or why there is none.
struct Named {
    Code code = Code::OK;
    Index order = NONE;
};

// By number, or when that is 0 by original client id; both must agree when both are given.
FLOWEX_APART Named named_order(const State& state, uint32_t account, uint32_t instrument,
                               uint64_t number, std::string_view original_client_id);

// What a cancel says of itself.
struct CancelRequest {
    uint32_t account;
    uint32_t instrument;
    uint64_t order;
    uint8_t restriction;
    std::string_view client_id;
    std::string_view original_client_id;
};

// Return the order that a cancel names, or why it must not be cancelled.
Named cancelable(const State& state, const CancelRequest& request);

}  // namespace flowex
