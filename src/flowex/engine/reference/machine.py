"""The reference machine: number the command, fire timers, dispatch, tell what happened."""

from collections.abc import Callable
from typing import Any, Final

from flowex.engine.machine import MachineStopped
from flowex.engine.reference import (
    accounts,
    amending,
    canonical,
    entering,
    filters,
    instruments,
    limits,
    lists,
    orders,
)
from flowex.engine.reference.state import State, Verdict
from flowex.messages.commands import COMMANDS, CommandKind, Genesis
from flowex.messages.enums import ENTRIES_MAX, EVENTS_HASH_PERIOD
from flowex.messages.events import EventsHash, Result
from flowex.messages.layout import HEADER, RecordError, spans
from flowex.messages.results import ResultCode

_HANDLERS: Final[dict[int, Callable[[State, Any], Verdict]]] = {
    CommandKind.RULES_VERSION: limits.set_rules_version,
    CommandKind.LIMIT_SET: limits.set_limit,
    CommandKind.ASSET_DEFINE: instruments.define_asset,
    CommandKind.INSTRUMENT_DEFINE: instruments.define_instrument,
    CommandKind.INSTRUMENT_UPDATE: instruments.update_instrument,
    CommandKind.INSTRUMENT_STATE: instruments.set_instrument_state,
    CommandKind.ACCOUNT_OPEN: accounts.open_account,
    CommandKind.ACCOUNT_STATE: accounts.set_account_state,
    CommandKind.FEE_SET: accounts.set_fees,
    CommandKind.HALT: limits.halt,
    CommandKind.FILTERS_SET: filters.set_filters,
    CommandKind.FEE_TIER_SET: accounts.set_fee_tier,
    CommandKind.CREDIT: accounts.credit,
    CommandKind.HOLD: accounts.hold,
    CommandKind.SETTLE: accounts.settle,
    CommandKind.RELEASE: accounts.release,
    CommandKind.TRANSFER: accounts.transfer,
    CommandKind.ORDER_PLACE: orders.place,
    CommandKind.ORDER_CANCEL: orders.cancel,
    CommandKind.ORDER_AMEND: amending.amend,
    CommandKind.ORDER_REPLACE: amending.replace,
    CommandKind.ORDER_CANCEL_REPLACE: orders.cancel_replace,
    CommandKind.ORDER_CANCEL_ALL: orders.cancel_all,
    CommandKind.ORDER_LIST_PLACE: lists.place_list,
    CommandKind.ORDER_LIST_CANCEL: lists.cancel_list,
    CommandKind.CLOCK_TICK: lambda _state, _command: Verdict(ResultCode.OK),
}


class ReferenceMachine:
    """Fulfils ``engine.machine.Machine`` in plain Python."""

    engine: Final = "reference"

    def __init__(self, snapshot: bytes | None = None) -> None:
        """Make an empty machine, or the one a snapshot holds (RecordError if it is none)."""
        self.state = State() if snapshot is None else canonical.restore(snapshot)
        self._stopped = False

    @property
    def sequence(self) -> int:
        """How many commands were applied."""
        return self.state.sequence

    @property
    def time(self) -> int:
        """The latest time applied, in µs."""
        return self.state.time

    @property
    def next_timer(self) -> int | None:
        """When the machine wants to be called again, in µs: at once while orders wait to enter."""
        if entering.next_entry(self.state) is not None:
            return self.state.time
        return self.state.timers[0][0] if self.state.timers else None

    @property
    def events_hash(self) -> int:
        """The hash chained over all events so far."""
        return self.state.stream.hash

    def apply(self, time: int, commands: bytes) -> bytes:
        """Apply a buffer of commands at one time; see ``engine.machine.Machine``."""
        if self._stopped:
            raise MachineStopped
        framed = list(spans(commands))
        self.state.time = max(self.state.time, time)
        try:
            for kind, offset, _ in framed:
                self._apply_one(kind, commands, offset)
        except AssertionError as bug:
            self._stopped = True
            raise MachineStopped(f"at sequence {self.state.sequence}: {bug}") from bug
        return self.state.stream.take()

    def snapshot(self) -> bytes:
        """Return the whole state as canonical records; MachineStopped after a bug."""
        if self._stopped:
            raise MachineStopped
        return canonical.export(self.state)

    def _apply_one(self, kind: int, commands: bytes, offset: int) -> None:
        state = self.state
        state.sequence += 1
        entered = entering.run_entries(state, ENTRIES_MAX)
        orders.fire_timers(state)
        verdict = self._handle(kind, commands, offset)
        entering.run_entries(state, ENTRIES_MAX - entered)
        accounts.tell_touched(state)
        self._tell_result(kind, commands, offset, verdict)
        if state.sequence % EVENTS_HASH_PERIOD == 0:
            state.stream.emit(EventsHash(sequence=state.sequence, hash=state.stream.hash))

    def _handle(self, kind: int, commands: bytes, offset: int) -> Verdict:
        declared = COMMANDS.get(kind)
        if declared is None:
            return Verdict(ResultCode.UNKNOWN_COMMAND)
        try:
            command = declared.unpack(commands, offset)
        except RecordError:
            return Verdict(ResultCode.BAD_RECORD)
        if isinstance(command, Genesis):
            return limits.genesis(self.state, command)
        if not self.state.rules_version:
            return Verdict(ResultCode.NO_GENESIS)
        return _HANDLERS[kind](self.state, command)

    def _tell_result(self, kind: int, commands: bytes, offset: int, verdict: Verdict) -> None:
        _, _, _, account, origin = HEADER.unpack_from(commands, offset)
        stream = self.state.stream
        stream.emit(
            Result(
                account=account,
                sequence=self.state.sequence,
                code=verdict.code,
                detail=verdict.detail,
                command_kind=kind,
                origin=origin,
                id=verdict.id,
                time=self.state.time,
                event_number=stream.event_number + 1,
                value=verdict.value,
            )
        )
