"""New orders: from parameters to commands to answers."""

from typing import Annotated, ClassVar, Final

import msgspec

from flowex.messages.commands import Conditions, OrderPlace
from flowex.messages.enums import OrderType, SelfTrade, Side, TimeInForce
from flowex.messages.results import ResultCode
from flowex.ports.sequencer import Outcome
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import RATE_DECIMALS, ZERO, padded, units
from flowex.services.gateway.binance import authentication, errors, words
from flowex.services.gateway.binance.answers import Discount, Empty, OrderRates
from flowex.services.gateway.binance.endpoint import Call, Desk, Endpoint, Security
from flowex.services.gateway.binance.errors import Refusal
from flowex.services.gateway.binance.parameters import (
    ClientIdText,
    Decimal8,
    Flag,
    Parameters,
    SymbolText,
    bounded,
    choice,
)
from flowex.services.gateway.binance.reports import (
    Ack,
    Report,
    executed,
    placed_report,
    reported_fills,
)
from flowex.services.gateway.binance.rules import ByWord, Case, Excludes, Rule
from flowex.services.gateway.binance.weights import IfTrue
from flowex.services.gateway.limits import Place, Verdict
from flowex.units.integers import SUPPLY_MAX

SideWord = Annotated[Side, choice(words.SIDES, errors.BAD_SIDE)]
TypeWord = Annotated[OrderType, choice(words.ORDER_TYPES, errors.BAD_TYPE)]
ForceWord = Annotated[TimeInForce, choice(words.TIMES_IN_FORCE, errors.BAD_TIF)]
SelfTradeWord = Annotated[SelfTrade, choice(words.SELF_TRADES)]
ResponseWord = Annotated[str, choice(words.RESPONSE_TYPES, errors.BAD_RESPONSE_TYPE)]
StrategyNumber = Annotated[int, bounded(0, 1 << 53)]
StrategyType = Annotated[int, bounded(0, (1 << 31) - 1)]
TrailingDelta = Annotated[int, bounded(1, (1 << 31) - 1)]

_TELL_ALL: Final = (OrderType.LIMIT, OrderType.MARKET)
STRATEGY_TYPE_MIN: Final = 1_000_000
_NO_CONDITIONS: Final = (None, None, None, None, None)

_ALONE: Final = ("quoteOrderQty", "stopPrice", "trailingDelta")
_PRICED: Final = ("price", "quoteOrderQty", "timeInForce", "icebergQty")
_TRIGGER: Final = ("stopPrice", "trailingDelta")
_WAITS: Final = Case(needs=("quantity",), refuses=_PRICED, one_of=_TRIGGER)
_WAITS_LIMIT: Final = Case(
    needs=("timeInForce", "quantity", "price"), refuses=("quoteOrderQty",), one_of=_TRIGGER
)
SHAPES: Final = (
    ByWord(
        "type",
        {
            "LIMIT": Case(needs=("timeInForce", "quantity", "price"), refuses=_ALONE),
            "LIMIT_MAKER": Case(needs=("quantity", "price"), refuses=_ALONE),
            "MARKET": Case(
                refuses=("price", "timeInForce", "stopPrice", "trailingDelta", "icebergQty"),
                one_of=("quantity", "quoteOrderQty"),
            ),
            "STOP_LOSS": _WAITS,
            "STOP_LOSS_LIMIT": _WAITS_LIMIT,
            "TAKE_PROFIT": _WAITS,
            "TAKE_PROFIT_LIMIT": _WAITS_LIMIT,
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
    trailing_delta: TrailingDelta | None = None
    iceberg_qty: Decimal8 | None = None
    new_order_resp_type: ResponseWord | None = None
    self_trade_prevention_mode: SelfTradeWord | None = None
    strategy_id: StrategyNumber | None = None
    strategy_type: StrategyType | None = None


class TestOrder(NewOrder, frozen=True, kw_only=True):
    """POST order/test."""

    compute_commission_rates: Flag = False


class OrderCommission(msgspec.Struct, rename="camel"):
    """The rates that would hold for an order."""

    standard_commission_for_order: OrderRates
    special_commission_for_order: OrderRates
    tax_commission_for_order: OrderRates
    discount: Discount


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


def test(desk: Desk, call: Call, wanted: TestOrder) -> Empty | OrderCommission:
    """Check an order as far as possible without placing it; tell what it would cost if asked."""
    instrument = desk.instrument(wanted.symbol)
    code = desk.exchange.trading.check(order_command(desk, call, instrument, wanted))
    if code != ResultCode.OK:
        raise Refusal(errors.placing(code))
    if not wanted.compute_commission_rates:
        return Empty()
    maker, taker = (
        padded(rate, RATE_DECIMALS)
        for rate in desk.exchange.trading.rates(call.account, instrument)
    )
    none = OrderRates(ZERO, ZERO)
    return OrderCommission(OrderRates(maker, taker), none, none, Discount())


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
    form = wanted or ("FULL" if command.order_type in _TELL_ALL else "ACK")
    instant = call.instant(outcome.time)
    if form == "ACK":
        return Ack(
            symbol=instrument.symbol,
            order_id=result.id,
            client_order_id=command.client_id,
            transact_time=instant,
        )
    waits = command.order_type in words.ALGOS
    execution = executed(outcome.events, result.id, command.quantity, is_working=not waits)
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
    mode = wanted.self_trade_prevention_mode
    return OrderPlace(
        account=call.account,
        instrument=instrument.id,
        side=wanted.side,
        order_type=wanted.order_type,
        time_in_force=force_of(wanted.order_type, wanted.time_in_force),
        self_trade=words.DEFAULT_SELF_TRADE if mode is None else mode,
        price=price,
        quantity=quantity,
        quote_amount=quote_amount,
        client_id=wanted.new_client_order_id or desk.identifiers.fresh(),
        conditions=_conditions(instrument, wanted),
    )


def force_of(order_type: OrderType, wanted: TimeInForce | None) -> TimeInForce:
    """Return the machine's time in force; an order without a price never rests."""
    if order_type in words.MARKETS:
        return TimeInForce.IOC
    return wanted or TimeInForce.GTC


def _conditions(instrument: Instrument, wanted: NewOrder) -> Conditions | None:
    given = (
        wanted.stop_price,
        wanted.trailing_delta,
        wanted.iceberg_qty,
        wanted.strategy_id,
        wanted.strategy_type,
    )
    if given == _NO_CONDITIONS:
        return None
    stop, delta, shown, strategy_id, strategy_type = given
    return Conditions(
        stop_price=0 if stop is None else in_units(stop, instrument.price_decimals, "PRICE_FILTER"),
        trailing_delta=delta or 0,
        display_quantity=in_units(shown, instrument.quantity_decimals, "LOT_SIZE") if shown else 0,
        strategy_id=strategy_id or 0,
        strategy_type=strategy_type or 0,
    )


def check_shape(wanted: NewOrder) -> None:
    """Raise Refusal -1014, -1114, -1134 for what ``SHAPES`` cannot say."""
    if wanted.strategy_type is not None and wanted.strategy_type < STRATEGY_TYPE_MIN:
        raise Refusal(errors.BAD_STRATEGY_TYPE)
    if wanted.order_type == OrderType.LIMIT_MAKER and wanted.time_in_force not in (
        None,
        TimeInForce.GTC,
    ):
        raise Refusal(errors.TIF_NOT_REQUIRED)
    if wanted.iceberg_qty and wanted.time_in_force not in (None, TimeInForce.GTC):
        raise Refusal(errors.UNSUPPORTED_COMBINATION)


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


SHAPE_REFUSES: Final = frozenset(
    {
        errors.BAD_STRATEGY_TYPE,
        errors.TIF_NOT_REQUIRED,
        errors.UNSUPPORTED_COMBINATION,
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
        TestOrder,
        test,
        "Check an order",
        "order.test",
        raises=SHAPE_REFUSES | errors.PLACES,
    ),
)
"""This file's rows of the table."""
