"""Cancel-replace: one order out, another in, in one step of the machine."""

from typing import Annotated, Any, ClassVar, Final, NoReturn

import msgspec

from flowex.messages.commands import OrderCancelReplace, OrderPlace
from flowex.messages.enums import CancelReplaceMode, CancelRestriction
from flowex.messages.events import OrderCanceled
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome
from flowex.ports.trading import Instrument, OrderView
from flowex.services.gateway.binance import errors, words
from flowex.services.gateway.binance.cancels import CancelOrder, RestrictionWord, cancel, closed
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.orders import (
    PLACE_REFUSES,
    SHAPES,
    NewOrder,
    order_command,
    placed_answer,
    reserve,
    settle,
)
from flowex.services.gateway.binance.parameters import ClientIdText, OrderNumber, choice
from flowex.services.gateway.binance.reports import Ack, Report, canceled_report
from flowex.services.gateway.binance.rules import OneOf, Rule

ModeWord = Annotated[CancelReplaceMode, choice(words.CANCEL_REPLACE_MODES)]
ExceededWord = Annotated[bool, choice(words.EXCEEDED_MODES)]


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
    cancel_restrictions: RestrictionWord = CancelRestriction.NONE
    cancels_when_exceeded: ExceededWord = msgspec.field(
        default=False, name="orderRateLimitExceededMode"
    )


class Replaced(msgspec.Struct, rename="camel", kw_only=True):
    """Both halves of a cancel-replace that went well."""

    cancel_result: str = "SUCCESS"
    new_order_result: str = "SUCCESS"
    cancel_response: Report
    new_order_response: Ack


async def cancel_replace(desk: Desk, call: Call, wanted: CancelReplace) -> Replaced:
    """Cancel one order and place another in one step of the machine."""
    instrument = desk.instrument(wanted.symbol)
    placed = order_command(desk, call, instrument, wanted)
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
        restriction=wanted.cancel_restrictions,
        conditions=placed.conditions,
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
        cancel_restrictions=wanted.cancel_restrictions,
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
        view = _canceled(desk, call, instrument, wanted, outcome)
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


def _canceled(
    desk: Desk, call: Call, instrument: Instrument, wanted: CancelReplace, outcome: Outcome
) -> OrderView:
    """Return the order that was to be cancelled; the others of its list went with it."""
    views = (
        closed(desk, call, instrument, event.order)
        for event in outcome.events
        if isinstance(event, OrderCanceled)
    )
    number, client_id = wanted.cancel_order_id, wanted.cancel_orig_client_order_id
    return next(
        view for view in views if (view.order == number if number else view.client_id == client_id)
    )


def _content(fault: errors.Fault) -> dict[str, object]:
    return {"code": fault.code, "msg": fault.text}


ENDPOINTS: Final = (
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
)
"""This file's rows of the table."""
