"""What is told of order lists: to who placed, cancelled or asked for them."""

from collections.abc import Mapping, Sequence

import msgspec

from flowex.messages.commands import OrderListPlace
from flowex.messages.enums import ListShape, TriggerCause
from flowex.messages.events import Event, OrderAccepted, OrderTriggered
from flowex.ports.sequencer import Outcome
from flowex.ports.trading import Instrument, OrderListView, OrderStatus, OrderView
from flowex.services.gateway.binance import words
from flowex.services.gateway.binance.endpoint import Call, Desk
from flowex.services.gateway.binance.reports import (
    Ack,
    Report,
    executed,
    placed_report,
    reported_fills,
)


class ListedOrder(msgspec.Struct, rename="camel"):
    """An order of a list, by its names."""

    symbol: str
    order_id: int
    client_order_id: str


class ListItem(msgspec.Struct, rename="camel", kw_only=True):
    """An order list as queries tell it."""

    order_list_id: int
    contingency_type: str
    list_status_type: str
    list_order_status: str
    list_client_order_id: str
    transaction_time: int
    symbol: str
    orders: list[ListedOrder]


class PlacedList(ListItem, rename="camel", kw_only=True):
    """The answer to placing a list; reports are longer than this where more was asked for."""

    order_reports: list[Ack]


class CanceledList(ListItem, rename="camel", kw_only=True):
    """The answer to cancelling a list."""

    order_reports: list[Report]


def placed_list(
    call: Call,
    instrument: Instrument,
    command: OrderListPlace,
    outcome: Outcome,
    form: str | None,
) -> PlacedList:
    """Return the answer to a list that was placed, its orders reported in the wanted form."""
    assert outcome.result is not None
    number = outcome.result.id
    instant = call.instant(outcome.time)
    accepted = [event for event in outcome.events if isinstance(event, OrderAccepted)]
    pending = () if command.shape == ListShape.OCO else accepted[1:]
    reports = [
        _report(instrument, event, outcome.events, instant, form, is_pending=event in pending)
        for event in accepted
    ]
    for report in reports:
        report.order_list_id = number
    return PlacedList(
        order_list_id=number,
        contingency_type=words.CONTINGENCIES[command.shape],
        list_status_type="EXEC_STARTED",
        list_order_status="EXECUTING",
        list_client_order_id=command.client_id,
        transaction_time=instant,
        symbol=instrument.symbol,
        orders=[ListedOrder(instrument.symbol, event.order, event.client_id) for event in accepted],
        order_reports=reports,
    )


def _report(
    instrument: Instrument,
    accepted: OrderAccepted,
    events: Sequence[Event],
    instant: int,
    form: str | None,
    *,
    is_pending: bool,
) -> Ack:
    """Return what became of a leg in the command that placed it."""
    if form == "ACK":
        return Ack(
            symbol=instrument.symbol,
            order_id=accepted.order,
            client_order_id=accepted.client_id,
            transact_time=instant,
        )
    is_held_back = is_pending and not _is_released(accepted.order, events)
    works = not is_held_back and accepted.order_type not in words.ALGOS
    execution = executed(events, accepted.order, accepted.quantity, is_working=works)
    if is_held_back and execution.status == OrderStatus.NEW:
        execution.status = OrderStatus.PENDING_NEW
    report = placed_report(instrument, accepted, accepted.order, execution, instant)
    if is_held_back:
        report.trailing_time = msgspec.UNSET
    if form == "FULL":
        report.fills = reported_fills(instrument, accepted.side, execution.trades)
    return report


def _is_released(order: int, events: Sequence[Event]) -> bool:
    """Return whether the working order of its list was filled at once, so that it may enter."""
    return any(
        isinstance(event, OrderTriggered)
        and event.order == order
        and event.cause == TriggerCause.RELEASED
        for event in events
    )


async def list_items(desk: Desk, call: Call, views: Sequence[OrderListView]) -> list[ListItem]:
    """Return order lists for a query."""
    trading = desk.exchange.trading
    orders = await trading.orders_of_lists(views)
    return [
        _item(call, trading.instrument_numbered(view.instrument), view, orders) for view in views
    ]


async def list_item(desk: Desk, call: Call, view: OrderListView) -> ListItem:
    """Return one order list for a query."""
    (item,) = await list_items(desk, call, [view])
    return item


def _item(
    call: Call, instrument: Instrument, view: OrderListView, orders: Mapping[int, OrderView]
) -> ListItem:
    symbol = instrument.symbol
    return ListItem(
        order_list_id=view.order_list,
        contingency_type=words.CONTINGENCIES[view.shape],
        list_status_type="EXEC_STARTED" if view.is_open else "ALL_DONE",
        list_order_status="EXECUTING" if view.is_open else "ALL_DONE",
        list_client_order_id=view.client_id,
        transaction_time=call.instant(view.update_time),
        symbol=symbol,
        orders=[
            # An order that neither memory nor history knows has lost its client id, not its number.
            ListedOrder(symbol, number, orders[number].client_id if number in orders else "")
            for number in view.orders
        ],
    )
