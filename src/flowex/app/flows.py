"""Turns recorded order flow into wire commands for an instrument made for it.

The exchange of a replay is small: two assets, one instrument whose units are the recording's own,
so that every price and quantity is exact, and accounts with more money than they can use. Bids
belong to the even accounts and asks to the odd ones, so that nobody meets himself while the check
for it runs. The machine numbers accepted orders 1, 2, 3 ..., so a cancel can name its order before
anything was applied; `expected_ids` lets whoever applies the commands verify that it was so.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final, NamedTuple

from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderAmend,
    OrderCancel,
    OrderPlace,
    OrderReplace,
    SetInstrumentState,
)
from flowex.messages.enums import (
    FEE_ACCOUNT,
    AmendFlag,
    InstrumentState,
    OrderType,
    SelfTrade,
    TimeInForce,
)
from flowex.ports.flow import Action, FlowError, FlowSource, Kind
from flowex.units.integers import SUPPLY_MAX

FORMATS: Final = ("bitstamp", "commands", "mbo", "generated")
"""The formats of recordings; each is read by the flow adapter of that name."""

BASE_DECIMALS: Final = 8
FEE_RATE: Final = 100_000
"""0.1 % for maker and taker: enough for the fee of every fill to be computed."""

_BASE, _QUOTE, _INSTRUMENT, _SOURCE = 1, 2, 1, 1
_FIRST_ACCOUNT: Final = FEE_ACCOUNT + 1
_NO_ORDER: Final = 1 << 62
"""An order number that no machine reaches, for actions on orders that were never placed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a flow becomes commands; anything that changes the answer's hashes is here."""

    accounts: int = 10_000
    """An even number: half of them buy, half sell."""
    batch: int = 1_000
    """Commands per buffer."""
    prefill: int = 0
    """This many first commands fill the book and are not timed."""


class Batch(NamedTuple):
    """Commands that are applied together."""

    content: bytes
    commands: int
    is_timed: bool


@dataclass(slots=True)
class Script:
    """A flow as packed wire commands, ready to be applied."""

    setup: bytes = b""
    """Genesis to funded accounts."""
    batches: list[Batch] = field(default_factory=list)
    expected_ids: "array[int]" = field(default_factory=lambda: array("Q"))
    """For each command of the batches: the number its order will get, or 0 if it places none."""


def open_flow(kind: str, name: str) -> FlowSource:
    """Open a recording of one of `FORMATS`; raise `FlowError` when it cannot be used."""
    try:
        adapter = import_module(f"flowex.adapters.flow.{kind}")
    except ImportError as error:
        hint = f"the format {kind} needs {error.name}: pip install 'flowex-exchange[{kind}]'"
        raise FlowError(hint) from error
    source: FlowSource = adapter.open_flow(name)
    return source


def write_script(source: FlowSource, plan: Plan, advance: Callable[[int], None]) -> Script:
    """Pack a whole flow; `advance` is told the number of commands packed since it was last."""
    writer, script = _Writer(plan), Script()
    script.setup = b"".join(command.pack() for command in setup(source, plan))
    pieces: list[bytes] = []
    for action in source.actions():
        pieces.append(writer.pack(action, script.expected_ids))
        packed = len(script.expected_ids)
        if len(pieces) == plan.batch or packed in (plan.prefill, source.length):
            is_timed = packed > plan.prefill
            script.batches.append(Batch(b"".join(pieces), len(pieces), is_timed))
            advance(len(pieces))
            pieces.clear()
    return script


def setup(source: FlowSource, plan: Plan) -> Iterator[Command]:
    """Yield the commands that make the exchange of a replay."""
    orders = max(source.length, 1)
    yield Genesis(
        exchange="replay",
        accounts=plan.accounts + _FIRST_ACCOUNT,
        open_orders=orders,
        account_open_orders=orders,
        fills_per_command=orders,
    )
    yield AssetDefine(code="BASE", decimals=max(BASE_DECIMALS, source.quantity_decimals))
    yield AssetDefine(code="QUOTE", decimals=source.price_decimals + source.quantity_decimals)
    yield InstrumentDefine(
        base_asset=_BASE,
        quote_asset=_QUOTE,
        quantity_decimals=source.quantity_decimals,
        maker_rate=FEE_RATE,
        taker_rate=FEE_RATE,
        symbol="FLOW",
    )
    yield SetInstrumentState(instrument=_INSTRUMENT, state=InstrumentState.TRADING)
    for _ in range(plan.accounts):
        yield AccountOpen()
    for index in range(plan.accounts):
        yield Credit(
            account=_FIRST_ACCOUNT + index,
            asset=_BASE if index % 2 else _QUOTE,
            amount=SUPPLY_MAX // plan.accounts * 2,
            source=_SOURCE,
            source_sequence=index + 1,
        )


class _Writer:
    """Turns one action after another into a packed command."""

    def __init__(self, plan: Plan) -> None:
        self._pairs = plan.accounts // 2
        self._last_order = 0
        self._order_of: dict[int, tuple[int, int]] = {}

    def pack(self, action: Action, expected_ids: "array[int]") -> bytes:
        """Pack an action and note the order number it expects."""
        if action.kind in (Kind.PLACE, Kind.TAKE):
            self._last_order += 1
            expected_ids.append(self._last_order)
            return self._place(action).pack()
        expected_ids.append(0)
        return self._change(action).pack()

    def _place(self, action: Action) -> Command:
        number = self._last_order
        account = _FIRST_ACCOUNT + number % self._pairs * 2 + action.side
        if action.kind is Kind.PLACE:
            self._order_of[action.order_id] = (number, account)
        return OrderPlace(
            account=account,
            instrument=_INSTRUMENT,
            side=action.side,
            order_type=OrderType.LIMIT if action.price is not None else OrderType.MARKET,
            time_in_force=TimeInForce.GTC if action.kind is Kind.PLACE else TimeInForce.IOC,
            self_trade=SelfTrade.EXPIRE_TAKER,
            price=action.price or 0,
            quantity=action.quantity,
            client_id=str(number),
        )

    def _change(self, action: Action) -> Command:
        number, account = self._order_of.get(action.order_id, (_NO_ORDER, _FIRST_ACCOUNT))
        if action.kind is Kind.CANCEL:
            return OrderCancel(account=account, instrument=_INSTRUMENT, order=number)
        if action.kind is Kind.REDUCE:
            return OrderAmend(
                flags=AmendFlag.REDUCE_BY,
                account=account,
                instrument=_INSTRUMENT,
                order=number,
                quantity=action.quantity,
            )
        return OrderReplace(
            account=account, instrument=_INSTRUMENT, order=number, price=action.price or 0
        )
