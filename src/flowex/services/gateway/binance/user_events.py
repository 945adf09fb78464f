"""User stream messages: what happened to an account, in the dialect's one-letter words."""

from typing import Final, Literal

import msgspec

from flowex.messages.enums import EndReason, SelfTrade, TriggerCause, Wallet
from flowex.messages.events import (
    BalanceChanged,
    FundsMoved,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    OrderTriggered,
    SelfTradePrevented,
    Traded,
)
from flowex.ports.clock import Clock
from flowex.ports.trading import (
    NO_CONDITIONS,
    AccountEvent,
    Asset,
    Fill,
    Instrument,
    OrderListView,
    OrderView,
    Trading,
)
from flowex.services.gateway.amounts import ZERO, padded
from flowex.services.gateway.binance import words


class ExecutionReport(msgspec.Struct, kw_only=True):
    """``executionReport``: an order's step, with all that is known of the order."""

    e: Literal["executionReport"] = "executionReport"
    E: int
    s: str
    c: str
    S: str
    o: str
    f: str
    q: str
    p: str
    P: str = ZERO
    F: str = ZERO
    g: int = words.NO_LIST
    C: str = ""
    x: str
    X: str
    r: str = "NONE"
    i: int
    l: str = ZERO  # noqa: E741 - the dialect's word
    z: str
    L: str = ZERO
    n: str = "0"
    N: str | None = None
    T: int
    t: int = -1
    I: int  # noqa: E741 - the dialect's word
    w: bool
    m: bool = False
    M: bool = False
    O: int  # noqa: E741 - the dialect's word
    Z: str
    Y: str = ZERO
    Q: str
    W: int | msgspec.UnsetType = msgspec.UNSET
    V: str
    v: int | msgspec.UnsetType = msgspec.UNSET
    A: str | msgspec.UnsetType = msgspec.UNSET
    B: str | msgspec.UnsetType = msgspec.UNSET
    u: int | msgspec.UnsetType = msgspec.UNSET
    U: int | msgspec.UnsetType = msgspec.UNSET
    d: int | msgspec.UnsetType = msgspec.UNSET
    D: int | msgspec.UnsetType = msgspec.UNSET
    j: int | msgspec.UnsetType = msgspec.UNSET
    J: int | msgspec.UnsetType = msgspec.UNSET
    eR: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - the dialect's word


class ListedOrder(msgspec.Struct):
    """An order of ``listStatus``."""

    s: str
    i: int
    c: str


class ListStatusReport(msgspec.Struct, kw_only=True):
    """``listStatus``: an order list began or has no open order left."""

    e: Literal["listStatus"] = "listStatus"
    E: int
    s: str
    g: int
    c: str
    l: str  # noqa: E741 - the dialect's word
    L: str
    r: str = "NONE"
    C: str
    T: int
    O: list[ListedOrder]  # noqa: E741 - the dialect's word


_ENCODE: Final = msgspec.json.Encoder().encode


class UserEvents:
    """Renders account events; fulfils ``user_streams.Renderer``."""

    def __init__(self, trading: Trading, clock: Clock) -> None:
        """Look instruments and assets up in the trading room."""
        self._trading = trading
        self._clock = clock
        self._prevented: dict[int, SelfTradePrevented] = {}
        """By order: what kept it from trading, until its expiry, the next event, is told."""
        self._begun: dict[int, OrderListView] = {}
        """By their last order: lists that began and whose orders are accepted next."""
        self._instruments: dict[int, Instrument] = {}
        self._assets: dict[int, Asset] = {}

    def event(self, event: AccountEvent) -> tuple[bytes, ...]:
        """Return the messages of an event: none where the dialect says nothing, or not yet.

        That a list began is told when its orders are known, after the last of them.
        """
        happened = event.event
        if isinstance(happened, FundsMoved):
            return self._moved(happened, event)
        if event.order_list is not None:
            if event.order_list.is_open:
                self._begun[event.order_list.orders[-1]] = event.order_list
                return ()
            return (self._listed(event, event.order_list),)
        if event.order is None or _is_unsaid(happened):
            return ()
        if isinstance(happened, SelfTradePrevented) and _is_silent(happened):
            if _lost(happened, event.order):
                self._prevented[event.order.order] = happened
            return ()
        report = self._told(event, event.order)
        begun = self._begun.pop(event.order.order, None) if self._begun else None
        return (report,) if begun is None else (report, self._listed(event, begun))

    def _told(self, event: AccountEvent, order: OrderView) -> bytes:
        """Return the report of a step of an order."""
        happened = event.event
        instrument = self._instrument(order.instrument)
        report = self._report(event, order, instrument)
        if event.fill is not None:
            self._fill(report, event.fill, instrument)
        elif isinstance(happened, SelfTradePrevented):
            _prevented(report, happened, order, instrument)
        elif isinstance(happened, OrderExpired):
            match = self._prevented.pop(order.order, None)
            if match is not None:
                _prevented(report, match, order, instrument)
            reason = words.EXPIRY_REASONS.get(EndReason(happened.reason))
            if reason is not None:
                report.eR = reason
        elif isinstance(happened, OrderAmended):
            report.C = event.client_id_before if happened.renamed else ""
        elif isinstance(happened, OrderCanceled):
            report.C, report.c = order.client_id, happened.client_id or order.client_id
        return _ENCODE(report)

    def position(self, changes: list[BalanceChanged], time: int) -> bytes:
        """Return the message of the balances one command touched."""
        balances = []
        for change in changes:
            asset = self._asset(change.asset)
            balances.append(
                {
                    "a": asset.code,
                    "f": padded(change.free, asset.decimals),
                    "l": padded(change.held, asset.decimals),
                }
            )
        return _ENCODE(
            {
                "e": "outboundAccountPosition",
                "E": self._clock.now() // 1_000,
                "u": time // 1_000,
                "B": balances,
            }
        )

    def _listed(self, event: AccountEvent, order_list: OrderListView) -> bytes:
        instrument = self._instrument(order_list.instrument)
        orders = []
        for number in order_list.orders:
            view = self._trading.order(event.account, order_list.instrument, number)
            orders.append(ListedOrder(instrument.symbol, number, view.client_id if view else ""))
        return _ENCODE(
            ListStatusReport(
                E=self._clock.now() // 1_000,
                s=instrument.symbol,
                g=order_list.order_list,
                c=words.CONTINGENCIES[order_list.shape],
                l="EXEC_STARTED" if order_list.is_open else "ALL_DONE",
                L="EXECUTING" if order_list.is_open else "ALL_DONE",
                C=order_list.client_id,
                T=event.time // 1_000,
                O=orders,
            )
        )

    def shutdown(self) -> bytes:
        """Return the message that the server goes away."""
        return _ENCODE({"e": "serverShutdown", "E": self._clock.now() // 1_000})

    def _moved(self, moved: FundsMoved, event: AccountEvent) -> tuple[bytes, ...]:
        delta = _spot_delta(moved, event.account)
        if not delta:
            return ()
        asset = self._asset(moved.asset)
        message = _ENCODE(
            {
                "e": "balanceUpdate",
                "E": self._clock.now() // 1_000,
                "a": asset.code,
                "d": padded(delta, asset.decimals),
                "T": event.time // 1_000,
            }
        )
        return (message,)

    def _report(
        self, event: AccountEvent, order: OrderView, instrument: Instrument
    ) -> ExecutionReport:
        quantity_decimals, quote_decimals = instrument.quantity_decimals, instrument.quote.decimals
        works = order.working_time > 0
        report = ExecutionReport(
            E=self._clock.now() // 1_000,
            s=instrument.symbol,
            c=order.client_id,
            S=words.SIDE_WORDS[order.side],
            o=words.ORDER_TYPE_WORDS[order.order_type],
            f=words.time_in_force_word(order.order_type, order.time_in_force),
            q=padded(order.quantity or order.filled, quantity_decimals),
            p=padded(order.price, instrument.price_decimals),
            x=_execution_type(event.event),
            X=order.status.value,
            g=order.order_list or words.NO_LIST,
            r=_reason(event.event),
            i=order.order,
            z=padded(order.filled, quantity_decimals),
            T=event.time // 1_000,
            I=event.event.sequence,
            w=order.is_open and works and order.order_type not in words.MARKETS,
            O=order.time // 1_000,
            Z=padded(order.quote_filled, quote_decimals),
            Q=padded(order.quote_amount, quote_decimals),
            V=words.SELF_TRADE_WORDS[order.self_trade],
        )
        if works:
            report.W = order.working_time // 1_000
        if order.conditions is not NO_CONDITIONS:
            _conditions(report, order, instrument)
        return report

    def _fill(self, report: ExecutionReport, fill: Fill, instrument: Instrument) -> None:
        fee_asset = self._asset(fill.fee_asset)
        report.l = padded(fill.quantity, instrument.quantity_decimals)
        report.L = padded(fill.price, instrument.price_decimals)
        report.Y = padded(fill.quote_amount, instrument.quote.decimals)
        report.n = padded(fill.fee, fee_asset.decimals)
        report.N = fee_asset.code
        report.t = fill.trade
        report.m = fill.is_maker

    def _instrument(self, number: int) -> Instrument:
        if number not in self._instruments:
            self._instruments = {row.id: row for row in self._trading.instruments()}
        return self._instruments[number]

    def _asset(self, number: int) -> Asset:
        if number not in self._assets:
            self._assets = {row.id: row for row in self._trading.assets()}
        return self._assets[number]


def _spot_delta(moved: FundsMoved, account: int) -> int:
    """Return what a movement of funds added to an account's spot wallet, or took from it."""
    came_in = moved.to_account == account and moved.to_wallet == Wallet.SPOT
    went_out = moved.account == account and moved.wallet == Wallet.SPOT
    return moved.amount * (came_in - went_out)


def _is_silent(happened: SelfTradePrevented) -> bool:
    """Whether another event tells it: the expiry that follows, unless both go on (DECREMENT)."""
    return happened.self_trade != SelfTrade.DECREMENT


def _lost(happened: SelfTradePrevented, order: OrderView) -> int:
    """Return the quantity that an order of the two lost."""
    is_taker = order.order == happened.taker_order
    return happened.taker_quantity if is_taker else happened.maker_quantity


def _execution_type(happened: object) -> str:
    if isinstance(happened, OrderAccepted | OrderTriggered):
        return "NEW"
    if isinstance(happened, Traded):
        return "TRADE"
    if isinstance(happened, OrderCanceled):
        return "CANCELED"
    if isinstance(happened, OrderAmended | OrderReplaced):
        return "REPLACED"
    if isinstance(happened, OrderExpired) and happened.reason != EndReason.SELF_TRADE:
        return "EXPIRED"
    return "TRADE_PREVENTION"


def _is_unsaid(happened: object) -> bool:
    """Whether the dialect has no message for an event: an order begins to trail."""
    return isinstance(happened, OrderTriggered) and happened.cause == TriggerCause.TRACKING


def _reason(happened: object) -> str:
    """Return why an order that had waited could not enter the market."""
    if isinstance(happened, OrderExpired):
        return words.REJECTIONS.get(EndReason(happened.reason), "NONE")
    return "NONE"


def _conditions(report: ExecutionReport, order: OrderView, instrument: Instrument) -> None:
    conditions = order.conditions
    report.P = padded(conditions.stop_price, instrument.price_decimals)
    report.F = padded(conditions.display_quantity, instrument.quantity_decimals)
    if conditions.trailing_delta:
        report.d = conditions.trailing_delta
    if order.trailing_time:
        report.D = order.trailing_time // 1_000
    if conditions.strategy_id:
        report.j = conditions.strategy_id
    if conditions.strategy_type:
        report.J = conditions.strategy_type


def _prevented(
    report: ExecutionReport, event: SelfTradePrevented, order: OrderView, instrument: Instrument
) -> None:
    is_taker = order.order == event.taker_order
    report.v = event.match
    report.A = padded(order.prevented, instrument.quantity_decimals)
    report.B = padded(_lost(event, order), instrument.quantity_decimals)
    report.U = event.maker_order if is_taker else event.taker_order
