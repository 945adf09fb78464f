// Genesis, rules version, limits and the halt switch.
#pragma once

#include "state.h"

namespace flowex {

Verdict genesis(State& state, const wire::Genesis& command);
Verdict set_rules_version(State& state, const wire::RulesVersion& command);
Verdict set_limit(State& state, const wire::LimitSet& command);
Verdict halt(State& state, const wire::Halt& command);

}  // namespace flowex
