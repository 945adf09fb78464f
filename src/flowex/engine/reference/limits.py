"""Genesis, rules version, limits and the halt switch."""

from flowex.engine.reference.names import is_exchange_name
from flowex.engine.reference.state import Account, State, Verdict
from flowex.messages.commands import Genesis, Halt, LimitSet, RulesVersion
from flowex.messages.enums import (
    FEE_ACCOUNT,
    LIMIT_MAX,
    RULES_VERSION,
    WIRE_VERSION,
    Limit,
    Switch,
)
from flowex.messages.events import AccountChanged, StateChanged
from flowex.messages.results import ResultCode


def genesis(state: State, command: Genesis) -> Verdict:
    """Begin an exchange.

    Refusals, first that applies: GENESIS_REPEATED, RULES_UNSUPPORTED, INVALID_NAME,
    LIMIT_OUT_OF_RANGE.
    """
    if state.rules_version:
        return Verdict(ResultCode.GENESIS_REPEATED)
    if (command.wire_version, command.rules_version) != (WIRE_VERSION, RULES_VERSION):
        return Verdict(ResultCode.RULES_UNSUPPORTED)
    if not is_exchange_name(command.exchange):
        return Verdict(ResultCode.INVALID_NAME)
    limits = [getattr(command, limit.name.lower()) for limit in Limit]
    if not all(0 < value <= LIMIT_MAX for value in limits):
        return Verdict(ResultCode.LIMIT_OUT_OF_RANGE)
    state.limits = limits
    state.exchange = command.exchange
    state.rules_version = command.rules_version
    _tell(state, Switch.GENESIS, command.rules_version)
    state.accounts[FEE_ACCOUNT] = Account(FEE_ACCOUNT)
    state.stream.emit(
        AccountChanged(account=FEE_ACCOUNT, sequence=state.sequence, maker_rate=-1, taker_rate=-1)
    )
    return Verdict(ResultCode.OK, id=FEE_ACCOUNT)


def set_rules_version(state: State, command: RulesVersion) -> Verdict:
    """Mark an upgrade of the rules; limits they bring get their usual values.

    Refusal: RULES_UNSUPPORTED.
    """
    if command.rules_version != RULES_VERSION:
        return Verdict(ResultCode.RULES_UNSUPPORTED)
    state.rules_version = command.rules_version
    usual = Genesis()
    state.limits = [
        value or getattr(usual, limit.name.lower())
        for limit, value in zip(Limit, state.limits, strict=True)
    ]
    _tell(state, Switch.RULES, command.rules_version)
    return Verdict(ResultCode.OK)


def set_limit(state: State, command: LimitSet) -> Verdict:
    """Change a limit. Refusals: UNKNOWN_LIMIT, LIMIT_OUT_OF_RANGE (0, too high, below use)."""
    if command.limit >= len(Limit):
        return Verdict(ResultCode.UNKNOWN_LIMIT)
    if not max(1, _in_use(state, Limit(command.limit))) <= command.value <= LIMIT_MAX:
        return Verdict(ResultCode.LIMIT_OUT_OF_RANGE)
    state.limits[command.limit] = command.value
    _tell(state, Switch.LIMIT, command.value, command.limit)
    return Verdict(ResultCode.OK)


def halt(state: State, command: Halt) -> Verdict:
    """Stop or resume new orders. Refusal: INVALID_STATE."""
    if command.halted > 1:
        return Verdict(ResultCode.INVALID_STATE)
    state.halted = bool(command.halted)
    _tell(state, Switch.HALT, command.halted)
    return Verdict(ResultCode.OK)


def _in_use(state: State, limit: Limit) -> int:
    counts = {
        Limit.ACCOUNTS: len(state.accounts),
        Limit.ASSETS: len(state.assets),
        Limit.INSTRUMENTS: len(state.instruments),
        Limit.OPEN_ORDERS: len(state.orders),
        Limit.TIMERS: len(state.timers),
        Limit.HOLDS: len(state.holds),
        Limit.SOURCES: len(state.sources),
    }
    return counts.get(limit, 0)


def _tell(state: State, switch: Switch, value: int, key: int = 0) -> None:
    state.stream.emit(StateChanged(sequence=state.sequence, subject=switch, key=key, value=value))
