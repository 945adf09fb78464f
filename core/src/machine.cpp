// Number the command, fire timers, dispatch, tell what happened.

#include <algorithm>
#include <string>

#include "accounts.h"
#include "amending.h"
#include "canonical.h"
#include "entering.h"
#include "flowex.h"
#include "instruments.h"
#include "invariants.h"
#include "limits.h"
#include "lists.h"
#include "orders.h"
#include "state.h"

namespace flowex {
namespace {

using wire::Header;

size_t size_of(const Header& record) { return record.blocks * size_t{wire::BLOCK}; }

const Header& record_at(std::span<const uint8_t> buffer, size_t offset) {
    return *reinterpret_cast<const Header*>(buffer.data() + offset);
}

// How far ahead of its reading a buffer of commands is asked for.
constexpr size_t PREFETCH_BYTES = 8192;

// Throw FramingError unless block counts add up.
void check_frames(std::span<const uint8_t> buffer) {
    if (buffer.size() % wire::BLOCK) throw FramingError("no whole number of blocks");
    for (size_t offset = 0; offset < buffer.size();) {
        __builtin_prefetch(buffer.data() + offset + PREFETCH_BYTES);
        const unsigned blocks = buffer[offset + 1];
        offset += blocks * size_t{wire::BLOCK};
        if (blocks < 1 || blocks > wire::BLOCKS_MAX || offset > buffer.size()) {
            throw FramingError(std::to_string(blocks) + " blocks up to offset " +
                               std::to_string(offset) + " of " + std::to_string(buffer.size()));
        }
    }
}

template <auto handler, class Command>
Verdict call(State& state, const Header& record) {
    std::conditional_t<std::is_same_v<Command, wire::OrderListPlace>, ListParts, Texts> texts;
    const Command* command = decode<Command>(record, texts);
    if (!command) return {Code::BAD_RECORD};
    if constexpr (!std::is_same_v<Command, wire::Genesis>) {
        if (!state.rules_version) return {Code::NO_GENESIS};
    }
    if constexpr (requires { handler(state, *command, texts); }) {
        return handler(state, *command, texts);
    } else {
        return handler(state, *command);
    }
}

Verdict tick(State&, const wire::ClockTick&) { return {}; }

Verdict handle(State& state, const Header& record) {
    switch (record.kind) {
        case wire::OrderPlace::KIND: return call<place, wire::OrderPlace>(state, record);
        case wire::OrderCancel::KIND: return call<cancel, wire::OrderCancel>(state, record);
        case wire::OrderAmend::KIND: return call<amend, wire::OrderAmend>(state, record);
        case wire::OrderReplace::KIND: return call<replace, wire::OrderReplace>(state, record);
        case wire::OrderCancelReplace::KIND:
            return call<cancel_replace, wire::OrderCancelReplace>(state, record);
        case wire::OrderCancelAll::KIND:
            return call<cancel_all, wire::OrderCancelAll>(state, record);
        case wire::OrderListPlace::KIND:
            return call<place_list, wire::OrderListPlace>(state, record);
        case wire::OrderListCancel::KIND:
            return call<cancel_list, wire::OrderListCancel>(state, record);
        case wire::ClockTick::KIND: return call<tick, wire::ClockTick>(state, record);
        case wire::Credit::KIND: return call<credit, wire::Credit>(state, record);
        case wire::Hold::KIND: return call<hold, wire::Hold>(state, record);
        case wire::Settle::KIND: return call<settle, wire::Settle>(state, record);
        case wire::Release::KIND: return call<release, wire::Release>(state, record);
        case wire::Transfer::KIND: return call<transfer, wire::Transfer>(state, record);
        case wire::AccountOpen::KIND: return call<open_account, wire::AccountOpen>(state, record);
        case wire::SetAccountState::KIND:
            return call<set_account_state, wire::SetAccountState>(state, record);
        case wire::FeeSet::KIND: return call<set_fees, wire::FeeSet>(state, record);
        case wire::FeeTierSet::KIND: return call<set_fee_tier, wire::FeeTierSet>(state, record);
        case wire::FiltersSet::KIND: return call<set_filters, wire::FiltersSet>(state, record);
        case wire::AssetDefine::KIND: return call<define_asset, wire::AssetDefine>(state, record);
        case wire::InstrumentDefine::KIND:
            return call<define_instrument, wire::InstrumentDefine>(state, record);
        case wire::InstrumentUpdate::KIND:
            return call<update_instrument, wire::InstrumentUpdate>(state, record);
        case wire::SetInstrumentState::KIND:
            return call<set_instrument_state, wire::SetInstrumentState>(state, record);
        case wire::Genesis::KIND: return call<genesis, wire::Genesis>(state, record);
        case wire::RulesVersion::KIND:
            return call<set_rules_version, wire::RulesVersion>(state, record);
        case wire::LimitSet::KIND: return call<set_limit, wire::LimitSet>(state, record);
        case wire::Halt::KIND: return call<halt, wire::Halt>(state, record);
        default: return {Code::UNKNOWN_COMMAND};
    }
}

void tell_result(State& state, const Header& record, const Verdict& verdict) {
    auto& event = state.tell<wire::Result>(record.account);
    event.code = static_cast<uint16_t>(verdict.code);
    event.detail = verdict.detail;
    event.command_kind = record.kind;
    event.origin = record.number;
    event.id = verdict.id;
    event.time = state.time;
    event.event_number = state.stream.event_number;
    event.value = verdict.value;
}

void apply_one(State& state, const Header& record) {
    ++state.sequence;
    int entered = 0;
    if (has_entry(state)) [[unlikely]] entered = run_entries(state, wire::ENTRIES_MAX);
    fire_timers(state);
    const Verdict verdict = handle(state, record);
    if (has_entry(state)) [[unlikely]] run_entries(state, wire::ENTRIES_MAX - entered);
    tell_touched(state);
    tell_result(state, record, verdict);
    state.stream.hash_full_pages();
    if (state.sequence % wire::EVENTS_HASH_PERIOD == 0) {
        const uint64_t hash = state.stream.hash();
        state.tell<wire::EventsHash>().hash = hash;
        state.stream.hash_full_pages();
    }
}

}  // namespace

void broken(const char* text) { throw BrokenAssert{text}; }

Machine::Machine() : state_(std::make_unique<State>()) {}
Machine::Machine(std::span<const uint8_t> snapshot) : state_(restore(snapshot)) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

std::span<const uint8_t> Machine::apply(int64_t time, std::span<const uint8_t> commands) {
    refuse_if_stopped();
    check_frames(commands);
    const Aligned aligned(commands);
    State& state = *state_;
    state.time = std::max(state.time, time);
    state.stream.begin();
    // Whatever interrupts a command leaves it half done, so nothing may follow it.
    stopped_ = true;
    try {
        for (size_t offset = 0; offset < commands.size();) {
            const Header& record = record_at(aligned.records, offset);
            apply_one(state, record);
#ifdef FLOWEX_DEBUG
            check_invariants(state);
#endif
            offset += size_of(record);
        }
    } catch (const BrokenAssert& bug) {
        throw MachineStopped("at sequence " + std::to_string(state.sequence) + ": " + bug.text);
    }
    stopped_ = false;
    return state.stream.told();
}

size_t Machine::snapshot_size() const {
    refuse_if_stopped();
    return export_size(*state_);
}

void Machine::snapshot(std::span<uint8_t> buffer) const {
    refuse_if_stopped();
    export_state(*state_, buffer);
}

uint64_t Machine::events_hash() const { return state_->stream.hash(); }
uint64_t Machine::sequence() const { return state_->sequence; }
int64_t Machine::time() const { return state_->time; }

std::optional<int64_t> Machine::next_timer() const {
    if (has_entry(*state_)) return state_->time;
    if (state_->timers.empty()) return {};
    return state_->timers.first_time();
}

void Machine::check() const {
    try {
        check_invariants(*state_);
    } catch (const BrokenAssert& bug) {
        throw MachineStopped(bug.text);
    }
}

void Machine::refuse_if_stopped() const {
    if (stopped_) throw MachineStopped("the machine stopped at an assert");
}

}  // namespace flowex
