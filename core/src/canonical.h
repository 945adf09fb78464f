// The state as canonical records, and back: one stream for snapshot, export and hash.
#pragma once

#include <memory>
#include <span>

#include "state.h"

namespace flowex {

// How many bytes the export takes.
size_t export_size(const State& state);
// Write the whole state, in the order that messages/state.py fixes, into a buffer of that size.
void export_state(const State& state, std::span<uint8_t> buffer);

// Return the state that a snapshot holds. Throws RecordError when it is none: unknown records, a
// break of the canonical order, a reference to nothing, an invariant that does not hold.
std::unique_ptr<State> restore(std::span<const uint8_t> snapshot);

}  // namespace flowex
