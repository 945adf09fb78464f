"""A small exchange that makes feeds: commands in, a feed's batches out, on the reference machine.

Two instruments (BTCUSDT and ETHBTC) and four funded accounts; random orders collide often.
"""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from flowex.engine.feed import batch_of, outcomes
from flowex.engine.reference.machine import ReferenceMachine
from flowex.messages.commands import (
    AccountOpen,
    AssetDefine,
    Command,
    Credit,
    FeeSet,
    Genesis,
    Hold,
    InstrumentDefine,
    OrderAmend,
    OrderCancel,
    OrderCancelAll,
    OrderCancelReplace,
    OrderPlace,
    OrderReplace,
    Release,
    SetInstrumentState,
    Settle,
    Transfer,
)
from flowex.messages.enums import (
    AmendFlag,
    InstrumentState,
    OrderType,
    SelfTrade,
    Side,
    TimeInForce,
)
from flowex.messages.state import StateRecord, decode_state
from flowex.ports.feed import FeedBatch, FeedConsumer
from flowex.ports.journal import Frame
from flowex.ports.sequencer import Outcome, Priority, ProcessState
from flowex.units.instants import MINUTE, SECOND

BTC, USDT, ETH = 1, 2, 3
BTCUSDT, ETHBTC = 1, 2
ACCOUNTS = (2, 3, 4, 5)
BEGINNING = 1_700_000_000 * SECOND
FUNDS_ATOMS = 10**13

_PRICES = {BTCUSDT: 60_000_000, ETHBTC: 5_000}
_SOURCE = 7


class Exchange:
    """Applies commands, one frame at a time, and keeps the batches of its feed."""

    def __init__(self, *, funded: bool = True) -> None:
        self.machine = ReferenceMachine()
        self.time = BEGINNING
        self.batches: list[FeedBatch] = []
        if funded:
            self.frame(opening())

    def frame(self, commands: Iterable[Command], after: int = SECOND) -> FeedBatch:
        """Apply the commands as one frame, so many µs after the last."""
        packed = [command.pack() for command in commands]
        self.time += after
        first = self.machine.sequence + 1
        frame = Frame(first, len(packed), self.time, 1, b"".join(packed))
        batch = batch_of(frame, self.machine.apply(frame.time, frame.commands))
        self.batches.append(batch)
        return batch

    def state(self) -> Sequence[StateRecord]:
        """Return the machine's whole state."""
        return decode_state(self.machine.snapshot())


def opening() -> list[Command]:
    """Return the commands that define everything and fund everybody."""
    commands: list[Command] = [
        Genesis(exchange="feeds", cancels_per_command=5),
        AssetDefine(code="BTC", decimals=8),
        AssetDefine(code="USDT", decimals=8),
        AssetDefine(code="ETH", decimals=8),
        instrument("BTCUSDT", BTC, USDT, 5),
        instrument("ETHBTC", ETH, BTC, 3),
        SetInstrumentState(instrument=BTCUSDT, state=InstrumentState.TRADING),
        SetInstrumentState(instrument=ETHBTC, state=InstrumentState.TRADING),
    ]
    number = 0
    for account in ACCOUNTS:
        commands.append(AccountOpen(trade_group=1 if account in ACCOUNTS[:2] else 0))
        for asset in (BTC, USDT, ETH):
            number += 1
            amount = FUNDS_ATOMS * (100 if asset == USDT else 1)
            commands.append(
                Credit(account=account, asset=asset, amount=amount, source_sequence=number)
            )
    return commands


def instrument(symbol: str, base: int, quote: int, quantity_decimals: int) -> InstrumentDefine:
    """Return the definition of a market with filters, ticks of 10 and lots of 10."""
    return InstrumentDefine(
        base_asset=base,
        quote_asset=quote,
        quantity_decimals=quantity_decimals,
        symbol=symbol,
        price_tick=10,
        price_min=10,
        price_max=10**11,
        quantity_lot=10,
        quantity_min=10,
        quantity_max=10**9,
        notional_min=1_000,
        maker_rate=50_000,
        taker_rate=100_000,
    )


def place(account: int, side: int, ticks: int, lots: int, **more: int | str) -> OrderPlace:
    """Return a LIMIT order so many ticks from the market's middle, unless told otherwise."""
    market = int(more.get("instrument", BTCUSDT))
    fields: dict[str, int | str] = {
        "account": account,
        "instrument": market,
        "side": side,
        "price": _PRICES[market] + 10 * ticks,
        "quantity": 10 * lots,
    }
    return OrderPlace(**(fields | more))  # type: ignore[arg-type]  # names and types as declared


def market(account: int, side: int, **more: int | str) -> OrderPlace:
    """Return a MARKET order by ``quantity`` or ``quote_amount``."""
    fields: dict[str, int | str] = {
        "account": account,
        "instrument": BTCUSDT,
        "side": side,
        "order_type": OrderType.MARKET,
        "time_in_force": TimeInForce.IOC,
    }
    return OrderPlace(**(fields | more))  # type: ignore[arg-type]  # names and types as declared


ACCOUNT = st.sampled_from(ACCOUNTS)
MARKET = st.sampled_from((BTCUSDT, ETHBTC))
ORDER = st.integers(1, 60)
CLIENT_ID = st.sampled_from(("", "", "a", "b", "c"))

_limit = st.builds(
    place,
    account=ACCOUNT,
    side=st.sampled_from(Side),
    ticks=st.integers(-4, 4),
    lots=st.integers(0, 9),
    instrument=MARKET,
    order_type=st.sampled_from((OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT_MAKER)),
    time_in_force=st.sampled_from((0, 0, 0, 1, 2)),
    self_trade=st.sampled_from(SelfTrade),
    client_id=CLIENT_ID,
)
_dated = st.builds(
    place,
    account=ACCOUNT,
    side=st.sampled_from(Side),
    ticks=st.integers(-4, 4),
    lots=st.integers(1, 9),
    instrument=MARKET,
    time_in_force=st.just(TimeInForce.GTD),
    expire_time=st.integers(0, 200).map(lambda seconds: BEGINNING + seconds * SECOND),
)
_by_quantity = st.builds(
    market,
    account=ACCOUNT,
    side=st.sampled_from(Side),
    instrument=MARKET,
    quantity=st.integers(1, 20).map(lambda lots: lots * 10),
    self_trade=st.sampled_from(SelfTrade),
)
_by_quote = st.builds(
    market,
    account=ACCOUNT,
    side=st.sampled_from(Side),
    instrument=MARKET,
    quote_amount=st.integers(1, 10**11),
    self_trade=st.sampled_from(SelfTrade),
)
_change = st.one_of(
    st.builds(OrderCancel, account=ACCOUNT, order=ORDER, client_id=CLIENT_ID),
    st.builds(OrderCancelAll, account=ACCOUNT, instrument=st.sampled_from((0, 1, 2))),
    st.builds(
        OrderAmend,
        account=ACCOUNT,
        order=ORDER,
        quantity=st.integers(1, 8).map(lambda lots: lots * 10),
        flags=st.sampled_from((0, int(AmendFlag.REDUCE_BY))),
    ),
    st.builds(
        OrderReplace,
        account=ACCOUNT,
        order=ORDER,
        price=st.integers(-4, 4).map(lambda ticks: 60_000_000 + ticks * 10),
        quantity=st.integers(0, 9).map(lambda lots: lots * 10),
    ),
    st.builds(
        OrderCancelReplace,
        account=ACCOUNT,
        instrument=st.just(BTCUSDT),
        side=st.sampled_from(Side),
        price=st.integers(-4, 4).map(lambda ticks: 60_000_000 + ticks * 10),
        quantity=st.integers(1, 9).map(lambda lots: lots * 10),
        mode=st.sampled_from((0, 1)),
        cancel_order=ORDER,
        client_id=CLIENT_ID,
    ),
)
_numbered = {"source": st.just(_SOURCE), "source_sequence": st.integers(1, 6)}
_of_an_asset = {
    "account": ACCOUNT,
    "asset": st.integers(1, 3),
    "amount": st.integers(1, 10**9),
    **_numbered,
}
_of_a_hold = {
    "account": ACCOUNT,
    "hold": st.integers(1, 3),
    "amount": st.integers(1, 10**8),
    **_numbered,
}
_money = st.one_of(
    st.builds(Credit, **_of_an_asset),
    st.builds(Hold, **_of_an_asset),
    st.builds(Settle, **_of_a_hold),
    st.builds(Release, **_of_a_hold),
    st.builds(Transfer, to_account=ACCOUNT, **_of_an_asset),
    st.builds(FeeSet, account=ACCOUNT, maker_rate=st.just(1), taker_rate=st.just(333_333)),
)

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    _limit, _limit, _limit, _limit, _dated, _by_quantity, _by_quote, _change, _change, _money
)
FRAMES = st.lists(
    st.tuples(
        st.lists(COMMANDS, min_size=1, max_size=6),
        st.sampled_from((1, SECOND, 7 * SECOND, MINUTE, 61 * MINUTE, 25 * 60 * MINUTE)),
    ),
    min_size=1,
    max_size=30,
)
"""Frames of commands, each with how many µs after the last it comes."""


def run(frames: Sequence[tuple[Sequence[Command], int]]) -> Exchange:
    """Return an exchange that went through the frames."""
    exchange = Exchange()
    for commands, after in frames:
        exchange.frame(commands, after)
    return exchange


class DirectSequencer:
    """Fulfils the sequencer's port: one command, one frame, told to the consumers."""

    def __init__(self, exchange: Exchange) -> None:
        self.state = ProcessState.TRADING
        self.consumers: list[FeedConsumer] = []
        self.priorities: list[Priority] = []
        self._exchange = exchange

    async def submit(
        self,
        command: Command,
        *,
        priority: Priority = Priority.ORDER,
        deadline: int | None = None,
    ) -> Outcome:
        """Apply the command at once."""
        self.priorities.append(priority)
        batch = self._exchange.frame([command])
        for consumer in self.consumers:
            consumer.apply(batch)
        return next(outcomes(batch))
