"""Cancels: of one order, of all orders of a symbol."""

from typing import Annotated, ClassVar, Final

from flowex.messages.commands import OrderCancel, OrderCancelAll
from flowex.messages.enums import CancelRestriction
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode
from flowex.ports.trading import Instrument, OrderView
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    OrderNumber,
    Parameters,
    SymbolText,
    choice,
)
from flowex.services.gateway.binance.reports import Report, canceled_report
from flowex.services.gateway.binance.rules import OneOf, Rule

RestrictionWord = Annotated[CancelRestriction, choice(words.RESTRICTIONS, errors.BAD_RESTRICTIONS)]


class CancelOrder(Parameters, frozen=True, kw_only=True):
    """DELETE order."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("origClientOrderId", "orderId"),)

    symbol: SymbolText
    order_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None
    new_client_order_id: ClientIdText | None = None
    cancel_restrictions: RestrictionWord = CancelRestriction.NONE


class CancelAll(Parameters, frozen=True, kw_only=True):
    """DELETE openOrders."""

    symbol: SymbolText


async def cancel(desk: Desk, call: Call, wanted: CancelOrder) -> Report:
    """Cancel one order."""
    instrument = desk.instrument(wanted.symbol)
    cancel_id = wanted.new_client_order_id or desk.identifiers.fresh()
    command = OrderCancel(
        account=call.account,
        instrument=instrument.id,
        order=wanted.order_id or 0,
        restriction=wanted.cancel_restrictions,
        original_client_id=wanted.orig_client_order_id or "",
        client_id=cancel_id,
    )
    outcome = await desk.exchange.trading.cancel(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        raise Refusal(errors.canceling(outcome.code))
    view = closed(desk, call, instrument, outcome.result.id)
    return canceled_report(call, instrument, view, cancel_id, outcome.time)


async def cancel_all(desk: Desk, call: Call, wanted: CancelAll) -> list[Report]:
    """Cancel every open order of an instrument."""
    instrument = desk.instrument(wanted.symbol)
    command = OrderCancelAll(account=call.account, instrument=instrument.id)
    outcome = await desk.exchange.trading.cancel_all(command, call.deadline)
    if outcome.code != ResultCode.OK:
        raise Refusal(errors.canceling(outcome.code))
    canceled = [
        canceled_report(
            call,
            instrument,
            closed(desk, call, instrument, event.order),
            event.client_id,
            outcome.time,
        )
        for event in outcome.events
        if isinstance(event, OrderCanceled) and event.account == call.account
    ]
    if not canceled:
        raise Refusal(errors.canceling(ResultCode.NOTHING_TO_CANCEL))
    return canceled


def closed(desk: Desk, call: Call, instrument: Instrument, order: int) -> OrderView:
    """Return an order that was just closed."""
    view = desk.exchange.trading.order(call.account, instrument.id, order)
    assert view is not None, "an order just closed is in the read model"
    return view


ENDPOINTS: Final = (
    Endpoint(
        "DELETE",
        "/api/v3/order",
        Security.TRADE,
        1,
        CancelOrder,
        cancel,
        "Cancel an order",
        "order.cancel",
        raises=errors.CANCELS,
    ),
    Endpoint(
        "DELETE",
        "/api/v3/openOrders",
        Security.TRADE,
        1,
        CancelAll,
        cancel_all,
        "Cancel all orders of a symbol",
        "openOrders.cancelAll",
        raises=errors.CANCELS,
    ),
)
"""This file's rows of the table."""
