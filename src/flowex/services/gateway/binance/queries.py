"""Orders and fills of an account, asked for."""

from typing import ClassVar, Final

from flowex.services.gateway.binance import errors
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    LAST_OF_MILLISECOND,
    ClientIdText,
    EndText,
    InstantText,
    Limit1000,
    OrderNumber,
    Parameters,
    SymbolText,
)
from flowex.services.gateway.binance.reports import OrderItem, TradeItem, order_item, trade_item
from flowex.services.gateway.binance.rules import Excludes, OneOf, Rule
from flowex.services.gateway.binance.weights import IfSent
from flowex.units.instants import DAY

_ROWS: Final = 500
BAD_SPANS: Final = frozenset({errors.bad_value("startTime"), errors.SPAN_TOO_LONG})
"""What `check_span` refuses."""


class OneOrder(Parameters, frozen=True, kw_only=True):
    """GET order."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("origClientOrderId", "orderId"),)

    symbol: SymbolText
    order_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None


class OpenOrders(Parameters, frozen=True, kw_only=True):
    """GET openOrders."""

    symbol: SymbolText | None = None


class AllOrders(Parameters, frozen=True, kw_only=True):
    """GET allOrders."""

    symbol: SymbolText
    order_id: OrderNumber | None = None
    start_time: InstantText | None = None
    end_time: EndText | None = None
    limit: Limit1000 = _ROWS


class MyTrades(Parameters, frozen=True, kw_only=True):
    """GET myTrades."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Excludes("startTime", ("fromId", "orderId")),
        Excludes("endTime", ("fromId", "orderId")),
    )

    symbol: SymbolText
    order_id: OrderNumber | None = None
    start_time: InstantText | None = None
    end_time: EndText | None = None
    from_id: OrderNumber | None = None
    limit: Limit1000 = _ROWS


async def one_order(desk: Desk, call: Call, wanted: OneOrder) -> OrderItem:
    """Return one order, by number or else by client id."""
    instrument = desk.instrument(wanted.symbol)
    client_id = wanted.orig_client_order_id or ""
    view = await desk.exchange.trading.find_order(
        call.account,
        instrument.id,
        order=wanted.order_id or 0,
        client_id="" if wanted.order_id else client_id,
    )
    if view is None:
        raise Refusal(errors.NO_SUCH_ORDER)
    if wanted.order_id and client_id and view.client_id != client_id:
        raise Refusal(errors.WRONG_CLIENT_ID)
    return order_item(instrument, view, call)


def open_orders(desk: Desk, call: Call, wanted: OpenOrders) -> list[OrderItem]:
    """Return the open orders of one instrument or of all."""
    trading = desk.exchange.trading
    if wanted.symbol is not None:
        instrument = desk.instrument(wanted.symbol)
        views = trading.open_orders(call.account, instrument.id)
        return [order_item(instrument, view, call) for view in views]
    instruments = {instrument.id: instrument for instrument in trading.instruments()}
    return [
        order_item(instruments[view.instrument], view, call)
        for view in trading.open_orders(call.account)
    ]


async def all_orders(desk: Desk, call: Call, wanted: AllOrders) -> list[OrderItem]:
    """Return orders of any status."""
    instrument = desk.instrument(wanted.symbol)
    check_span(wanted.start_time, wanted.end_time)
    views = await desk.exchange.trading.all_orders(
        call.account,
        instrument.id,
        from_order=wanted.order_id,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        limit=wanted.limit,
    )
    return [order_item(instrument, view, call) for view in views]


async def my_trades(desk: Desk, call: Call, wanted: MyTrades) -> list[TradeItem]:
    """Return the account's fills."""
    instrument = desk.instrument(wanted.symbol)
    check_span(wanted.start_time, wanted.end_time)
    fills = await desk.exchange.trading.fills(
        call.account,
        instrument.id,
        order=wanted.order_id,
        from_trade=wanted.from_id,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        limit=wanted.limit,
    )
    assets = {asset.id: asset for asset in desk.exchange.trading.assets()}
    return [trade_item(instrument, assets, fill, call) for fill in fills]


def check_span(start_time: int | None, end_time: int | None) -> None:
    """Raise Refusal when a stretch of time is turned around or longer than a day."""
    if start_time is None or end_time is None:
        return
    if end_time < start_time:
        raise Refusal(errors.bad_value("startTime"))
    if end_time - start_time > DAY + LAST_OF_MILLISECOND:
        raise Refusal(errors.SPAN_TOO_LONG)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v3/order",
        Security.USER_DATA,
        4,
        OneOrder,
        one_order,
        "One order",
        "order.status",
        raises=frozenset({errors.NO_SUCH_ORDER, errors.WRONG_CLIENT_ID}),
    ),
    Endpoint(
        "GET",
        "/api/v3/openOrders",
        Security.USER_DATA,
        IfSent("symbol", 6, 80),
        OpenOrders,
        open_orders,
        "Open orders",
        "openOrders.status",
    ),
    Endpoint(
        "GET",
        "/api/v3/allOrders",
        Security.USER_DATA,
        20,
        AllOrders,
        all_orders,
        "Orders of any status",
        "allOrders",
        raises=BAD_SPANS,
    ),
    Endpoint(
        "GET",
        "/api/v3/myTrades",
        Security.USER_DATA,
        IfSent("orderId", 5, 20),
        MyTrades,
        my_trades,
        "The account's fills",
        "myTrades",
        raises=BAD_SPANS,
    ),
)
"""This file's rows of the table."""
