// Order lists: orders that depend on each other, placed and cancelled as one.
//
// The order in which a handler can refuse is written at its twin in engine/reference/lists.py.
#pragma once

#include "state.h"

namespace flowex {

Verdict place_list(State& state, const wire::OrderListPlace& command, const ListParts& parts);
Verdict cancel_list(State& state, const wire::OrderListCancel& command, const Texts& texts);

}  // namespace flowex
