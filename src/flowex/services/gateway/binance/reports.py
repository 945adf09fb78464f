"""Orders and fills as the dialect writes them."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from flowex.messages.commands import Conditions, OrderPlace
from flowex.messages.enums import EndReason, TriggerCause
from flowex.messages.events import (
    Event,
    OrderAccepted,
    OrderExpired,
    OrderTriggered,
    SelfTradePrevented,
    Traded,
)
from flowex.ports.trading import (
    NO_CONDITIONS,
    Asset,
    Fill,
    Instrument,
    OrderStatus,
    OrderView,
)
from flowex.services.gateway.amounts import ZERO, padded
from flowex.services.gateway.binance import words
from flowex.services.gateway.binance.endpoint import Call

NOT_WORKING: Final = -1
_EXPIRED: Final = (OrderStatus.EXPIRED, OrderStatus.EXPIRED_IN_MATCH)
_ENTERS: Final = (TriggerCause.STOP, TriggerCause.TRAILING)


class Ack(msgspec.Struct, rename="camel", kw_only=True):
    """The short answer to a new order."""

    symbol: str
    order_id: int
    order_list_id: int = words.NO_LIST
    client_order_id: str
    transact_time: int


class Report(Ack, rename="camel", kw_only=True):
    """The answer with the outcome; a cancel adds ``orig_client_order_id``."""

    orig_client_order_id: str | msgspec.UnsetType = msgspec.UNSET
    price: str
    orig_qty: str
    executed_qty: str
    orig_quote_order_qty: str
    cummulative_quote_qty: str
    status: OrderStatus
    time_in_force: str
    type: str
    side: str
    working_time: int
    self_trade_prevention_mode: str
    stop_price: str | msgspec.UnsetType = msgspec.UNSET
    trailing_delta: int | msgspec.UnsetType = msgspec.UNSET
    trailing_time: int | msgspec.UnsetType = msgspec.UNSET
    iceberg_qty: str | msgspec.UnsetType = msgspec.UNSET
    strategy_id: int | msgspec.UnsetType = msgspec.UNSET
    strategy_type: int | msgspec.UnsetType = msgspec.UNSET
    prevented_match_id: int | msgspec.UnsetType = msgspec.UNSET
    prevented_quantity: str | msgspec.UnsetType = msgspec.UNSET
    expiry_reason: str | msgspec.UnsetType = msgspec.UNSET
    fills: list["ReportedFill"] | msgspec.UnsetType = msgspec.UNSET


class ReportedFill(msgspec.Struct, rename="camel"):
    """A fill inside the answer to its own order."""

    price: str
    qty: str
    commission: str
    commission_asset: str
    trade_id: int


class OrderItem(msgspec.Struct, rename="camel", kw_only=True):
    """An order as queries tell it."""

    symbol: str
    order_id: int
    order_list_id: int = words.NO_LIST
    client_order_id: str
    price: str
    orig_qty: str
    executed_qty: str
    cummulative_quote_qty: str
    status: OrderStatus
    time_in_force: str
    type: str
    side: str
    stop_price: str = ZERO
    iceberg_qty: str = ZERO
    time: int
    update_time: int
    is_working: bool
    working_time: int
    orig_quote_order_qty: str
    self_trade_prevention_mode: str
    trailing_delta: int | msgspec.UnsetType = msgspec.UNSET
    trailing_time: int | msgspec.UnsetType = msgspec.UNSET
    strategy_id: int | msgspec.UnsetType = msgspec.UNSET
    strategy_type: int | msgspec.UnsetType = msgspec.UNSET
    prevented_match_id: int | msgspec.UnsetType = msgspec.UNSET
    prevented_quantity: str | msgspec.UnsetType = msgspec.UNSET
    expiry_reason: str | msgspec.UnsetType = msgspec.UNSET


class AmendedOrder(msgspec.Struct, rename="camel", kw_only=True):
    """An order as it is after its amend."""

    symbol: str
    order_id: int
    order_list_id: int
    orig_client_order_id: str
    client_order_id: str
    price: str
    qty: str
    executed_qty: str
    prevented_qty: str
    quote_order_qty: str
    cumulative_quote_qty: str
    status: str
    time_in_force: str
    type: str
    side: str
    working_time: int
    self_trade_prevention_mode: str
    stop_price: str | msgspec.UnsetType = msgspec.UNSET
    trailing_delta: int | msgspec.UnsetType = msgspec.UNSET
    trailing_time: int | msgspec.UnsetType = msgspec.UNSET
    iceberg_qty: str | msgspec.UnsetType = msgspec.UNSET
    strategy_id: int | msgspec.UnsetType = msgspec.UNSET
    strategy_type: int | msgspec.UnsetType = msgspec.UNSET
    prevented_match_id: int | msgspec.UnsetType = msgspec.UNSET
    prevented_quantity: str | msgspec.UnsetType = msgspec.UNSET
    expiry_reason: str | msgspec.UnsetType = msgspec.UNSET


class TradeItem(msgspec.Struct, rename="camel", kw_only=True):
    """A fill as ``myTrades`` tells it."""

    symbol: str
    id: int
    order_id: int
    order_list_id: int = words.NO_LIST
    price: str
    qty: str
    quote_qty: str
    commission: str
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool
    is_best_match: bool = True


Told = Report | OrderItem | AmendedOrder
"""Answers about an order: they have what is told only under conditions."""


def order_item(instrument: Instrument, view: OrderView, call: Call) -> OrderItem:
    """Return an order for a query."""
    quantity_decimals, quote_decimals = instrument.quantity_decimals, instrument.quote.decimals
    item = OrderItem(
        symbol=instrument.symbol,
        order_id=view.order,
        order_list_id=view.order_list or words.NO_LIST,
        client_order_id=view.client_id,
        price=padded(view.price, instrument.price_decimals),
        orig_qty=padded(view.quantity or view.filled, quantity_decimals),
        executed_qty=padded(view.filled, quantity_decimals),
        cummulative_quote_qty=padded(view.quote_filled, quote_decimals),
        status=view.status,
        time_in_force=words.time_in_force_word(view.order_type, view.time_in_force),
        type=words.ORDER_TYPE_WORDS[view.order_type],
        side=words.SIDE_WORDS[view.side],
        time=call.instant(view.time),
        update_time=call.instant(view.update_time),
        is_working=view.working_time > 0,
        working_time=working_instant(view, call),
        orig_quote_order_qty=padded(view.quote_amount, quote_decimals),
        self_trade_prevention_mode=words.SELF_TRADE_WORDS[view.self_trade],
    )
    tell_particulars(item, instrument, view, call)
    return item


def working_instant(view: OrderView, call: Call) -> int:
    """Return when an order entered the market, -1 while it has not."""
    return call.instant(view.working_time) if view.working_time else NOT_WORKING


def tell_particulars(told: Told, instrument: Instrument, view: OrderView, call: Call) -> None:
    """Add what is told only of some orders, as it is now."""
    if view.conditions is not NO_CONDITIONS:
        tell_conditions(told, instrument, view.conditions)
    if view.trailing_time:
        told.trailing_time = call.instant(view.trailing_time)
    if view.prevented_match:
        told.prevented_match_id = view.prevented_match
        told.prevented_quantity = padded(view.prevented, instrument.quantity_decimals)
    if view.status in _EXPIRED:
        told.expiry_reason = words.EXPIRY_REASONS[EndReason(view.end_reason)]


def tell_conditions(told: Told, instrument: Instrument, conditions: Conditions) -> None:
    """Add what is told only of orders that wait, hide or follow a strategy."""
    if conditions.stop_price:
        told.stop_price = padded(conditions.stop_price, instrument.price_decimals)
    if conditions.display_quantity:
        told.iceberg_qty = padded(conditions.display_quantity, instrument.quantity_decimals)
    if conditions.trailing_delta:
        told.trailing_delta = conditions.trailing_delta
    if conditions.strategy_id:
        told.strategy_id = conditions.strategy_id
    if conditions.strategy_type:
        told.strategy_type = conditions.strategy_type


def trade_item(
    instrument: Instrument, assets: dict[int, Asset], fill: Fill, call: Call
) -> TradeItem:
    """Return a fill for ``myTrades``."""
    fee_asset = assets[fill.fee_asset]
    return TradeItem(
        symbol=instrument.symbol,
        id=fill.trade,
        order_id=fill.order,
        price=padded(fill.price, instrument.price_decimals),
        qty=padded(fill.quantity, instrument.quantity_decimals),
        quote_qty=padded(fill.quote_amount, instrument.quote.decimals),
        commission=padded(fill.fee, fee_asset.decimals),
        commission_asset=fee_asset.code,
        time=call.instant(fill.time),
        is_buyer=fill.side == 0,
        is_maker=fill.is_maker,
    )


class Execution(msgspec.Struct):
    """What one command did to the order it placed, told by its events alone.

    ``is_working`` is false while it waits for its price or its list.
    """

    status: OrderStatus
    filled: int
    quote_filled: int
    trades: list[Traded]
    end: int = 0
    """Why it ended other than by filling; 0 where it did not."""
    match: int = 0
    """The last meeting with an own order that cost it quantity; 0 for none."""
    prevented: int = 0
    is_working: bool = True


def executed(
    events: Iterable[Event], order: int, quantity: int, *, is_working: bool = True
) -> Execution:
    """Return the outcome of a new order: later events cannot blur it, unlike a read model."""
    trades: list[Traded] = []
    filled = quote_filled = 0
    end = match = prevented = 0
    for event in events:
        if type(event) is Traded:
            if event.taker_order == order:
                trades.append(event)
                filled += event.quantity
                quote_filled += event.quote_amount
        elif type(event) is OrderExpired and event.order == order:
            end = event.reason
        elif type(event) is SelfTradePrevented and event.taker_order == order:
            if event.taker_quantity:
                match, prevented = event.match, prevented + event.taker_quantity
        elif type(event) is OrderTriggered and event.order == order:
            is_working = is_working or event.cause in _ENTERS
    status = _status(filled, filled + prevented, quantity, end)
    return Execution(status, filled, quote_filled, trades, end, match, prevented, is_working)


def _status(filled: int, gone: int, quantity: int, end: int) -> OrderStatus:
    """Return how an order stands of which ``gone`` was filled or prevented, ended by a rule or not.

    The last of a quantity that goes by a fill ends the order without another event.
    """
    if end == EndReason.SELF_TRADE:
        return OrderStatus.EXPIRED_IN_MATCH
    if end == EndReason.QUOTE_SPENT or (quantity and gone == quantity):
        return OrderStatus.FILLED
    if end:
        return OrderStatus.EXPIRED
    return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.NEW


def placed_report(
    instrument: Instrument,
    command: OrderPlace | OrderAccepted,
    order: int,
    execution: Execution,
    instant: int,
) -> Report:
    """Return the RESULT form of a new order; FULL adds the fills."""
    quantity_decimals, quote_decimals = instrument.quantity_decimals, instrument.quote.decimals
    report = Report(
        symbol=instrument.symbol,
        order_id=order,
        client_order_id=command.client_id,
        transact_time=instant,
        price=padded(command.price, instrument.price_decimals),
        orig_qty=padded(command.quantity or execution.filled, quantity_decimals),
        executed_qty=padded(execution.filled, quantity_decimals),
        orig_quote_order_qty=padded(command.quote_amount, quote_decimals),
        cummulative_quote_qty=padded(execution.quote_filled, quote_decimals),
        status=execution.status,
        time_in_force=words.time_in_force_word(command.order_type, command.time_in_force),
        type=words.ORDER_TYPE_WORDS[command.order_type],
        side=words.SIDE_WORDS[command.side],
        working_time=instant if execution.is_working else NOT_WORKING,
        self_trade_prevention_mode=words.SELF_TRADE_WORDS[command.self_trade],
    )
    if command.conditions is not None:
        tell_conditions(report, instrument, command.conditions)
        if command.conditions.trailing_delta and not command.conditions.stop_price:
            report.trailing_time = instant
    if execution.match:
        report.prevented_match_id = execution.match
        report.prevented_quantity = padded(execution.prevented, quantity_decimals)
    if execution.status in _EXPIRED:
        report.expiry_reason = words.EXPIRY_REASONS[EndReason(execution.end)]
    return report


def reported_fills(
    instrument: Instrument, side: int, trades: Sequence[Traded]
) -> list[ReportedFill]:
    """Return the fills of a new order; the fee is taken from what the taker receives."""
    fee_asset = instrument.base if side == 0 else instrument.quote
    return [
        ReportedFill(
            padded(trade.price, instrument.price_decimals),
            padded(trade.quantity, instrument.quantity_decimals),
            padded(trade.taker_fee, fee_asset.decimals),
            fee_asset.code,
            trade.trade,
        )
        for trade in trades
    ]


def canceled_report(
    call: Call, instrument: Instrument, view: OrderView, cancel_id: str, time: int
) -> Report:
    """Return the answer to a cancel: the order's own id moves to ``origClientOrderId``.

    A cancel of many orders has no id of its own (""); it is told under the order's, as the user
    stream tells it.
    """
    report = Report(
        symbol=instrument.symbol,
        orig_client_order_id=view.client_id,
        order_id=view.order,
        order_list_id=view.order_list or words.NO_LIST,
        client_order_id=cancel_id or view.client_id,
        transact_time=call.instant(time),
        price=padded(view.price, instrument.price_decimals),
        orig_qty=padded(view.quantity, instrument.quantity_decimals),
        executed_qty=padded(view.filled, instrument.quantity_decimals),
        orig_quote_order_qty=padded(view.quote_amount, instrument.quote.decimals),
        cummulative_quote_qty=padded(view.quote_filled, instrument.quote.decimals),
        status=OrderStatus.CANCELED,
        time_in_force=words.time_in_force_word(view.order_type, view.time_in_force),
        type=words.ORDER_TYPE_WORDS[view.order_type],
        side=words.SIDE_WORDS[view.side],
        working_time=working_instant(view, call),
        self_trade_prevention_mode=words.SELF_TRADE_WORDS[view.self_trade],
    )
    tell_particulars(report, instrument, view, call)
    return report
