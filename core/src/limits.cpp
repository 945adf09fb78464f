#include "limits.h"

#include <algorithm>

#include "accounts.h"
#include "names.h"

namespace flowex {
namespace {

using wire::Limit;
using wire::Switch;

// How much of what a limit bounds is in use; 0 for limits of a single command or account.
uint64_t in_use(const State& state, Limit limit) {
    switch (limit) {
        case Limit::ACCOUNTS: return state.accounts.size();
        case Limit::ASSETS: return state.assets.size();
        case Limit::INSTRUMENTS: return state.instruments.size();
        case Limit::OPEN_ORDERS: return state.order_table.size();
        case Limit::TIMERS: return state.timers.size();
        case Limit::HOLDS: return state.holds.size();
        case Limit::SOURCES: return state.sources.size();
        case Limit::ACCOUNT_OPEN_ORDERS:
        case Limit::FILLS_PER_COMMAND:
        case Limit::CANCELS_PER_COMMAND:
        case Limit::ACCOUNT_ALGO_ORDERS:
        case Limit::ACCOUNT_ICEBERG_ORDERS:
        case Limit::ACCOUNT_ORDER_LISTS:
        case Limit::TRAILING_ORDERS: break;
    }
    return 0;
}

void tell_switch(State& state, Switch subject, uint64_t value, uint8_t key = 0) {
    auto& event = state.tell<wire::StateChanged>();
    event.subject = static_cast<uint8_t>(subject);
    event.key = key;
    event.value = value;
}

bool is_limit(uint64_t value) { return 0 < value && value <= uint64_t{wire::LIMIT_MAX}; }

}  // namespace

Verdict genesis(State& state, const wire::Genesis& command) {
    if (state.rules_version) return {Code::GENESIS_REPEATED};
    if (command.wire_version != wire::WIRE_VERSION ||
        command.rules_version != wire::RULES_VERSION) {
        return {Code::RULES_UNSUPPORTED};
    }
    if (!is_exchange_name(fixed_text(command.exchange))) return {Code::INVALID_NAME};
    // In the order of wire::Limit.
    const std::array<uint64_t, wire::LIMIT_COUNT> limits = {
        command.accounts,           command.assets,
        command.instruments,        command.open_orders,
        command.account_open_orders, command.fills_per_command,
        command.cancels_per_command, command.timers,
        command.holds,              command.sources,
        command.account_algo_orders, command.account_iceberg_orders,
        command.account_order_lists, command.trailing_orders};
    if (!std::ranges::all_of(limits, is_limit)) return {Code::LIMIT_OUT_OF_RANGE};
    state.limits = limits;
    std::ranges::copy(command.exchange, state.exchange.begin());
    state.rules_version = command.rules_version;
    tell_switch(state, Switch::GENESIS, command.rules_version);
    const Account& fees = add_account(state, 0, 0);
    tell_account(state, fees);
    return {Code::OK, wire::FEE_ACCOUNT};
}

Verdict set_rules_version(State& state, const wire::RulesVersion& command) {
    if (command.rules_version != wire::RULES_VERSION) return {Code::RULES_UNSUPPORTED};
    state.rules_version = command.rules_version;
    for (size_t limit = 0; limit < state.limits.size(); ++limit) {
        if (state.limits[limit] == 0) state.limits[limit] = wire::USUAL_LIMITS[limit];
    }
    tell_switch(state, Switch::RULES, command.rules_version);
    return {};
}

Verdict set_limit(State& state, const wire::LimitSet& command) {
    if (command.limit >= wire::LIMIT_COUNT) return {Code::UNKNOWN_LIMIT};
    const uint64_t used = in_use(state, static_cast<Limit>(command.limit));
    if (!is_limit(command.value) || command.value < used) return {Code::LIMIT_OUT_OF_RANGE};
    state.limits[command.limit] = command.value;
    tell_switch(state, Switch::LIMIT, command.value, command.limit);
    return {};
}

Verdict halt(State& state, const wire::Halt& command) {
    if (command.halted > 1) return {Code::INVALID_STATE};
    state.halted = command.halted;
    tell_switch(state, Switch::HALT, command.halted);
    return {};
}

}  // namespace flowex
