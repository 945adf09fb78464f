"""Order lists: OCO, OTO, OTOCO and the older OCO; placed and cancelled."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import msgspec

from flowex.messages.commands import Leg, OrderListCancel, OrderListPlace
from flowex.messages.enums import ListShape, OrderType, Side, TimeInForce
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode
from flowex.ports.trading import Instrument
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.cancels import closed
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.list_answers import (
    CanceledList,
    PlacedList,
    list_item,
    placed_list,
)
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
    WantedLeg,
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
    OrderNumber,
    Parameters,
    SymbolText,
)
from flowex.services.gateway.binance.reports import canceled_report
from flowex.services.gateway.binance.rules import OneOf, Rule

_LEGS: Final = ("first", "second", "third")
_STOPS: Final = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
_PROFITS: Final = (OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
_REFUSES: Final = (
    PLACE_REFUSES | {errors.BOTH_LIMIT, errors.ICEBERG_FORCE} | set(errors.OCO_SIDES.values())
)


class CancelList(Parameters, frozen=True, kw_only=True):
    """DELETE orderList."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("orderListId", "listClientOrderId"),)

    symbol: SymbolText
    order_list_id: OrderNumber | None = None
    list_client_order_id: ClientIdText | None = None
    new_client_order_id: ClientIdText | None = None


# The parameters of a new list are put together at run time (see ``list_parameters``), so their
# fields are known by name only: hence Any.


async def place_oco(desk: Desk, call: Call, wanted: Any) -> PlacedList:
    """Place an OCO."""
    side, quantity = wanted.side, wanted.quantity
    pair = (ABOVE.read(wanted, side, quantity), BELOW.read(wanted, side, quantity))
    return await _place(desk, call, ListShape.OCO, pair, wanted)


async def place_old_oco(desk: Desk, call: Call, wanted: OldOco) -> PlacedList:
    """Place an OCO in the older form."""
    return await _place(desk, call, ListShape.OCO, wanted.legs(), wanted)


async def place_oto(desk: Desk, call: Call, wanted: Any) -> PlacedList:
    """Place an order, and another one for when it is filled."""
    legs = (
        WORKING.read(wanted, wanted.working_side, wanted.working_quantity),
        PENDING.read(wanted, wanted.pending_side, wanted.pending_quantity),
    )
    return await _place(desk, call, ListShape.OTO, legs, wanted)


async def place_otoco(desk: Desk, call: Call, wanted: Any) -> PlacedList:
    """Place an order, and an OCO for when it is filled."""
    side, quantity = wanted.pending_side, wanted.pending_quantity
    legs = (
        WORKING.read(wanted, wanted.working_side, wanted.working_quantity),
        PENDING_ABOVE.read(wanted, side, quantity),
        PENDING_BELOW.read(wanted, side, quantity),
    )
    return await _place(desk, call, ListShape.OTOCO, legs, wanted)


async def _place(
    desk: Desk, call: Call, shape: ListShape, legs: Sequence[WantedLeg], wanted: Any
) -> PlacedList:
    instrument = desk.instrument(wanted.symbol)
    if shape != ListShape.OTO:
        check_pair(*legs[-2:])
    command = _command(desk, call, instrument, shape, legs, wanted)
    place = reserve(desk, call, len(legs))
    outcome = await desk.exchange.trading.place_list(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        place.give_back(len(legs))
        raise Refusal(errors.placing(outcome.code))
    answer = placed_list(call, instrument, command, outcome, wanted.new_order_resp_type)
    for order in answer.orders:
        settle(desk, call, place, instrument.id, order.order_id)
    return answer


def _command(
    desk: Desk,
    call: Call,
    instrument: Instrument,
    shape: ListShape,
    legs: Sequence[WantedLeg],
    wanted: Any,
) -> OrderListPlace:
    mode = wanted.self_trade_prevention_mode
    named: dict[str, Any] = {}
    for name, leg in zip(_LEGS, legs, strict=False):
        named[name] = _leg(instrument, leg)
        named[f"{name}_client_id"] = leg.client_id or desk.identifiers.fresh()
    return OrderListPlace(
        account=call.account,
        instrument=instrument.id,
        shape=shape,
        self_trade=words.DEFAULT_SELF_TRADE if mode is None else mode,
        client_id=wanted.list_client_order_id or desk.identifiers.fresh(),
        **named,
    )


def check_pair(above: WantedLeg, below: WantedLeg) -> None:
    """Raise Refusal for two types that make no OCO: one takes a profit, the other stops a loss."""
    sells = above.side == Side.SELL
    word, pair = ("sell", (above, below)) if sells else ("buy", (below, above))
    profit, stop = (leg.order_type for leg in pair)
    if profit == OrderType.LIMIT_MAKER and stop == OrderType.LIMIT_MAKER:
        raise Refusal(errors.BOTH_LIMIT)
    if stop == OrderType.LIMIT_MAKER:
        raise Refusal(errors.OCO_SIDES[word, "limit"])
    if profit in _STOPS:
        raise Refusal(errors.OCO_SIDES[word, "stop loss"])
    if stop in _PROFITS:
        raise Refusal(errors.OCO_SIDES[word, "take profit"])


def _leg(instrument: Instrument, wanted: WantedLeg) -> Leg:
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
        side=wanted.side,
        order_type=wanted.order_type,
        time_in_force=force_of(wanted.order_type, wanted.time_in_force),
        quantity=in_units(wanted.quantity, lot, "LOT_SIZE"),
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
)
"""This file's rows of the table."""
