// Placing, cancelling, amending and replacing orders.
//
// Every handler checks first and acts after: a refusal changes nothing. The order in which it can
// refuse is written at its twin in engine/reference/orders.py.
#pragma once

#include "state.h"

namespace flowex {

Verdict place(State& state, const wire::OrderPlace& command, const Texts& texts);
Verdict cancel(State& state, const wire::OrderCancel& command, const Texts& texts);
Verdict cancel_all(State& state, const wire::OrderCancelAll& command);
Verdict amend(State& state, const wire::OrderAmend& command, const Texts& texts);
Verdict replace(State& state, const wire::OrderReplace& command, const Texts& texts);
Verdict cancel_replace(State& state, const wire::OrderCancelReplace& command, const Texts& texts);

// Expire every order whose time has come, by time and then by number.
void fire_timers(State& state);

}  // namespace flowex
