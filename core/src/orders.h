// Placing and cancelling orders.
//
// Every handler checks first and acts after: a refusal changes nothing. The order in which it can
// refuse is written at its twin in engine/reference/orders.py.
#pragma once

#include "state.h"

namespace flowex {

Verdict place(State& state, const wire::OrderPlace& command, const Texts& texts);
Verdict cancel(State& state, const wire::OrderCancel& command, const Texts& texts);
Verdict cancel_all(State& state, const wire::OrderCancelAll& command);
Verdict cancel_replace(State& state, const wire::OrderCancelReplace& command, const Texts& texts);

// Cancel an order and the others of its list, by leg; return how many.
uint64_t end_by_request(State& state, Index index, EndReason reason, std::string_view client_id);

// Return conditions as they are kept and told, whatever else their block contained.
wire::Conditions normal(const wire::Conditions& given);
// Whether there are none.
bool is_plain(const wire::Conditions& given);

// Expire every order whose time has come, by time and then by number.
void fire_timers(State& state);

}  // namespace flowex
