// Changing open orders: lowering a quantity in place, or starting again at another price.
//
// The order in which a handler can refuse is written at its twin in engine/reference/amending.py.
#pragma once

#include "state.h"

namespace flowex {

Verdict amend(State& state, const wire::OrderAmend& command, const Texts& texts);
Verdict replace(State& state, const wire::OrderReplace& command, const Texts& texts);

}  // namespace flowex
