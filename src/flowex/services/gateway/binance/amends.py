"""Amending an order's quantity in its place, and the story of its amends."""

from typing import ClassVar, Final

import msgspec

from flowex.messages.commands import OrderAmend
from flowex.messages.enums import AmendFlag
from flowex.messages.events import OrderAmended
from flowex.messages.results import ResultCode
from flowex.ports.trading import Amendment, Instrument, OrderView
from flowex.services.gateway.amounts import padded
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.list_answers import ListedOrder, list_item
from flowex.services.gateway.binance.orders import in_units
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    Decimal8,
    Limit1000,
    OrderNumber,
    Parameters,
    SymbolText,
)
from flowex.services.gateway.binance.reports import (
    AmendedOrder,
    tell_particulars,
    working_instant,
)
from flowex.services.gateway.binance.rules import OneOf, Rule

_ROWS: Final = 500


class Amend(Parameters, frozen=True, kw_only=True):
    """PUT order/amend/keepPriority."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("origClientOrderId", "orderId"),)

    symbol: SymbolText
    new_qty: Decimal8
    order_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None
    new_client_order_id: ClientIdText | None = None


class Amendments(Parameters, frozen=True, kw_only=True):
    """GET order/amendments."""

    symbol: SymbolText
    order_id: OrderNumber
    from_execution_id: OrderNumber | None = None
    limit: Limit1000 = _ROWS


class ListStatus(msgspec.Struct, rename="camel", kw_only=True):
    """The list that an amended order is part of."""

    order_list_id: int
    contingency_type: str
    list_order_status: str
    list_client_order_id: str
    symbol: str
    orders: list[ListedOrder]


class AmendAnswer(msgspec.Struct, rename="camel", kw_only=True):
    """What an amend did."""

    transact_time: int
    execution_id: int
    amended_order: AmendedOrder
    list_status: ListStatus | msgspec.UnsetType = msgspec.UNSET


class AmendmentItem(msgspec.Struct, rename="camel", kw_only=True):
    """An amend of the past."""

    symbol: str
    order_id: int
    execution_id: int
    orig_client_order_id: str
    new_client_order_id: str
    orig_qty: str
    new_qty: str
    time: int


async def amend(desk: Desk, call: Call, wanted: Amend) -> AmendAnswer:
    """Lower an order's quantity; it keeps its place and gets a new client id."""
    instrument = desk.instrument(wanted.symbol)
    trading = desk.exchange.trading
    quantity = in_units(wanted.new_qty, instrument.quantity_decimals, "LOT_SIZE")
    before = trading.order(call.account, instrument.id, wanted.order_id or 0)
    if before is None and wanted.orig_client_order_id and not wanted.order_id:
        before = trading.order_by_client_id(
            call.account, instrument.id, wanted.orig_client_order_id
        )
    if before is not None and before.is_open and before.quantity == quantity:
        raise Refusal(errors.NO_CHANGE)
    # What the client calls the order holds, because the machine compares it; what memory calls it
    # may be out of date when another amend of the same order is on its way.
    old_id = wanted.orig_client_order_id or (before.client_id if before else "")
    new_id = wanted.new_client_order_id or desk.identifiers.fresh()
    outcome = await trading.amend(
        OrderAmend(
            flags=AmendFlag.RENAME,
            account=call.account,
            instrument=instrument.id,
            order=wanted.order_id or 0,
            quantity=quantity,
            original_client_id=wanted.orig_client_order_id or "",
            client_id=new_id,
        ),
        call.deadline,
    )
    if outcome.code != ResultCode.OK or outcome.result is None:
        raise Refusal(errors.amending(outcome.code))
    view = trading.order(call.account, instrument.id, outcome.result.id)
    assert view is not None, "an order just amended is in the read model"
    event = next(e for e in outcome.events if isinstance(e, OrderAmended) and e.order == view.order)
    answer = AmendAnswer(
        transact_time=call.instant(outcome.time),
        execution_id=event.sequence,
        amended_order=_amended(call, instrument, view, event, (old_id, new_id)),
    )
    if view.order_list:
        answer.list_status = await _list_status(desk, call, view.order_list)
    return answer


def _amended(
    call: Call,
    instrument: Instrument,
    view: OrderView,
    event: OrderAmended,
    client_ids: tuple[str, str],
) -> AmendedOrder:
    quantity_decimals, quote_decimals = instrument.quantity_decimals, instrument.quote.decimals
    amended = AmendedOrder(
        symbol=instrument.symbol,
        order_id=view.order,
        order_list_id=view.order_list or words.NO_LIST,
        orig_client_order_id=client_ids[0],
        client_order_id=client_ids[1],
        price=padded(view.price, instrument.price_decimals),
        qty=padded(event.quantity, quantity_decimals),
        executed_qty=padded(view.filled, quantity_decimals),
        prevented_qty=padded(view.prevented, quantity_decimals),
        quote_order_qty=padded(view.quote_amount, quote_decimals),
        cumulative_quote_qty=padded(view.quote_filled, quote_decimals),
        status=view.status.value,
        time_in_force=words.time_in_force_word(view.order_type, view.time_in_force),
        type=words.ORDER_TYPE_WORDS[view.order_type],
        side=words.SIDE_WORDS[view.side],
        working_time=working_instant(view, call),
        self_trade_prevention_mode=words.SELF_TRADE_WORDS[view.self_trade],
    )
    tell_particulars(amended, instrument, view, call)
    return amended


async def _list_status(desk: Desk, call: Call, order_list: int) -> ListStatus:
    view = await desk.exchange.trading.find_order_list(call.account, order_list)
    assert view is not None, "the list of an order that is open is known"
    item = await list_item(desk, call, view)
    return ListStatus(**{name: getattr(item, name) for name in ListStatus.__struct_fields__})


async def amendments(desk: Desk, call: Call, wanted: Amendments) -> list[AmendmentItem]:
    """Return how an order was amended, oldest first."""
    instrument = desk.instrument(wanted.symbol)
    found = await desk.exchange.trading.amendments(
        call.account,
        instrument.id,
        wanted.order_id,
        from_execution=wanted.from_execution_id,
        limit=wanted.limit,
    )
    return [_item(call, instrument, amendment) for amendment in found]


def _item(call: Call, instrument: Instrument, amendment: Amendment) -> AmendmentItem:
    return AmendmentItem(
        symbol=instrument.symbol,
        order_id=amendment.order,
        execution_id=amendment.execution,
        orig_client_order_id=amendment.client_id_before,
        new_client_order_id=amendment.client_id,
        orig_qty=padded(amendment.quantity_before, instrument.quantity_decimals),
        new_qty=padded(amendment.quantity, instrument.quantity_decimals),
        time=call.instant(amendment.time),
    )


ENDPOINTS: Final = (
    Endpoint(
        "PUT",
        "/api/v3/order/amend/keepPriority",
        Security.TRADE,
        4,
        Amend,
        amend,
        "Lower an order's quantity, keeping its place",
        "order.amend.keepPriority",
        raises=errors.AMENDS,
    ),
    Endpoint(
        "GET",
        "/api/v3/order/amendments",
        Security.USER_DATA,
        4,
        Amendments,
        amendments,
        "How an order was amended",
        "order.amendments",
    ),
)
"""This file's rows of the table."""
