// What must hold after every command: money, holds, books, indexes. Slow; for tests and restores.
#pragma once

#include "state.h"

namespace flowex {

// Throw BrokenAssert at the first invariant that does not hold.
void check_invariants(const State& state);

}  // namespace flowex
