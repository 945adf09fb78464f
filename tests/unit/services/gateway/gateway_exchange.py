"""A small whole exchange for the gateway's tests: the reference machine behind the gateway's ports.

No journal, no threads: a command is applied as it is submitted. What the real rooms keep in
history, this one keeps in lists.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from flowex.adapters.clock.manual import ManualClock
from flowex.adapters.entropy.seeded import SeededEntropy
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages import commands
from flowex.messages.enums import InstrumentState, Side
from flowex.messages.events import Event, LevelChanged, Result, Traded, decode_events
from flowex.messages.results import ResultCode
from flowex.ports.feed import FeedBatch
from flowex.ports.keys import ApiKey, Permission
from flowex.ports.market_data import (
    AggregateTrade,
    Depth,
    DepthChange,
    Kline,
    MarketUpdate,
    PublicTrade,
    Ticker,
)
from flowex.ports.sequencer import Outcome, ProcessState
from flowex.ports.status import Status
from flowex.ports.trading import AccountView, Balance, Fill, Instrument, OrderView
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.service import Gateway, GatewayOptions
from flowex.services.trading.read_model import ReadModel

NOW = 1_700_000_000_000_000
HMAC_SECRET = b"FlowExTestSecret0123456789abcdefFlowExTestSecret0123456789abcdef"
KEYS = {name: name.ljust(64, "0") for name in ("alice", "bob", "reader", "edward", "faraway")}
ED25519_PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")


class Keys:
    """Alice and Bob sign with HMAC, Edward (Bob's account) with Ed25519; the reader only reads."""

    def __init__(self) -> None:
        both = Permission.READ | Permission.TRADE
        rows = (
            ApiKey(KEYS["alice"], 2, both, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["bob"], 3, both, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["reader"], 2, Permission.READ, hmac_secret=HMAC_SECRET),
            ApiKey(KEYS["edward"], 3, both, ed25519_public=ED25519_PUBLIC),
            ApiKey(KEYS["faraway"], 2, both, hmac_secret=HMAC_SECRET, addresses=("10.0.0.0/8",)),
        )
        self._rows = {row.key: row for row in rows}

    def find(self, key: str) -> ApiKey | None:
        return self._rows.get(key)


class Market:
    """Books, trades and candles straight from the events."""

    def __init__(self) -> None:
        self.books: dict[int, tuple[dict[int, int], dict[int, int]]] = {}
        self.last_update: dict[int, int] = {}
        self.tape: dict[int, list[PublicTrade]] = {}
        self.listeners: list[Callable[[MarketUpdate], None]] = []

    def apply(self, events: Sequence[Event], time: int) -> None:
        instruments = {e.instrument for e in events if isinstance(e, LevelChanged | Traded)}
        for number in sorted(instruments):
            trades = [
                self._trade(e, time)
                for e in events
                if isinstance(e, Traded) and e.instrument == number
            ]
            self.tape.setdefault(number, []).extend(trades)
            levels = [e for e in events if isinstance(e, LevelChanged) and e.instrument == number]
            update = MarketUpdate(
                number,
                time,
                trades,
                [self._aggregate(t) for t in trades],
                self._depth(levels, time),
            )
            for listener in tuple(self.listeners):
                listener(update)

    @staticmethod
    def _trade(e: Traded, time: int) -> PublicTrade:
        buyer, seller = e.taker_order, e.maker_order
        if e.taker_side == Side.SELL:
            buyer, seller = seller, buyer
        is_maker = e.taker_side == Side.SELL
        return PublicTrade(
            e.trade, e.price, e.quantity, e.quote_amount, time, is_maker, buyer, seller
        )

    @staticmethod
    def _aggregate(t: PublicTrade) -> AggregateTrade:
        return AggregateTrade(
            t.trade, t.price, t.quantity, t.trade, t.trade, t.time, t.buyer_is_maker
        )

    def _depth(self, levels: list[LevelChanged], time: int) -> DepthChange | None:
        if not levels:
            return None
        changed: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for e in levels:
            book = self.books.setdefault(e.instrument, ({}, {}))[e.side]
            changed[e.side][e.price] = e.quantity
            if e.quantity:
                book[e.price] = e.quantity
            else:
                book.pop(e.price, None)
        self.last_update[levels[0].instrument] = levels[-1].update
        bids, asks = (tuple(side.items()) for side in changed)
        return DepthChange(levels[0].update, levels[-1].update, time, bids, asks)

    def depth(self, instrument: int, limit: int) -> Depth:
        bids, asks = self.books.get(instrument, ({}, {}))
        return Depth(
            self.last_update.get(instrument, 0),
            sorted(bids.items(), reverse=True)[:limit],
            sorted(asks.items())[:limit],
        )

    def trades(
        self, instrument: int, limit: int, from_trade: int | None = None
    ) -> list[PublicTrade]:
        tape = self.tape.get(instrument, [])
        if from_trade is None:
            return tape[-limit:]
        return [t for t in tape if t.trade >= from_trade][:limit]

    def aggregates(
        self,
        instrument: int,
        limit: int,
        from_aggregate: int | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[AggregateTrade]:
        return [self._aggregate(t) for t in self.trades(instrument, limit, from_aggregate)]

    def klines(
        self,
        instrument: int,
        interval: int,
        limit: int,
        start_time: int | None = None,
        end_time: int | None = None,
    ) -> list[Kline]:
        candles: dict[int, list[PublicTrade]] = {}
        for t in self.tape.get(instrument, []):
            candles.setdefault(t.time - t.time % interval, []).append(t)
        low, high = start_time or 0, end_time or 1 << 62
        rows = [self._kline(k, interval, v) for k, v in candles.items() if low <= k <= high]
        return rows[-limit:] if start_time is None else rows[:limit]

    @staticmethod
    def _kline(start: int, interval: int, trades: list[PublicTrade]) -> Kline:
        prices = [t.price for t in trades]
        bought = [t for t in trades if not t.buyer_is_maker]
        return Kline(
            start,
            start + interval - 1_000,
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            sum(t.quantity for t in trades),
            sum(t.quote_amount for t in trades),
            len(trades),
            sum(t.quantity for t in bought),
            sum(t.quote_amount for t in bought),
            trades[0].trade,
            trades[-1].trade,
        )

    def ticker(self, instrument: int) -> Ticker:
        tape = self.tape.get(instrument, [])
        if not tape:
            return Ticker(NOW - 86_400_000_000, NOW, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0)
        prices = [t.price for t in tape]
        return Ticker(
            NOW - 86_400_000_000,
            NOW,
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            tape[-1].quantity,
            prices[0],
            sum(t.quantity for t in tape),
            sum(t.quote_amount for t in tape),
            tape[0].trade,
            tape[-1].trade,
            len(tape),
        )

    def last_price(self, instrument: int) -> int:
        tape = self.tape.get(instrument)
        return tape[-1].price if tape else 0

    def follow(self, listener: Callable[[MarketUpdate], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


class Trading:
    """The reference machine and the trading room's own read model, without a journal between."""

    def __init__(self, clock: ManualClock, market: Market) -> None:
        self.machine = ReferenceMachine()
        self.model = ReadModel()
        self.model.seed(())
        self.clock = clock
        self.market = market
        self.submitted: list[tuple[commands.Command, int | None]] = []
        self.next_code: ResultCode | None = None
        self.waits: asyncio.Event | None = None

    def apply(self, command: commands.Command) -> Outcome:
        first = self.machine.sequence
        now = self.clock.now()
        events = decode_events(self.machine.apply(now, command.pack()))
        self.model.apply(FeedBatch(first + 1, self.machine.sequence, now, events))
        self.market.apply(events, now)
        result = next(e for e in events if isinstance(e, Result))
        return Outcome(ResultCode(result.code), self.machine.sequence, now, events, result)

    async def _submit(self, command: Any, deadline: int | None = None) -> Outcome:
        self.submitted.append((command, deadline))
        if self.waits is not None:
            await self.waits.wait()
        if self.next_code is not None:
            code, self.next_code = self.next_code, None
            return Outcome(code, 0, 0, (), None)
        return self.apply(command)

    place = cancel = amend = replace = cancel_replace = cancel_all = _submit

    def instruments(self) -> Sequence[Instrument]:
        return list(self.model.directory.instruments.values())

    def instrument(self, symbol: str) -> Instrument | None:
        return self.model.directory.by_symbol.get(symbol)

    def assets(self) -> Any:
        return list(self.model.directory.assets.values())

    def check(self, command: Any) -> ResultCode:
        return ResultCode.OK

    def order(self, account: int, instrument: int, order: int) -> OrderView | None:
        view = self.model.orders.views.get(order)
        is_own = view and view.account == account and view.instrument == instrument
        return view if is_own else None

    def order_by_client_id(self, account: int, instrument: int, client_id: str) -> OrderView | None:
        return self.model.accounts[account].by_client_id.get((instrument, client_id))

    def open_orders(self, account: int, instrument: int | None = None) -> list[OrderView]:
        views = self.model.accounts[account].open.values()
        return [v for v in views if instrument in (None, v.instrument)]

    def balances(self, account: int) -> list[Balance]:
        assets = self.model.directory.assets
        known = self.model.accounts[account].balances
        return [Balance(assets[number], *amounts) for number, amounts in sorted(known.items())]

    def account(self, account: int) -> AccountView | None:
        known = self.model.accounts.get(account)
        if known is None:
            return None
        return AccountView(
            account, known.state, known.maker_rate, known.taker_rate, known.update_time
        )

    async def find_order(
        self, account: int, instrument: int, order: int = 0, client_id: str = ""
    ) -> OrderView | None:
        if order:
            return self.order(account, instrument, order)
        return self.order_by_client_id(account, instrument, client_id)

    async def all_orders(
        self, account: int, instrument: int, *, limit: int, **bounds: Any
    ) -> list[OrderView]:
        views = self.model.orders.views.values()
        return [v for v in views if v.account == account and v.instrument == instrument][-limit:]

    async def fills(
        self, account: int, instrument: int, *, limit: int, **bounds: Any
    ) -> list[Fill]:
        fills = [Fill(*row) for row in self.model.fills]
        own = [f for f in fills if f.account == account and f.instrument == instrument]
        order = bounds.get("order")
        return [f for f in own if order in (None, f.order)][-limit:]

    def follow(self, account: int, listener: Any) -> Callable[[], None]:
        return self.model.follow(account, listener)


class Stand:
    """The exchange, with BTCUSDT and ETHBTC open and accounts 2 and 3 funded."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.market = Market()
        self.trading = Trading(self.clock, self.market)
        self.state = ProcessState.TRADING
        self.failed: dict[str, str] = {}
        for command in found():
            outcome = self.trading.apply(command)
            assert outcome.code == ResultCode.OK, (command, outcome.code)
        self.exchange = Exchange(
            self.trading,
            self.market,
            Keys(),
            self.clock,
            SeededEntropy(1),
            self,
        )

    def status(self) -> Status:
        machine = self.trading.machine
        return Status(
            self.state,
            machine.engine,
            "flowex-test",
            "0",
            machine.sequence,
            self.clock.now(),
            machine.sequence,
            0,
            0,
            {"ledger": 0},
            self.failed,
        )


def found() -> list[commands.Command]:
    """Return the commands that make the stand's world."""
    btcusdt = commands.InstrumentDefine(
        base_asset=1,
        quote_asset=2,
        quantity_decimals=5,
        maker_rate=100_000,
        taker_rate=100_000,
        price_tick=10,
        price_min=10,
        price_max=1_000_000_000,
        quantity_lot=1,
        quantity_min=1,
        quantity_max=900_000_000,
        notional_min=500_000_000,
        symbol="BTCUSDT",
    )
    ethbtc = commands.InstrumentDefine(
        base_asset=3,
        quote_asset=1,
        quantity_decimals=3,
        price_tick=1,
        notional_min=10_000,
        symbol="ETHBTC",
    )
    world: list[commands.Command] = [
        commands.Genesis(),
        *(commands.AssetDefine(code=code, decimals=8) for code in ("BTC", "USDT", "ETH")),
        btcusdt,
        ethbtc,
        *(
            commands.SetInstrumentState(instrument=number, state=InstrumentState.TRADING)
            for number in (1, 2)
        ),
        commands.AccountOpen(),
        commands.AccountOpen(),
    ]
    number = 0
    for account in (2, 3):
        for asset, whole in ((1, 100), (2, 5_000_000), (3, 1_000)):
            number += 1
            credit = commands.Credit(
                account=account,
                asset=asset,
                amount=whole * 10**8,
                source=1,
                source_sequence=number,
            )
            world.append(credit)
    return world


@contextlib.asynccontextmanager
async def serving(
    stand: Stand, options: GatewayOptions | None = None
) -> AsyncIterator[tuple[Gateway, int]]:
    """Run a gateway on a free port; give it and the port."""
    gateway = Gateway(stand.exchange, options=options)
    port = await gateway.start(port=0)
    try:
        yield gateway, port
    finally:
        await gateway.stop()
