"""A small exchange to tell stories on: one instrument, some accounts, short commands.

BTC and USDT have 8 decimals, BTCUSDT counts quantity in 0.00001 BTC and price in 0.001 USDT.
The tick is 0.01 (10 units), the lot 0.001 BTC (100 units), the least notional 5 USDT, fees are
0.1 % (maker 0.05 %) unless a story changes them.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from engines import make

from flowex.engine.invariants import check
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    Genesis,
    InstrumentDefine,
    OrderCancel,
    OrderPlace,
    SetInstrumentState,
)
from flowex.messages.enums import InstrumentState, OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.events import Event, LevelChanged, Result, Traded, decode_events
from flowex.messages.results import ResultCode
from flowex.messages.state import StateAccount, StateBalance, StateOrder, StateRecord, decode_state

BTC, USDT = 1, 2
BTCUSDT = 1
ALICE, BOB, CAROL = 2, 3, 4
TICK, LOT = 10, 100
BTC_ATOMS_PER_LOT = LOT * 1_000
FUNDS_ATOMS = 10**15

E = TypeVar("E", bound=Event)


class Market:
    """Sends commands to a machine and remembers the events; checks invariants after each."""

    def __init__(self, engine: str, genesis: Genesis | None = None, accounts: int = 3) -> None:
        """Open the market with so many funded accounts, ALICE first."""
        self.machine = make(engine)
        self.time = 1_000_000
        self.events: list[Event] = []
        self._source = 0
        self.send(genesis or Genesis(exchange="story"))
        self.send(AssetDefine(code="BTC", decimals=8))
        self.send(AssetDefine(code="USDT", decimals=8))
        self.send(definition())
        self.send(SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.TRADING))
        for account in range(ALICE, ALICE + accounts):
            self.send(AccountOpen())
            self.credit(account, BTC, FUNDS_ATOMS)
            self.credit(account, USDT, FUNDS_ATOMS)

    def send(self, command: Command) -> Result:
        """Apply one command; its events are in ``events``; return its result."""
        self.events = decode_events(self.machine.apply(self.time, command.pack()))
        check(self.state())
        result = self.events[-1]
        assert isinstance(result, Result)
        return result

    def credit(self, account: int, asset: int, amount: int) -> Result:
        """Issue money."""
        self._source += 1
        return self.send(
            Credit(account=account, asset=asset, amount=amount, source_sequence=self._source)
        )

    def limit(self, account: int, side: Side, ticks: int, lots: int, **more: Any) -> Result:
        """Place a LIMIT order, GTC unless told otherwise, at a price in ticks."""
        fields = {"price": ticks * TICK, "quantity": lots * LOT} | more
        return self.send(order(account, side, **fields))

    def buy(self, account: int, ticks: int, lots: int, **more: Any) -> Result:
        """Place a LIMIT order to buy."""
        return self.limit(account, Side.BUY, ticks, lots, **more)

    def sell(self, account: int, ticks: int, lots: int, **more: Any) -> Result:
        """Place a LIMIT order to sell."""
        return self.limit(account, Side.SELL, ticks, lots, **more)

    def market(self, account: int, side: Side, **more: Any) -> Result:
        """Place a MARKET order by ``quantity`` or ``quote_amount``."""
        fields = {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC} | more
        return self.send(order(account, side, **fields))

    def cancel(self, account: int, number: int) -> Result:
        """Cancel an order by number."""
        return self.send(OrderCancel(account=account, order=number))

    def happened(self, kind: type[E]) -> list[E]:
        """Return the last command's events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def trades(self) -> list[tuple[int, int]]:
        """Return the last command's trades as (price in ticks, quantity in lots)."""
        return [(t.price // TICK, t.quantity // LOT) for t in self.happened(Traded)]

    def levels(self) -> list[tuple[int, int, int]]:
        """Return the last command's level changes as (side, price in ticks, quantity in lots)."""
        return [
            (change.side, change.price // TICK, change.quantity // LOT)
            for change in self.happened(LevelChanged)
        ]

    def state(self) -> Sequence[StateRecord]:
        """Return the whole state."""
        return decode_state(self.machine.snapshot())

    def orders(self) -> list[StateOrder]:
        """Return the open orders, as they stand in the book."""
        return [record for record in self.state() if isinstance(record, StateOrder)]

    def balance(self, account: int, asset: int) -> tuple[int, int]:
        """Return (free, held) atoms."""
        for record in self.state():
            if isinstance(record, StateBalance) and (record.account, record.id) == (account, asset):
                return record.free, record.held
        return 0, 0

    def account(self, number: int) -> StateAccount:
        """Return an account's record."""
        return next(
            record
            for record in self.state()
            if isinstance(record, StateAccount) and record.id == number
        )


def definition(**more: int | str) -> InstrumentDefine:
    """Return the definition of BTCUSDT, with changes."""
    fields: dict[str, int | str] = {
        "base_asset": BTC,
        "quote_asset": USDT,
        "quantity_decimals": 5,
        "symbol": "BTCUSDT",
        "price_tick": TICK,
        "quantity_lot": LOT,
        "quantity_min": LOT,
        "quantity_max": 10**9,
        "price_min": TICK,
        "price_max": 10**12,
        "notional_min": 5 * 10**8,
        "maker_rate": 50_000,
        "taker_rate": 100_000,
    }
    return InstrumentDefine(**(fields | more))  # type: ignore[arg-type]  # names and types as declared


def order(account: int, side: Side, **more: Any) -> OrderPlace:
    """Return an OrderPlace on BTCUSDT."""
    fields: dict[str, Any] = {
        "account": account,
        "instrument": BTCUSDT,
        "side": side,
        "self_trade": SelfTrade.EXPIRE_TAKER,
    }
    return OrderPlace(**(fields | more))


def refused(result: Result) -> ResultCode:
    """Return the result's code, which must be a refusal."""
    assert result.code != ResultCode.OK
    return ResultCode(result.code)
