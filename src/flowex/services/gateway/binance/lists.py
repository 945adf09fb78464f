"""Order lists: OCO, OTO, OTOCO and the older OCO; placed, cancelled, asked for."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import msgspec

from flowex.messages.commands import Leg, OrderListCancel, OrderListPlace
from flowex.messages.enums import ListShape, OrderType, Side, TimeInForce, TriggerCause
from flowex.messages.events import Event, OrderAccepted, OrderCanceled, OrderTriggered
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome
from flowex.ports.trading import Instrument, OrderListView, OrderStatus
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.cancels import closed
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.list_parameters import (
    ABOVE,
    BELOW,
    PENDING,
    PENDING_ABOVE,
    PENDING_BELOW,
    WORKING,
    NewOco,
    NewOto,
    NewOtoco,
    OldOco,
    Wanted,
)
from flowex.services.gateway.binance.orders import (
    PLACE_REFUSES,
    STRATEGY_TYPE_MIN,
    force_of,
    in_units,
    reserve,
    settle,
)
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    EndText,
    InstantText,
    Limit1000,
    OrderNumber,
    Parameters,
    SymbolText,
)
from flowex.services.gateway.binance.queries import BAD_SPANS, check_span
from flowex.services.gateway.binance.reports import (
    Ack,
    Report,
    canceled_report,
    executed,
    placed_report,
    reported_fills,
)
from flowex.services.gateway.binance.rules import Excludes, OneOf, Rule

_ROWS: Final = 500


class CancelList(Parameters, frozen=True, kw_only=True):
    """DELETE orderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("orderListId", "listClientOrderId"),)

    symbol: SymbolText
    order_list_id: OrderNumber | None = None
    list_client_order_id: ClientIdText | None = None
    new_client_order_id: ClientIdText | None = None


class OneList(Parameters, frozen=True, kw_only=True):
    """GET orderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("orderListId", "origClientOrderId"),)

    order_list_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None


class AllLists(Parameters, frozen=True, kw_only=True):
    """GET allOrderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (Excludes("fromId", ("startTime", "endTime")),)

    from_id: OrderNumber | None = None
    start_time: InstantText | None = None
    end_time: EndText | None = None
    limit: Limit1000 = _ROWS


class OpenLists(Parameters, frozen=True, kw_only=True):
    """GET openOrderList."""


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


async def place_oco(desk: Desk, call: Call, wanted: Parameters) -> PlacedList:
    """Place an OCO."""
    given: Any = wanted
    legs = (ABOVE.read(wanted), BELOW.read(wanted))
    return await _place_oco(desk, call, given, legs)


async def place_old_oco(desk: Desk, call: Call, wanted: OldOco) -> PlacedList:
    """Place an OCO in the older form."""
    return await _place_oco(desk, call, wanted, wanted.legs())


async def place_oto(desk: Desk, call: Call, wanted: Parameters) -> PlacedList:
    """Place an order, and another one for when it is filled."""
    given: Any = wanted
    instrument = desk.instrument(given.symbol)
    legs = [
        _leg(instrument, WORKING.read(wanted), given.working_side, given.working_quantity),
        _leg(instrument, PENDING.read(wanted), given.pending_side, given.pending_quantity),
    ]
    ids = (given.working_client_order_id, given.pending_client_order_id)
    return await _place(desk, call, instrument, ListShape.OTO, legs, ids, given)


async def place_otoco(desk: Desk, call: Call, wanted: Parameters) -> PlacedList:
    """Place an order, and an OCO for when it is filled."""
    given: Any = wanted
    instrument = desk.instrument(given.symbol)
    above, below = PENDING_ABOVE.read(wanted), PENDING_BELOW.read(wanted)
    check_pair(given.pending_side, above.order_type, below.order_type)
    legs = [
        _leg(instrument, WORKING.read(wanted), given.working_side, given.working_quantity),
        _leg(instrument, above, given.pending_side, given.pending_quantity),
        _leg(instrument, below, given.pending_side, given.pending_quantity),
    ]
    ids = (given.working_client_order_id, above.client_id, below.client_id)
    return await _place(desk, call, instrument, ListShape.OTOCO, legs, ids, given)


async def _place_oco(
    desk: Desk, call: Call, given: Any, wanted: tuple[Wanted, Wanted]
) -> PlacedList:
    instrument = desk.instrument(given.symbol)
    check_pair(given.side, wanted[0].order_type, wanted[1].order_type)
    legs = [_leg(instrument, leg, given.side, given.quantity) for leg in wanted]
    ids = (wanted[0].client_id, wanted[1].client_id)
    return await _place(desk, call, instrument, ListShape.OCO, legs, ids, given)


async def _place(
    desk: Desk,
    call: Call,
    instrument: Instrument,
    shape: ListShape,
    legs: list[Leg],
    client_ids: Sequence[str | None],
    given: Any,
) -> PlacedList:
    mode = given.self_trade_prevention_mode
    ids = [client_id or desk.identifiers.fresh() for client_id in client_ids]
    named: dict[str, Any] = {
        **dict(zip(_LEGS, legs, strict=False)),
        **dict(zip(_LEG_IDS, ids, strict=False)),
    }
    command = OrderListPlace(
        account=call.account,
        instrument=instrument.id,
        shape=shape,
        self_trade=words.DEFAULT_SELF_TRADE if mode is None else mode,
        client_id=given.list_client_order_id or desk.identifiers.fresh(),
        **named,
    )
    place = reserve(desk, call, len(legs))
    outcome = await desk.exchange.trading.place_list(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        place.give_back(len(legs))
        raise Refusal(errors.placing(outcome.code))
    accepted = [event for event in outcome.events if isinstance(event, OrderAccepted)]
    accepted = [event for event in accepted if event.client_id in ids]
    for event in accepted:
        settle(desk, call, place, instrument.id, event.order)
    return _placed_answer(call, instrument, command, accepted, outcome, given.new_order_resp_type)


def _placed_answer(
    call: Call,
    instrument: Instrument,
    command: OrderListPlace,
    accepted: list[OrderAccepted],
    outcome: Outcome,
    form: str | None,
) -> PlacedList:
    assert outcome.result is not None
    number = outcome.result.id
    instant = call.instant(outcome.time)
    pending = () if command.shape == ListShape.OCO else accepted[1:]
    reports = [
        _report(instrument, event, number, outcome.events, instant, form, event in pending)
        for event in accepted
    ]
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
    order_list: int,
    events: Sequence[Event],
    instant: int,
    form: str | None,
    is_pending: bool,  # noqa: FBT001 - told by its place in the list
) -> Ack:
    """Return what became of a leg in the command that placed it."""
    if form == "ACK":
        return Ack(
            symbol=instrument.symbol,
            order_id=accepted.order,
            order_list_id=order_list,
            client_order_id=accepted.client_id,
            transact_time=instant,
        )
    released = any(
        isinstance(event, OrderTriggered)
        and event.order == accepted.order
        and event.cause == TriggerCause.RELEASED
        for event in events
    )
    waits = accepted.order_type in words.ALGOS
    works = (released or not is_pending) and not waits
    execution = executed(events, accepted.order, accepted.quantity, is_working=works)
    if is_pending and not released and execution.status == OrderStatus.NEW:
        execution.status = OrderStatus.PENDING_NEW
    report = placed_report(instrument, accepted, accepted.order, execution, instant)
    report.order_list_id = order_list
    if is_pending and not released:
        report.trailing_time = msgspec.UNSET
    if form == "FULL":
        report.fills = reported_fills(instrument, accepted.side, execution.trades)
    return report


def check_pair(side: Side, above: OrderType, below: OrderType) -> None:
    """Raise Refusal for two types that make no OCO: one takes a profit, the other stops a loss."""
    profit, stop = (above, below) if side == Side.SELL else (below, above)
    word = "sell" if side == Side.SELL else "buy"
    if profit == OrderType.LIMIT_MAKER and stop == OrderType.LIMIT_MAKER:
        raise Refusal(errors.BOTH_LIMIT)
    if stop == OrderType.LIMIT_MAKER:
        raise Refusal(errors.OCO_SIDES[word, "limit"])
    if profit in _STOPS:
        raise Refusal(errors.OCO_SIDES[word, "stop loss"])
    if stop in _PROFITS:
        raise Refusal(errors.OCO_SIDES[word, "take profit"])


def _leg(instrument: Instrument, wanted: Wanted, side: Side, quantity: int) -> Leg:
    if wanted.strategy_type is not None and wanted.strategy_type < STRATEGY_TYPE_MIN:
        raise Refusal(errors.BAD_STRATEGY_TYPE)
    if wanted.iceberg_qty and wanted.time_in_force not in (None, TimeInForce.GTC):
        raise Refusal(errors.ICEBERG_FORCE)
    price, lot = instrument.price_decimals, instrument.quantity_decimals
    given = {
        "price": (wanted.price, price, "PRICE_FILTER"),
        "stop_price": (wanted.stop_price, price, "PRICE_FILTER"),
        "display_quantity": (wanted.iceberg_qty or None, lot, "LOT_SIZE"),
    }
    amounts = {
        name: in_units(amount, decimals, failing)
        for name, (amount, decimals, failing) in given.items()
        if amount is not None
    }
    return Leg(
        side=side,
        order_type=wanted.order_type,
        time_in_force=force_of(wanted.order_type, wanted.time_in_force),
        quantity=in_units(quantity, lot, "LOT_SIZE"),
        trailing_delta=wanted.trailing_delta or 0,
        strategy_id=wanted.strategy_id or 0,
        strategy_type=wanted.strategy_type or 0,
        **amounts,
    )


async def cancel_list(desk: Desk, call: Call, wanted: CancelList) -> CanceledList:
    """Cancel what is open of a list."""
    instrument = desk.instrument(wanted.symbol)
    trading = desk.exchange.trading
    cancel_id = wanted.new_client_order_id or desk.identifiers.fresh()
    command = OrderListCancel(
        account=call.account,
        instrument=instrument.id,
        order_list=wanted.order_list_id or 0,
        original_client_id=wanted.list_client_order_id or "",
        client_id=cancel_id,
    )
    outcome = await trading.cancel_list(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        raise Refusal(errors.canceling(outcome.code))
    view = await trading.find_order_list(call.account, outcome.result.id)
    assert view is not None, "a list just cancelled is known"
    canceled = [event for event in outcome.events if isinstance(event, OrderCanceled)]
    item = await list_item(desk, call, view)
    return CanceledList(
        **msgspec.structs.asdict(item),
        order_reports=[
            canceled_report(
                call,
                instrument,
                closed(desk, call, instrument, event.order),
                cancel_id,
                outcome.time,
            )
            for event in canceled
            if event.order in view.orders
        ],
    )


async def one_list(desk: Desk, call: Call, wanted: OneList) -> ListItem:
    """Return one order list, by number or else by client id."""
    view = await desk.exchange.trading.find_order_list(
        call.account, wanted.order_list_id or 0, wanted.orig_client_order_id or ""
    )
    if view is None:
        raise Refusal(errors.NO_SUCH_LIST)
    return await list_item(desk, call, view)


async def all_lists(desk: Desk, call: Call, wanted: AllLists) -> list[ListItem]:
    """Return order lists, open or not, oldest first."""
    check_span(wanted.start_time, wanted.end_time)
    views = await desk.exchange.trading.all_order_lists(
        call.account,
        from_list=wanted.from_id,
        start_time=wanted.start_time,
        end_time=wanted.end_time,
        limit=wanted.limit,
    )
    return [await list_item(desk, call, view) for view in views]


async def open_lists(desk: Desk, call: Call, wanted: OpenLists) -> list[ListItem]:
    """Return the order lists that have an open order, oldest first."""
    views = desk.exchange.trading.open_order_lists(call.account)
    return [await list_item(desk, call, view) for view in views]


async def list_item(desk: Desk, call: Call, view: OrderListView) -> ListItem:
    """Return an order list for a query."""
    trading = desk.exchange.trading
    symbol = next(row.symbol for row in trading.instruments() if row.id == view.instrument)
    orders = []
    for number in view.orders:
        order = await trading.find_order(view.account, view.instrument, number)
        orders.append(ListedOrder(symbol, number, order.client_id if order else ""))
    return ListItem(
        order_list_id=view.order_list,
        contingency_type=words.CONTINGENCIES[view.shape],
        list_status_type="EXEC_STARTED" if view.is_open else "ALL_DONE",
        list_order_status="EXECUTING" if view.is_open else "ALL_DONE",
        list_client_order_id=view.client_id,
        transaction_time=call.instant(view.update_time),
        symbol=symbol,
        orders=orders,
    )


_LEGS: Final = ("first", "second", "third")
_LEG_IDS: Final = ("first_client_id", "second_client_id", "third_client_id")
_STOPS: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
_PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
_REFUSES: Final = (
    PLACE_REFUSES | {errors.BOTH_LIMIT, errors.ICEBERG_FORCE} | set(errors.OCO_SIDES.values())
)

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v3/orderList/oco",
        Security.TRADE,
        1,
        NewOco,
        place_oco,
        "Place two orders of which one cancels the other",
        "orderList.place.oco",
        raises=_REFUSES,
    ),
    Endpoint(
        "POST",
        "/api/v3/orderList/oto",
        Security.TRADE,
        1,
        NewOto,
        place_oto,
        "Place an order that triggers another",
        "orderList.place.oto",
        raises=_REFUSES,
    ),
    Endpoint(
        "POST",
        "/api/v3/orderList/otoco",
        Security.TRADE,
        1,
        NewOtoco,
        place_otoco,
        "Place an order that triggers an OCO",
        "orderList.place.otoco",
        raises=_REFUSES,
    ),
    Endpoint(
        "POST",
        "/api/v3/order/oco",
        Security.TRADE,
        1,
        OldOco,
        place_old_oco,
        "Place an OCO, older form",
        "orderList.place",
        raises=_REFUSES,
    ),
    Endpoint(
        "DELETE",
        "/api/v3/orderList",
        Security.TRADE,
        1,
        CancelList,
        cancel_list,
        "Cancel an order list",
        "orderList.cancel",
        raises=errors.CANCELS,
    ),
    Endpoint(
        "GET",
        "/api/v3/orderList",
        Security.USER_DATA,
        4,
        OneList,
        one_list,
        "One order list",
        "orderList.status",
        raises=frozenset({errors.NO_SUCH_LIST}),
    ),
    Endpoint(
        "GET",
        "/api/v3/allOrderList",
        Security.USER_DATA,
        20,
        AllLists,
        all_lists,
        "Order lists, open or not",
        "allOrderLists",
        raises=BAD_SPANS,
    ),
    Endpoint(
        "GET",
        "/api/v3/openOrderList",
        Security.USER_DATA,
        6,
        OpenLists,
        open_lists,
        "Open order lists",
        "openOrderLists.status",
    ),
)
"""This file's rows of the table."""
