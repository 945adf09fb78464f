// The machine of FlowEx: a deterministic, pure function of an ordered list of commands.
//
//     commands --> apply --> events            snapshot <--> the whole state
//
// Records are those of src/wire.h, declared in src/flowex/messages. The specification is the
// reference machine, src/flowex/engine/reference, whose files have the same names as ours; both
// agree byte for byte. No clock, no chance, no I/O, no float, no thread in here: one caller at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>

namespace flowex {

struct State;

// The bytes are no record of the wire, or no snapshot of a sound machine.
class RecordError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Block counts do not add up, so nothing of the buffer can be trusted; nothing was applied.
class FramingError : public RecordError {
    using RecordError::RecordError;
};

// An assert failed: a bug. The machine refuses everything from now on.
class MachineStopped : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Machine {
  public:
    // An empty machine, which waits for Genesis.
    Machine();
    // The machine a snapshot holds. Throws RecordError when it is none.
    explicit Machine(std::span<const uint8_t> snapshot);
    ~Machine();
    Machine(Machine&&) noexcept;
    Machine& operator=(Machine&&) noexcept;

    // Apply a buffer of commands at one time (µs) and return their events, which stay valid until
    // the next call. Throws FramingError before anything is applied, MachineStopped on a bug.
    std::span<const uint8_t> apply(int64_t time, std::span<const uint8_t> commands);

    // How many bytes a snapshot takes now.
    size_t snapshot_size() const;
    // Write the whole state as canonical records into a buffer of exactly that size.
    void snapshot(std::span<uint8_t> buffer) const;

    // XXH3-64 chained over all event bytes so far, in pages of 4096.
    uint64_t events_hash() const;
    // How many commands were applied.
    uint64_t sequence() const;
    // The latest time applied, in µs.
    int64_t time() const;
    // When the earliest timer is due, in µs.
    std::optional<int64_t> next_timer() const;

    // Throw MachineStopped unless every invariant holds: money, holds, books, indexes. Slow.
    void check() const;

  private:
    void refuse_if_stopped() const;

    std::unique_ptr<State> state_;
    bool stopped_ = false;
};

}  // namespace flowex
