"""New orders, cancels, and cancel-replace: from parameters to commands to answers."""

from typing import Annotated, Any, ClassVar, Final, NoReturn

import msgspec

from flowex.messages.commands import OrderCancel, OrderCancelAll, OrderCancelReplace, OrderPlace
from flowex.messages.enums import CancelReplaceMode, OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome
from flowex.ports.trading import Instrument, OrderView
from flowex.services.gateway.amounts import units
from flowex.services.gateway.binance import authentication, errors, words
from flowex.services.gateway.binance.answers import Empty
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    Decimal8,
    OrderNumber,
    Parameters,
    SymbolText,
    bounded,
    choice,
)
from flowex.services.gateway.binance.reports import (
    Ack,
    Report,
    canceled_report,
    executed,
    placed_report,
    reported_fills,
)
from flowex.services.gateway.binance.rules import ByWord, Case, Excludes, OneOf, Rule
from flowex.services.gateway.binance.weights import IfTrue
from flowex.services.gateway.limits import Place, Verdict
from flowex.units.integers import SUPPLY_MAX

SideWord = Annotated[Side, choice(words.SIDES, errors.BAD_SIDE)]
TypeWord = Annotated[OrderType, choice(words.ORDER_TYPES, errors.BAD_TYPE)]
ForceWord = Annotated[TimeInForce, choice(words.TIMES_IN_FORCE, errors.BAD_TIF)]
SelfTradeWord = Annotated[SelfTrade, choice(words.SELF_TRADES)]
ResponseWord = Annotated[str, choice(words.RESPONSE_TYPES, errors.BAD_RESPONSE_TYPE)]
RestrictionWord = Annotated[str, choice(words.RESTRICTIONS, errors.BAD_RESTRICTIONS)]
ModeWord = Annotated[CancelReplaceMode, choice(words.CANCEL_REPLACE_MODES)]
ExceededWord = Annotated[bool, choice(words.EXCEEDED_MODES)]
StrategyNumber = Annotated[int, bounded(0, 1 << 53)]

_STRATEGY_TYPE_MIN: Final = 1_000_000

SHAPES: Final = (
    ByWord(
        "type",
        {
            "LIMIT": Case(needs=("timeInForce", "quantity", "price"), refuses=("quoteOrderQty",)),
            "LIMIT_MAKER": Case(needs=("quantity", "price"), refuses=("quoteOrderQty",)),
            "MARKET": Case(refuses=("price", "timeInForce"), one_of=("quantity", "quoteOrderQty")),
        },
    ),
    Excludes("quantity", ("quoteOrderQty",), errors.not_required("quoteOrderQty")),
)
"""What an order's type needs and does not take."""


class NewOrder(Parameters, frozen=True, kw_only=True):
    """POST order."""

    RULES: ClassVar[tuple[Rule, ...]] = SHAPES

    symbol: SymbolText
    side: SideWord
    order_type: TypeWord = msgspec.field(name="type")
    time_in_force: ForceWord | None = None
    quantity: Decimal8 | None = None
    quote_order_qty: Decimal8 | None = None
    price: Decimal8 | None = None
    new_client_order_id: ClientIdText | None = None
    stop_price: Decimal8 | None = None
    trailing_delta: OrderNumber | None = None
    iceberg_qty: Decimal8 | None = None
    new_order_resp_type: ResponseWord | None = None
    self_trade_prevention_mode: SelfTradeWord | None = None
    strategy_id: StrategyNumber | None = None
    strategy_type: StrategyNumber | None = None


class CancelOrder(Parameters, frozen=True, kw_only=True):
    """DELETE order."""

    RULES: ClassVar[tuple[Rule, ...]] = (OneOf("origClientOrderId", "orderId"),)

    symbol: SymbolText
    order_id: OrderNumber | None = None
    orig_client_order_id: ClientIdText | None = None
    new_client_order_id: ClientIdText | None = None
    cancel_restrictions: RestrictionWord | None = None


class CancelAll(Parameters, frozen=True, kw_only=True):
    """DELETE openOrders."""

    symbol: SymbolText


class CancelReplace(NewOrder, frozen=True, kw_only=True):
    """POST order/cancelReplace."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        OneOf("cancelOrigClientOrderId", "cancelOrderId"),
        *SHAPES,
    )

    cancel_replace_mode: ModeWord
    cancel_order_id: OrderNumber | None = None
    cancel_orig_client_order_id: ClientIdText | None = None
    cancel_new_client_order_id: ClientIdText | None = None
    cancel_restrictions: RestrictionWord | None = None
    cancels_when_exceeded: ExceededWord = msgspec.field(
        default=False, name="orderRateLimitExceededMode"
    )


class Replaced(msgspec.Struct, rename="camel", kw_only=True):
    """Both halves of a cancel-replace that went well."""

    cancel_result: str = "SUCCESS"
    new_order_result: str = "SUCCESS"
    cancel_response: Report
    new_order_response: Ack


async def place(desk: Desk, call: Call, wanted: NewOrder) -> Ack | Report:
    """Place an order."""
    instrument = desk.instrument(wanted.symbol)
    command = order_command(desk, call, instrument, wanted)
    return await _place(desk, call, instrument, command, wanted.new_order_resp_type)


async def _place(
    desk: Desk, call: Call, instrument: Instrument, command: OrderPlace, form: str | None
) -> Ack | Report:
    place = reserve(desk, call)
    outcome = await desk.exchange.trading.place(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        place.give_back()
        raise Refusal(errors.placing(outcome.code))
    settle(desk, call, place, instrument.id, outcome.result.id)
    return placed_answer(call, instrument, command, outcome, form)


def test(desk: Desk, call: Call, wanted: NewOrder) -> Empty:
    """Check an order as far as possible without placing it."""
    instrument = desk.instrument(wanted.symbol)
    code = desk.exchange.trading.check(order_command(desk, call, instrument, wanted))
    if code != ResultCode.OK:
        raise Refusal(errors.placing(code))
    return Empty()


async def cancel(desk: Desk, call: Call, wanted: CancelOrder) -> Report:
    """Cancel one order."""
    instrument = desk.instrument(wanted.symbol)
    if _is_restricted(
        desk,
        call,
        instrument,
        wanted.cancel_restrictions,
        wanted.order_id,
        wanted.orig_client_order_id,
    ):
        raise Refusal(errors.RESTRICTED_CANCEL)
    cancel_id = wanted.new_client_order_id or desk.identifiers.fresh()
    command = OrderCancel(
        account=call.account,
        instrument=instrument.id,
        order=wanted.order_id or 0,
        original_client_id=wanted.orig_client_order_id or "",
        client_id=cancel_id,
    )
    outcome = await desk.exchange.trading.cancel(command, call.deadline)
    if outcome.code != ResultCode.OK or outcome.result is None:
        raise Refusal(errors.canceling(outcome.code))
    view = _closed(desk, call, instrument, outcome.result.id)
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
            _closed(desk, call, instrument, event.order),
            event.client_id,
            outcome.time,
        )
        for event in outcome.events
        if isinstance(event, OrderCanceled) and event.account == call.account
    ]
    if not canceled:
        raise Refusal(errors.canceling(ResultCode.NOTHING_TO_CANCEL))
    return canceled


async def cancel_replace(desk: Desk, call: Call, wanted: CancelReplace) -> Replaced:
    """Cancel one order and place another in one step of the machine."""
    instrument = desk.instrument(wanted.symbol)
    placed = order_command(desk, call, instrument, wanted)
    if _is_restricted(
        desk,
        call,
        instrument,
        wanted.cancel_restrictions,
        wanted.cancel_order_id,
        wanted.cancel_orig_client_order_id,
    ):
        return await _replace_restricted(desk, call, instrument, wanted, placed)
    cancel_id = wanted.cancel_new_client_order_id or desk.identifiers.fresh()
    command = OrderCancelReplace(
        account=call.account,
        instrument=instrument.id,
        side=placed.side,
        order_type=placed.order_type,
        time_in_force=placed.time_in_force,
        self_trade=placed.self_trade,
        price=placed.price,
        quantity=placed.quantity,
        quote_amount=placed.quote_amount,
        client_id=placed.client_id,
        mode=wanted.cancel_replace_mode,
        cancel_order=wanted.cancel_order_id or 0,
        original_client_id=wanted.cancel_orig_client_order_id or "",
        cancel_client_id=cancel_id,
    )
    try:
        place = reserve(desk, call)
    except Refusal as refusal:
        if not wanted.cancels_when_exceeded:
            raise
        return await _cancel_only(desk, call, wanted, cancel_id, refusal)
    outcome = await desk.exchange.trading.cancel_replace(command, call.deadline)
    if outcome.result is None:
        place.give_back()
        raise Refusal(errors.placing(outcome.code))
    if outcome.code == ResultCode.OK:
        settle(desk, call, place, instrument.id, outcome.result.id)
    else:
        place.give_back()
    return _cancel_replace_answer(desk, call, instrument, wanted, placed, cancel_id, outcome)


async def _cancel_only(
    desk: Desk, call: Call, wanted: CancelReplace, cancel_id: str, exceeded: Refusal
) -> NoReturn:
    """Answer a cancel-replace of an account that has used up its orders: the cancel alone."""
    alone = CancelOrder(
        symbol=wanted.symbol,
        order_id=wanted.cancel_order_id,
        orig_client_order_id=wanted.cancel_orig_client_order_id,
        new_client_order_id=cancel_id,
    )
    answer: dict[str, Any] = {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE"}
    try:
        answer["cancelResponse"] = await cancel(desk, call, alone)
    except Refusal as refusal:
        answer["cancelResult"] = "FAILURE"
        answer["cancelResponse"] = _content(refusal.fault)
    answer["newOrderResponse"] = _content(exceeded.fault)
    worked = answer["cancelResult"] == "SUCCESS"
    raise Refusal(errors.PARTIALLY_FAILED if worked else errors.FAILED, answer)


async def _replace_restricted(
    desk: Desk, call: Call, instrument: Instrument, wanted: CancelReplace, placed: OrderPlace
) -> NoReturn:
    """Answer a cancel-replace whose cancel the client's own restriction forbids."""
    answer: dict[str, Any] = {
        "cancelResult": "FAILURE",
        "newOrderResult": "NOT_ATTEMPTED",
        "cancelResponse": _content(errors.RESTRICTED_CANCEL),
        "newOrderResponse": None,
    }
    if wanted.cancel_replace_mode == CancelReplaceMode.STOP_ON_FAILURE:
        raise Refusal(errors.FAILED, answer)
    try:
        response = await _place(desk, call, instrument, placed, wanted.new_order_resp_type)
    except Refusal as refusal:
        answer |= {"newOrderResult": "FAILURE", "newOrderResponse": _content(refusal.fault)}
        raise Refusal(errors.FAILED, answer) from None
    answer |= {"newOrderResult": "SUCCESS", "newOrderResponse": response}
    raise Refusal(errors.PARTIALLY_FAILED, answer)


def _cancel_replace_answer(
    desk: Desk,
    call: Call,
    instrument: Instrument,
    wanted: CancelReplace,
    placed: OrderPlace,
    cancel_id: str,
    outcome: Outcome,
) -> Replaced:
    """Return both halves' answers; unless both went well they are the data of a refusal."""
    result = outcome.result
    assert result is not None
    canceled = ResultCode(result.detail)
    answer: dict[str, Any] = {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"}
    if canceled == ResultCode.OK:
        event = next(e for e in outcome.events if isinstance(e, OrderCanceled))
        view = _closed(desk, call, instrument, event.order)
        report = canceled_report(call, instrument, view, cancel_id, outcome.time)
        answer["cancelResponse"] = report
    else:
        answer["cancelResult"] = "FAILURE"
        answer["cancelResponse"] = _content(errors.canceling(canceled))
    if outcome.code == ResultCode.OK:
        answer["newOrderResponse"] = placed_answer(
            call, instrument, placed, outcome, wanted.new_order_resp_type
        )
    elif outcome.code == ResultCode.CANCEL_FAILED:
        answer["newOrderResult"], answer["newOrderResponse"] = "NOT_ATTEMPTED", None
    else:
        answer["newOrderResult"] = "FAILURE"
        answer["newOrderResponse"] = _content(errors.placing(outcome.code))
    worked = (canceled == ResultCode.OK, outcome.code == ResultCode.OK)
    if all(worked):
        return Replaced(
            cancel_response=answer["cancelResponse"],
            new_order_response=answer["newOrderResponse"],
        )
    raise Refusal(errors.PARTIALLY_FAILED if any(worked) else errors.FAILED, answer)


def _content(fault: errors.Fault) -> dict[str, object]:
    return {"code": fault.code, "msg": fault.text}


def placed_answer(
    call: Call,
    instrument: Instrument,
    command: OrderPlace,
    outcome: Outcome,
    wanted: str | None,
) -> Ack | Report:
    """Return the answer of the wanted form; LIMIT and MARKET orders tell everything by default."""
    result = outcome.result
    assert result is not None
    form = wanted or ("ACK" if command.order_type == OrderType.LIMIT_MAKER else "FULL")
    instant = call.instant(outcome.time)
    if form == "ACK":
        return Ack(
            symbol=instrument.symbol,
            order_id=result.id,
            client_order_id=command.client_id,
            transact_time=instant,
        )
    execution = executed(outcome.events, result.id, command.quantity)
    report = placed_report(instrument, command, result.id, execution, instant)
    if form == "FULL":
        report.fills = reported_fills(instrument, command.side, execution.trades)
    return report


def order_command(desk: Desk, call: Call, instrument: Instrument, wanted: NewOrder) -> OrderPlace:
    """Return the command for an order; what its type needs or forbids is checked here."""
    check_shape(wanted)
    price = quantity = quote_amount = 0
    if wanted.price is not None:
        price = in_units(wanted.price, instrument.price_decimals, "PRICE_FILTER")
    if wanted.quantity is not None:
        quantity = in_units(wanted.quantity, instrument.quantity_decimals, "LOT_SIZE")
    if wanted.quote_order_qty is not None:
        quote_amount = in_units(wanted.quote_order_qty, instrument.quote.decimals, "NOTIONAL")
    if wanted.order_type == OrderType.MARKET:
        force = TimeInForce.IOC
    else:
        force = wanted.time_in_force or TimeInForce.GTC
    mode = wanted.self_trade_prevention_mode
    return OrderPlace(
        account=call.account,
        instrument=instrument.id,
        side=wanted.side,
        order_type=wanted.order_type,
        time_in_force=force,
        self_trade=words.DEFAULT_SELF_TRADE if mode is None else mode,
        price=price,
        quantity=quantity,
        quote_amount=quote_amount,
        client_id=wanted.new_client_order_id or desk.identifiers.fresh(),
    )


def check_shape(wanted: NewOrder) -> None:
    """Raise Refusal -1106, -1114, -1134 for what ``SHAPES`` cannot say."""
    if (wanted.stop_price, wanted.trailing_delta, wanted.iceberg_qty) != (None, None, None):
        _forbid(
            ("stopPrice", wanted.stop_price),
            ("trailingDelta", wanted.trailing_delta),
            ("icebergQty", wanted.iceberg_qty),
        )
    if wanted.strategy_type is not None and wanted.strategy_type < _STRATEGY_TYPE_MIN:
        raise Refusal(errors.BAD_STRATEGY_TYPE)
    if wanted.order_type == OrderType.LIMIT_MAKER and wanted.time_in_force not in (
        None,
        TimeInForce.GTC,
    ):
        raise Refusal(errors.TIF_NOT_REQUIRED)


def _forbid(*parameters: tuple[str, int | None]) -> None:
    for name, value in parameters:
        if value is not None:
            raise Refusal(errors.not_required(name))


def in_units(amount_e8: int, decimals: int, filter_name: str) -> int:
    """Return an amount in an instrument's units; what it cannot be there fails its filter."""
    value = units(amount_e8, decimals)
    if value is None or not 0 < value <= SUPPLY_MAX:
        raise Refusal(errors.filter_failure(filter_name))
    return value


def reserve(desk: Desk, call: Call, orders: int = 1) -> Place:
    """Count more orders of the account. Raises Refusal -1015 above its share."""
    place = desk.limits.reserve(call.account, call.now, orders)
    if isinstance(place, Verdict):
        raise authentication.over_orders(place)
    return place


def settle(desk: Desk, call: Call, place: Place, instrument: int, order: int) -> None:
    """Let an order that was placed keep its place until it trades; it may have done so at once."""
    call.order_count = place.counts
    view = desk.exchange.trading.order(call.account, instrument, order)
    if view is not None and view.filled:
        place.give_back()
    elif view is not None and view.is_open:
        desk.limits.rests(order, place)


def _is_restricted(
    desk: Desk,
    call: Call,
    instrument: Instrument,
    wanted_status: str | None,
    order: int | None,
    client_id: str | None,
) -> bool:
    """Whether the order's status is not the one the client wants it to have when cancelled."""
    if wanted_status is None:
        return False
    trading = desk.exchange.trading
    if order is not None:
        view = trading.order(call.account, instrument.id, order)
    else:
        view = trading.order_by_client_id(call.account, instrument.id, client_id or "")
    return view is not None and view.is_open and view.status.value != wanted_status


def _closed(desk: Desk, call: Call, instrument: Instrument, order: int) -> OrderView:
    view = desk.exchange.trading.order(call.account, instrument.id, order)
    assert view is not None, "an order just closed is in the read model"
    return view


SHAPE_REFUSES: Final = frozenset(
    {
        *(errors.not_required(name) for name in ("stopPrice", "trailingDelta", "icebergQty")),
        errors.BAD_STRATEGY_TYPE,
        errors.TIF_NOT_REQUIRED,
    }
)
"""What `check_shape` refuses."""
PLACE_REFUSES: Final = SHAPE_REFUSES | errors.PLACES | {errors.too_many_orders(100, "10 SECOND")}
"""What placing an order refuses."""

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v3/order",
        Security.TRADE,
        1,
        NewOrder,
        place,
        "Place an order",
        "order.place",
        raises=PLACE_REFUSES,
    ),
    Endpoint(
        "POST",
        "/api/v3/order/test",
        Security.TRADE,
        IfTrue("computeCommissionRates", 20, 1),
        NewOrder,
        test,
        "Check an order",
        "order.test",
        raises=SHAPE_REFUSES | errors.PLACES,
    ),
    Endpoint(
        "DELETE",
        "/api/v3/order",
        Security.TRADE,
        1,
        CancelOrder,
        cancel,
        "Cancel an order",
        "order.cancel",
        raises=errors.CANCELS | {errors.RESTRICTED_CANCEL},
    ),
    Endpoint(
        "POST",
        "/api/v3/order/cancelReplace",
        Security.TRADE,
        1,
        CancelReplace,
        cancel_replace,
        "Cancel an order and place another",
        "order.cancelReplace",
        raises=PLACE_REFUSES | {errors.PARTIALLY_FAILED, errors.FAILED},
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
